/** What the program found or made in a step: kept in the log, and told to the people in the room. */
import { z } from 'zod';
import { base64Schema, instantSchema, sha256HexSchema } from '../encoding';
import { ckaName } from '../hsm';
import type { Lang } from '../i18n';
import { resultTexts as texts } from '../i18n/messages/ceremony';
import { KEY_ALGORITHMS, sha256Hex } from '../signer';
import { wordLines } from './words';

const told = z.string().max(500);

export const softwareResultSchema = z.strictObject({
  kind: z.literal('software'),
  name: told,
  version: told,
  files: z.int().min(1),
  filesSha256: sha256HexSchema,
  module: z.strictObject({ path: told, sha256: sha256HexSchema }),
});

export const deviceResultSchema = z.strictObject({
  kind: z.literal('device'),
  label: told,
  serial: told,
  manufacturer: told,
  model: told,
  firmware: told,
  hardware: told,
  /** CK_TOKEN_INFO flags by name. */
  flags: z.record(z.string().max(60), z.boolean()),
  software: z.boolean(),
  certified: z.strictObject({ scheme: told, number: told }).nullable(),
});

/** What the ceremony keeps of a device report; the report itself lies beside the record. */
export const probeResultSchema = z.strictObject({
  kind: z.literal('probe'),
  token: told,
  serial: told,
  report: z.strictObject({ file: told, sha256: sha256HexSchema }),
  moduleSha256: sha256HexSchema,
  startedAt: instantSchema,
  endedAt: instantSchema,
  verdict: z.enum(['pass', 'fail']),
  /** How many were made. */
  checks: z.int().min(1),
  /** Which failed, with the key type or mechanism where there are several. */
  failed: z.array(told).max(500),
  warnings: z.array(told).max(500),
});

export const attributesResultSchema = z.strictObject({
  kind: z.literal('attributes'),
  role: told,
  /** CKA_ID. */
  id: z.string().regex(/^([0-9a-f]{2}){0,128}$/),
  algorithm: z.enum(KEY_ALGORITHMS),
  /** Null where the token does not tell. */
  attributes: z.record(z.string().max(60), z.boolean().nullable()),
});

export const generateResultSchema = z.strictObject({
  kind: z.literal('generate'),
  role: told,
  label: told,
  token: told,
  tokenSerial: told,
  /** DER SubjectPublicKeyInfo. */
  spki: base64Schema.max(2000),
});

export const certificateResultSchema = z.strictObject({
  kind: z.literal('certificate'),
  subject: told,
  sha256: sha256HexSchema,
});

/** What a node works with while its next CA key is made. */
export const inUseResultSchema = z.strictObject({
  kind: z.literal('in-use'),
  epoch: z.int().min(1).max(0x7f),
  /** Of the CA key. */
  spkiSha256: sha256HexSchema,
  /** The journal key, DER SubjectPublicKeyInfo: it signs the record beside the new key. */
  journalSpki: base64Schema.max(2000),
  /** The next CA key before, which was lost before it was used. */
  replaces: z.strictObject({ epoch: z.int().min(2).max(0x7e), spkiSha256: sha256HexSchema }).exactOptional(),
});

export const resultSchema = z.discriminatedUnion('kind', [
  softwareResultSchema,
  deviceResultSchema,
  z.strictObject({ kind: z.literal('custodians') }),
  probeResultSchema,
  z.strictObject({
    kind: z.literal('absence'),
    keys: z.array(z.strictObject({ label: told, token: told })).max(10),
  }),
  generateResultSchema,
  attributesResultSchema,
  z.strictObject({ kind: z.literal('public-key'), role: told, spkiSha256: sha256HexSchema }),
  certificateResultSchema,
  inUseResultSchema,
]);

export type Result = z.infer<typeof resultSchema>;
export type ResultOf<K extends Result['kind']> = Extract<Result, { kind: K }>;

/** The result for the people in the room. */
export function resultLines(result: Result, lang: Lang): readonly string[] {
  switch (result.kind) {
    case 'software': {
      const { name, version, files, filesSha256, module } = result;
      return [
        texts.software[lang]({ name, version, files, sha256: filesSha256 }),
        texts.module[lang](module),
      ];
    }
    case 'device':
      return deviceLines(result, lang);
    case 'custodians':
      return [];
    case 'probe':
      return probeLines(result, lang);
    case 'absence':
      return result.keys.map((key) => texts.absent[lang](key));
    case 'generate': {
      const { label, token, tokenSerial, spki } = result;
      return [
        texts.generated[lang]({ label, token, serial: tokenSerial }),
        sha256Hex(Buffer.from(spki, 'base64')),
      ];
    }
    case 'attributes': {
      const { id, algorithm, attributes } = result;
      return [
        texts.keyId[lang]({ id, algorithm }),
        ...Object.entries(attributes).map(([name, value]) => `${ckaName(name)} = ${String(value ?? '?')}`),
      ];
    }
    case 'public-key': {
      const { role, spkiSha256 } = result;
      return [texts.publicKey[lang]({ role }), spkiSha256, ...wordLines(spkiSha256, lang)];
    }
    case 'in-use': {
      const { epoch, spkiSha256, journalSpki, replaces } = result;
      return [
        ...(replaces ? [texts.replaces[lang](replaces), replaces.spkiSha256] : []),
        texts.inUse[lang]({ epoch }),
        spkiSha256,
        texts.publicKey[lang]({ role: 'journal' }),
        sha256Hex(Buffer.from(journalSpki, 'base64')),
      ];
    }
    case 'certificate': {
      const { subject, sha256 } = result;
      return [texts.certificate[lang]({ subject }), sha256, ...wordLines(sha256, lang)];
    }
  }
}

function probeLines(probe: ResultOf<'probe'>, lang: Lang): readonly string[] {
  const { verdict, checks, failed, warnings, report } = probe;
  return [
    texts[verdict === 'pass' ? 'deviceFit' : 'deviceUnfit'][lang]({ checks, failed: failed.join(', ') }),
    ...(warnings.length === 0 ? [] : [texts.deviceWarnings[lang]({ warnings: warnings.join(', ') })]),
    texts.deviceReport[lang]({ file: report.file }),
    report.sha256,
  ];
}

function deviceLines(device: ResultOf<'device'>, lang: Lang): readonly string[] {
  const flags = Object.keys(device.flags).filter((name) => device.flags[name] === true);
  const lines = [texts.device[lang](device), texts.flags[lang]({ flags: flags.join(', ') || '—' })];
  if (device.certified !== null) return [...lines, texts.certified[lang](device.certified)];
  return [...lines, texts[device.software ? 'softwareToken' : 'notCertified'][lang]({})];
}
