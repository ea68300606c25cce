/** `subca certificate list` and `show`. */
import { writeFileDurably } from '../../config';
import type { Problem } from '../../errors';
import { formatDate, type Lang } from '../../i18n';
import { certificateTexts } from '../../i18n/messages/certificate';
import { statusTexts, subcaTexts as texts } from '../../i18n/messages/subca';
import { CERTIFICATE_STATUSES, publishedReason, type CertificateRecord } from '../../delegation';
import { listRecords, NodeError, viewCertificate, type CertificateView } from '../../node';
import { encodeCertsOnly, encodePem } from '../../x509';
import { defineCommand } from '../command';
import { CliError } from '../errors';
import { provenEntryJson } from '../proof';
import { table } from '../table';
import { wholeNumber } from '../values';
import { serialArgument } from './revocation';
import { certificateText } from './certificateText';
import { withNode } from './session';

const DAY = 86_400_000;

export const certificateList = defineCommand({
  path: 'certificate list',
  summary: texts.certificateList,
  example: [
    'subca certificate list --status revoked',
    'subca certificate list --profile individual --expiring 30',
  ],
  options: {
    status: { flag: '--status <status>', summary: texts.statusOption, choices: CERTIFICATE_STATUSES },
    profile: { flag: '--profile <profile>', summary: certificateTexts.profileOption },
    subject: { flag: '--subject <text>', summary: certificateTexts.subjectOption },
    expiring: {
      flag: '--expiring <days>',
      summary: certificateTexts.expiringOption,
      parse: wholeNumber(1, 10_000),
    },
    limit: {
      flag: '--limit <number>',
      summary: texts.limitOption,
      default: '100',
      parse: wholeNumber(1, 1_000_000),
    },
  },
  handler: (context, input) =>
    withNode(context, {}, async ({ node }) => {
      const records = await listRecords(node, {
        limit: input.limit,
        status: input.status,
        profile: input.profile,
        subject: input.subject,
        ...(input.expiring !== undefined && {
          endingBefore: new Date(node.now().getTime() + input.expiring * DAY),
        }),
      });
      return {
        json: { certificates: records.map(recordJson) },
        text: (lang) =>
          records.length === 0
            ? texts.noCertificates[lang]({})
            : table(
                [
                  { title: texts.serialNumber[lang]({}) },
                  { title: texts.status[lang]({}) },
                  { title: texts.notAfter[lang]({}) },
                  { title: texts.profile[lang]({}) },
                  { title: texts.subject[lang]({}) },
                ],
                records.map((record) => [
                  record.serialNumber,
                  statusTexts[record.status][lang]({}),
                  formatDate(new Date(record.notAfter), lang).slice(0, 10),
                  record.profile,
                  record.subject,
                ]),
              ),
      };
    }),
});

const FORMATS = ['text', 'pem', 'der', 'p7'] as const;
type Format = (typeof FORMATS)[number];

export const certificateShow = defineCommand({
  path: 'certificate show',
  summary: texts.certificateShow,
  example: [
    'subca certificate show 01000000000a9f…',
    'subca certificate show 01000000000a9f… --format p7 --out an.p7b',
    'subca certificate show 01000000000a9f… --format pem --chain --out an-chain.pem',
  ],
  arguments: serialArgument,
  options: {
    format: {
      flag: '--format <format>',
      summary: certificateTexts.formatOption,
      choices: FORMATS,
      default: 'text',
    },
    out: { flag: '--out <file>', summary: texts.outFile },
    chain: { flag: '--chain', summary: certificateTexts.chainOption },
  },
  handler: (context, input) =>
    withNode(context, {}, async ({ node }) => {
      const { format, chain, out, serial } = input;
      const allowed = chain ? format === 'pem' : format !== 'der' || out !== undefined;
      if (!allowed) {
        throw new CliError('BAD_COMMAND_LINE', { help: HELP }, { problems: [chain ? CHAIN : BINARY] });
      }
      const view = await viewCertificate(node, serial);
      const page = (lang: Lang): string => certificateText(view, lang, context.clock());
      const shown = (lang: Lang): string | Buffer =>
        format === 'text' ? page(lang) : encoded(view, format, chain, out !== undefined);
      if (out !== undefined) await writeFileDurably(out, fileContent(shown(context.lang)));
      return {
        json: { ...viewJson(view), ...(out !== undefined && { file: out }) },
        text: (lang) =>
          out === undefined
            ? shown(lang).toString()
            : certificateTexts.written[lang]({ serialNumber: serial, file: out }),
      };
    }),
});

const HELP = 'subca certificate show --help';
const CHAIN: Problem = { code: 'BAD_VALUE', where: '--chain', found: '—', allowed: '--format pem' };
const BINARY: Problem = { code: 'MISSING', where: '--out', found: '—', allowed: '--format der --out …' };

/** The certificate as other programs read it. @throws NodeError `CERTIFICATE_UNKNOWN` for one that was never signed */
function encoded(
  { certificate, issuers, record }: CertificateView,
  format: Exclude<Format, 'text'>,
  chain: boolean,
  binary: boolean,
): string | Buffer {
  if (certificate === undefined) {
    throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber: record.serialNumber });
  }
  const all = [certificate, ...issuers].map(({ der }) => der);
  switch (format) {
    case 'der':
      return certificate.der;
    case 'pem':
      return (chain ? all : [certificate.der]).map((der) => encodePem('CERTIFICATE', der)).join('');
    case 'p7': {
      const message = encodeCertsOnly(all);
      return binary ? message : encodePem('PKCS7', message);
    }
  }
}

/** Text ends with a line end. */
function fileContent(content: string | Buffer): string | Buffer {
  return typeof content === 'string' && !content.endsWith('\n') ? `${content}\n` : content;
}

/** As CRLs tell it; a reason that was given before is told beside it. */
function recordJson(record: CertificateRecord): object {
  const [reason, firstReason] = [publishedReason(record), record.reason];
  return { ...record, reason, ...(firstReason !== reason && { firstReason }) };
}

/** Everything, so that the proofs can be checked without this node. */
function viewJson({
  record,
  certificate,
  issuers,
  successors,
  keyStorage,
  journal,
}: CertificateView): object {
  const { entries, receipt, changes, ...place } = journal;
  return {
    ...recordJson(record),
    ...(certificate && {
      certificate: encodePem('CERTIFICATE', certificate.der),
      sha256: certificate.sha256,
      chain: issuers.map(({ der }) => encodePem('CERTIFICATE', der)),
    }),
    ...(keyStorage !== undefined && { keyStorage }),
    successors: successors.map(({ serialNumber, service, status }) => ({ serialNumber, service, status })),
    journal: {
      ...place,
      ...(receipt && { receipt: { time: receipt.time, envelope: receipt.envelope.toString('utf8') } }),
      entries: entries.map(provenEntryJson),
      changes: changes.map(({ index, entry, proof, knownToRoot }) => ({
        index,
        type: entry.type,
        ...(entry.type === 'revoked' && { reason: entry.reason }),
        by: entry.by,
        ...(proof && provenEntryJson(proof)),
        knownToRoot: knownToRoot ?? null,
      })),
    },
  };
}
