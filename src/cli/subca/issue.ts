/** `subca issue`: one certificate, or a batch. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileWriter, readFileBounded, requireWritable, writeFileDurably } from '../../config';
import type { Problem } from '../../errors';
import { subcaTexts as texts } from '../../i18n/messages/subca';
import { issueBatch, NodeError, planBatch, publishDueCrls } from '../../node';
import { ATTRIBUTE_TYPES, encodePem, readRequest, type NameAttribute } from '../../x509';
import { defineCommand, type Context, type Result } from '../command';
import { CliError } from '../errors';
import type { ValueReader } from '../command';
import { pinOptions } from '../pin';
import { handOut } from './handOut';
import { leaseWarning } from './leaseWarning';
import { openIssuer, withNode, type Session } from './session';

const MAX_REQUEST = 64 * 1024;

const ONE_OR_MANY: Problem = {
  code: 'MISSING',
  where: 'subca issue',
  found: '—',
  allowed: '--profile … --csr … | --batch … --out-dir …',
};

export const nameAttribute: ValueReader<NameAttribute> = {
  allowed: ATTRIBUTE_TYPES.map((type) => `${type}=…`).join(', '),
  read: (word) => {
    const at = word.indexOf('=');
    const type = ATTRIBUTE_TYPES.find((known) => known === word.slice(0, at).trim());
    const value = word.slice(at + 1).trim();
    return type === undefined || at < 1 || value === '' ? undefined : { type, value };
  },
};

export const issue = defineCommand({
  path: 'issue',
  summary: texts.issue,
  description: texts.issueDescription,
  example: [
    'subca issue --profile organisation --csr so-noi-vu.csr --subject "CN=SỞ NỘI VỤ" --out so-noi-vu.crt',
    'subca issue --batch requests.csv --out-dir certificates/',
  ],
  options: {
    profile: { flag: '--profile <profile>', summary: texts.profileOption },
    csr: { flag: '--csr <file>', summary: texts.csrOption },
    subject: {
      flag: '--subject <name=value>',
      summary: texts.subjectOption,
      repeatable: true,
      parse: nameAttribute,
    },
    out: { flag: '--out <file>', summary: texts.outFile },
    batch: { flag: '--batch <file>', summary: texts.batchOption },
    outDir: { flag: '--out-dir <folder>', summary: texts.outDirOption },
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const { profile, csr, batch, outDir, subject, out } = input;
      if (batch !== undefined && outDir !== undefined && csr === undefined && profile === undefined) {
        return issueMany(context, session, batch, outDir);
      }
      if (profile !== undefined && csr !== undefined && batch === undefined && outDir === undefined) {
        return issueOne(session, profile, csr, subject, out);
      }
      throw new CliError('BAD_COMMAND_LINE', { help: 'subca issue --help' }, { problems: [ONE_OR_MANY] });
    }),
});

async function issueOne(
  { node, journal }: Session,
  profile: string,
  csr: string,
  subject: readonly NameAttribute[],
  out: string | undefined,
): Promise<Result> {
  if (out !== undefined) await requireWritable(out);
  const issuer = await openIssuer({ node, journal });
  const request = readRequest(await readFileBounded(csr, MAX_REQUEST));
  const plan = issuer.plan(profile, { service: 'issue', request, subject });
  const earlier = (await issuer.findEarlier([plan])).get(plan.request);
  if (earlier instanceof NodeError) throw earlier;
  const certificate = earlier ?? (await issuer.issue(plan));
  if (out !== undefined) await handOut(certificate, out, writeFileDurably);
  const pem = encodePem('CERTIFICATE', certificate.der);
  const { serialNumber, existing } = certificate;
  const warning = leaseWarning(issuer.lease);
  return {
    json: {
      serialNumber,
      existing,
      ...warning.json,
      ...(out === undefined ? { certificate: pem } : { file: out }),
    },
    text: (lang) =>
      [texts.issueDone[lang]({ serialNumber, existing }), ...warning.lines(lang), out ?? pem].join('\n'),
  };
}

async function issueMany(
  context: Context,
  { node, journal }: Session,
  file: string,
  folder: string,
): Promise<Result> {
  const issuer = await openIssuer({ node, journal });
  const rows = await planBatch(node, issuer, file);
  await mkdir(folder, { recursive: true });
  await requireWritable(join(folder, 'row.crt'));
  const progress = context.progress.start(texts.issuing, rows.length);
  const certificates: { row: number; serialNumber: string; file: string; existing: boolean }[] = [];
  const files = new FileWriter();
  const began = performance.now();
  const counted = await issueBatch(issuer, rows, async ({ row, name }, certificate) => {
    const { serialNumber, existing } = certificate;
    const target = join(folder, `${name}.crt`);
    await handOut(certificate, target, (path, content) => files.replace(path, content));
    certificates.push({ row, serialNumber, file: target, existing });
    progress.advance(1);
  }).finally(() => files.close());
  progress.stop();
  // Rows that took another certificate's place revoked it.
  await publishDueCrls(node, journal);
  const seconds = (performance.now() - began) / 1000;
  certificates.sort((a, b) => a.row - b.row);
  const warning = leaseWarning(issuer.lease);
  return {
    json: { ...counted, seconds, ...warning.json, certificates },
    text: (lang) => [texts.batchDone[lang]({ ...counted, folder }), ...warning.lines(lang)].join('\n'),
  };
}
