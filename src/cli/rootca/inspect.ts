/** `rootca inspect`: a certificate found anywhere, or a proof that somebody handed over. */
import { readFileBounded, writeFileDurably } from '../../config';
import type { Problem } from '../../errors';
import { proofTexts } from '../../i18n/messages/proof';
import { rootcaOversightTexts as texts, verdictTexts } from '../../i18n/messages/rootcaOversight';
import { statusTexts } from '../../i18n/messages/subca';
import { MAX_PROOF_SIZE, openProof } from '../../proof';
import { inspectCertificate, proveInspected, type Inspection } from '../../root';
import { decodePemOrDer, readCertificate, type Certificate } from '../../x509';
import { defineCommand, type Context, type Result } from '../command';
import { CliError } from '../errors';
import { EXIT } from '../exit';
import { provenEntryJson, provenJson, provenText } from '../proof';
import { fingerprint } from '../values';
import { withRoot } from './session';

const MAX_CERTIFICATE = 64 * 1024;
const HELP = 'rootca inspect --help';

export const inspect = defineCommand({
  path: 'inspect',
  summary: texts.inspect,
  example: [
    'rootca inspect found.crt',
    'rootca inspect found.crt --proof-out found.proof.json',
    'rootca inspect --proof an.proof.json',
    'rootca inspect an.crt --proof an.proof.json --root-fingerprint 4F:0A:…',
  ],
  needsDirectory: false,
  arguments: [{ name: 'certificate', summary: texts.certificateFile }],
  options: {
    proof: { flag: '--proof <file>', summary: proofTexts.proofOption },
    proofOut: { flag: '--proof-out <file>', summary: proofTexts.proofOutOption },
    rootFingerprint: {
      flag: '--root-fingerprint <sha256>',
      summary: proofTexts.fingerprintOption,
      parse: fingerprint,
    },
  },
  handler: async (context, { certificate: file, proof, proofOut, rootFingerprint }) => {
    const certificate = file === undefined ? undefined : await readCertificateFile(file);
    if (proof !== undefined && proofOut === undefined)
      return checked(context, proof, certificate, rootFingerprint);
    if (proof === undefined && rootFingerprint === undefined && certificate !== undefined)
      return inspected(context, certificate, proofOut);
    const allowed = '<certificate> [--proof-out …] | [<certificate>] --proof … [--root-fingerprint …]';
    const problem: Problem = { code: 'BAD_VALUE', where: 'rootca inspect', found: '—', allowed };
    throw new CliError('BAD_COMMAND_LINE', { help: HELP }, { problems: [problem] });
  },
});

async function readCertificateFile(file: string): Promise<Certificate> {
  const bytes = await readFileBounded(file, MAX_CERTIFICATE);
  return readCertificate(decodePemOrDer(bytes, ['CERTIFICATE'], file), file);
}

async function checked(
  context: Context<string | undefined>,
  file: string,
  certificate: Certificate | undefined,
  fingerprint: string | undefined,
): Promise<Result> {
  const bytes = await readFileBounded(file, MAX_PROOF_SIZE);
  const of = certificate && { certificate };
  const proven =
    fingerprint === undefined
      ? await withRoot(inDirectory(context), async (root) =>
          openProof(bytes, {
            fingerprint: (await root.certificate()).sha256,
            statements: await root.trustStatements(),
            ...of,
          }),
        )
      : openProof(bytes, { fingerprint, ...of });
  return { json: { verdict: 'proven', ...provenJson(proven) }, text: (lang) => provenText(proven, lang) };
}

function inspected(
  context: Context<string | undefined>,
  certificate: Certificate,
  out: string | undefined,
): Promise<Result> {
  return withRoot(inDirectory(context), async (root) => {
    const inspection = await inspectCertificate(root, certificate);
    const { verdict, node = '', index = -1, serialNumber, subject, status, proof } = inspection;
    const unproven = out !== undefined && proof === undefined;
    if (out !== undefined && proof !== undefined)
      await writeFileDurably(out, await proveInspected(root, proof));
    return {
      json: { ...inspectionJson(inspection), ...(out !== undefined && { file: unproven ? null : out }) },
      text: (lang) =>
        [
          subject,
          serialNumber,
          verdictTexts[verdict][lang]({ node, index }),
          ...(status === undefined
            ? []
            : [texts.statusTold[lang]({ status: statusTexts[status][lang]({}) })]),
          ...(proof === undefined
            ? []
            : [proofTexts.inTree[lang]({ index, issued: proof.issued.index, size: proof.size })]),
          ...(out === undefined
            ? []
            : [unproven ? proofTexts.notWritten[lang]({}) : proofTexts.written[lang]({ file: out })]),
        ].join('\n'),
      exit: verdict === 'hidden' ? EXIT.integrity : unproven ? EXIT.refused : EXIT.done,
    };
  });
}

function inspectionJson({ proof, ...inspection }: Inspection): object {
  if (proof === undefined) return inspection;
  const { origin, size, rootHash, intent, issued } = proof;
  return {
    ...inspection,
    proof: { origin, size, rootHash, entries: [intent, issued].map(provenEntryJson) },
  };
}

/** @throws CliError `DIRECTORY_MISSING` */
function inDirectory(context: Context<string | undefined>): Context {
  const { directory } = context;
  if (directory === undefined) throw new CliError('DIRECTORY_MISSING', { variable: 'ROOTCA_DIR' });
  return { ...context, directory };
}
