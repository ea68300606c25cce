/** The record of a ceremony: all that an auditor must know of it, taken from the script and the log alone. */
import { z } from 'zod';
import { instantSchema, sha256HexSchema } from '../encoding';
import { payloadTypeOf } from '../envelope';
import { sha256Hex } from '../signer';
import type { CeremonyLog, LineOf } from './log';
import { planSchema, type Plan, type PlannedKey } from './plan';
import {
  attributesResultSchema,
  certificateResultSchema,
  deviceResultSchema,
  generateResultSchema,
  inUseResultSchema,
  probeResultSchema,
  softwareResultSchema,
} from './results';
import type { PinnedScript } from './script';
import { isWalked } from './steps';
import { wordsOf } from './words';

export const RECORD_PAYLOAD_TYPE = payloadTypeOf('ceremony');
/** Another type: what is signed is never the same bytes as a real record's. */
export const REHEARSAL_PAYLOAD_TYPE = payloadTypeOf('ceremony-rehearsal');

const step = z.int().min(1).max(1000);
const words = z.array(z.string().min(1).max(30)).length(32);

const keySchema = z.strictObject({
  role: z.string().max(20),
  label: z.string().max(64),
  token: z.string().max(32),
  tokenSerial: z.string().max(64),
  algorithm: attributesResultSchema.shape.algorithm,
  /** CKA_ID. */
  id: attributesResultSchema.shape.id,
  attributes: attributesResultSchema.shape.attributes,
  spki: generateResultSchema.shape.spki,
  spkiSha256: sha256HexSchema,
  words: z.strictObject({ vi: words, en: words }),
});

export const recordSchema = z.strictObject({
  version: z.literal(1),
  rehearsal: z.boolean(),
  script: z.strictObject({ sha256: sha256HexSchema }),
  plan: planSchema,
  software: softwareResultSchema,
  devices: z.array(deviceResultSchema).max(10),
  /** Of each device, where the plan has them probed. */
  deviceReports: z.array(probeResultSchema).max(10),
  custodians: z
    .array(
      z.strictObject({
        id: z.string().max(20),
        token: z
          .strictObject({
            label: z.string().max(32),
            serial: z.string().max(64),
            manufacturer: z.string().max(64),
            model: z.string().max(64),
          })
          .nullable(),
        /** Each time. */
        authenticated: z.array(instantSchema).min(1).max(1000),
      }),
    )
    .max(24),
  keys: z.array(keySchema).max(5),
  /** What the node works with, if this is its next CA key. */
  inUse: inUseResultSchema.exactOptional(),
  certificate: certificateResultSchema.nullable(),
  startedAt: instantSchema,
  endedAt: instantSchema,
  steps: z.array(z.strictObject({ step, startedAt: instantSchema, doneAt: instantSchema })).max(1000),
  deviations: z
    .array(z.strictObject({ step, time: instantSchema, text: z.string().min(1).max(2000) }))
    .max(1000),
  failures: z
    .array(
      z.strictObject({
        step,
        time: instantSchema,
        code: z.string().max(60),
        person: z.string().max(20).nullable(),
      }),
    )
    .max(5000),
  /** When it was gone on with. */
  resumedAt: z.array(instantSchema).max(5000),
  log: z.strictObject({ lines: z.int().min(1), sha256: sha256HexSchema }),
});

export type CeremonyRecord = z.infer<typeof recordSchema>;
export type RecordedKey = CeremonyRecord['keys'][number];

/**
 * The record of a ceremony whose every step is done and whose end is logged (`sealing`): the same script and log give
 * the same bytes, however often it is written.
 */
export function recordOf({ script, sha256 }: PinnedScript, log: CeremonyLog): CeremonyRecord {
  const { plan, rehearsal, steps } = script;
  const end = only(log.of('sealing'), 'end');
  const until = <T extends { readonly number: number }>(lines: readonly T[]): readonly T[] =>
    lines.filter(({ number }) => number <= end.number);
  const [software] = log.results('software');
  const [inUse] = log.results('in-use');
  if (software === undefined) throw new Error('the software was not looked at');
  return {
    version: 1,
    rehearsal,
    script: { sha256 },
    plan,
    software,
    devices: [...log.results('device')],
    deviceReports: [...log.results('probe')],
    custodians: custodiansIn(plan, until(log.of('authenticated'))),
    keys: plan.keys.map((key) => recordedKey(key, log)),
    ...(inUse !== undefined && { inUse }),
    certificate: log.results('certificate')[0] ?? null,
    startedAt: only(log.of('begun'), 'beginning').time,
    endedAt: end.time,
    steps: steps.filter(isWalked).map(({ number }) => ({
      step: number,
      startedAt: only(
        log.of('started').filter(({ event }) => event.step === number),
        'start of a step',
      ).time,
      doneAt: only(
        log.of('done').filter(({ event }) => event.step === number),
        'end of a step',
      ).time,
    })),
    deviations: until(log.of('deviation')).map(({ time, event }) => ({
      step: event.step,
      time,
      text: event.text,
    })),
    failures: until(log.of('failed')).map(({ time, event }) => ({
      step: event.step,
      time,
      code: event.code,
      person: event.person,
    })),
    resumedAt: until(log.of('resumed')).map(({ time }) => time),
    log: { lines: end.number, sha256: log.sha256Through(end.number) },
  };
}

function custodiansIn(
  plan: Plan,
  authenticated: readonly LineOf<'authenticated'>[],
): CeremonyRecord['custodians'] {
  return plan.people
    .filter(({ role }) => role === 'key-custodian')
    .map(({ id }) => {
      const times = authenticated.filter(({ event }) => event.person === id);
      return {
        id,
        token: times[0]?.event.token ?? null,
        authenticated: times.map(({ time }) => time),
      };
    });
}

function recordedKey({ role, label, token, algorithm }: PlannedKey, log: CeremonyLog): RecordedKey {
  const made = log.results('generate').find((result) => result.role === role);
  const read = log.results('attributes').find((result) => result.role === role);
  if (made === undefined || read === undefined) throw new Error(`the key ${role} was not made and read back`);
  const spkiSha256 = sha256Hex(Buffer.from(made.spki, 'base64'));
  return {
    role,
    label,
    token,
    tokenSerial: made.tokenSerial,
    algorithm,
    id: read.id,
    attributes: read.attributes,
    spki: made.spki,
    spkiSha256,
    words: { vi: [...wordsOf(spkiSha256, 'vi')], en: [...wordsOf(spkiSha256, 'en')] },
  };
}

function only<T>(lines: readonly T[], what: string): T {
  const [line] = lines;
  if (line === undefined) throw new Error(`the log does not tell the ${what}`);
  return line;
}
