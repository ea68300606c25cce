/** `rootca grant issue|show`. */
import { existsSync } from 'node:fs';
import { readFileBounded, writeFileDurably } from '../../config';
import { externalRootTexts } from '../../i18n/messages/externalRoot';
import { grantUpdateTexts as updateTexts } from '../../i18n/messages/grantUpdate';
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import type { Problem } from '../../errors';
import {
  EXTERNAL_FILES,
  grantYaml,
  issueGrant,
  newestBundle,
  readNode,
  receiveApplication,
  RootError,
  takeExternalCertificate,
  writeExternalOrder,
  type IssuedGrant,
  type RootCa,
} from '../../root';
import { decodePemOrDer, formatName, readCertificate, readCrl } from '../../x509';
import { defineCommand, type Result } from '../command';
import { CliError } from '../errors';
import { fingerprint } from '../values';
import { withRoot } from './session';

const MAX_APPLICATION = 1024 * 1024;
const MAX_CERTIFICATE = 64 * 1024;
/** A bundle carries it, and a node takes one of at most 4 MiB. */
const MAX_CRL = 1024 * 1024;

export const grantIssue = defineCommand({
  path: 'grant issue',
  summary: texts.grantIssue,
  description: externalRootTexts.grantIssueDescription,
  example: [
    'rootca grant issue 3f9a27c1b04d --out grant.bundle',
    'rootca grant issue 3f9a27c1b04d --external to-the-root',
    'rootca grant issue 3f9a27c1b04d --certificate subca.pem --external-crl root.crl --out grant.bundle',
  ],
  arguments: [{ name: 'application', summary: texts.applicationArgument, required: true }],
  options: {
    out: { flag: '--out <file>', summary: texts.outFile },
    external: { flag: '--external <dir>', summary: externalRootTexts.externalOption },
    externalRoot: {
      flag: '--external-root <sha256>',
      summary: externalRootTexts.whichRootOption,
      parse: fingerprint,
    },
    certificate: { flag: '--certificate <file>', summary: externalRootTexts.certificateOption },
    externalCrl: { flag: '--external-crl <file>', summary: externalRootTexts.crlOption },
  },
  handler: (context, input) => {
    const way = wayOf(input);
    return withRoot(context, async (root) => {
      const reference = existsSync(input.application)
        ? await receiveApplication(root, await readFileBounded(input.application, MAX_APPLICATION))
        : input.application;
      if ('external' in way) return order(root, reference, way);
      return written(
        'certificate' in way ? await take(root, reference, way) : await issueGrant(root, reference),
        way,
      );
    });
  },
});

interface Bundled {
  readonly out: string;
}

interface Ordered {
  readonly external: string;
  readonly externalRoot: string | undefined;
}

interface Taken extends Bundled {
  readonly certificate: string;
  readonly externalCrl: string;
}

const ONE_OF_THREE: Problem = {
  code: 'BAD_VALUE',
  where: '--out, --external, --certificate',
  found: '—',
  allowed:
    '--out <file> | --external <dir> [--external-root <sha256>] | --certificate <file> --external-crl <file> --out <file>',
};

/** Which of the three things is asked for. @throws CliError `BAD_COMMAND_LINE` */
function wayOf({
  out,
  external,
  externalRoot,
  certificate,
  externalCrl,
}: Readonly<
  Record<'out' | 'external' | 'externalRoot' | 'certificate' | 'externalCrl', string | undefined>
>): Bundled | Ordered | Taken {
  const takes = certificate !== undefined && externalCrl !== undefined;
  const takesNothing = certificate === undefined && externalCrl === undefined;
  if (external !== undefined && out === undefined && takesNothing) return { external, externalRoot };
  if (external === undefined && externalRoot === undefined && out !== undefined) {
    if (takes) return { out, certificate, externalCrl };
    if (takesNothing) return { out };
  }
  throw new CliError('BAD_COMMAND_LINE', { help: 'rootca grant issue --help' }, { problems: [ONE_OF_THREE] });
}

async function order(root: RootCa, reference: string, { external, externalRoot }: Ordered): Promise<Result> {
  const { id, grant, issuer } = await writeExternalOrder(root, reference, external, externalRoot);
  const { nodeId: node, grantId, version } = grant.value;
  const name = formatName(issuer.tbs.subject);
  return {
    json: {
      node,
      application: id,
      grant: grantId,
      version,
      folder: external,
      files: EXTERNAL_FILES,
      issuer: { subject: name, sha256: issuer.sha256 },
    },
    text: (lang) => externalRootTexts.ordered[lang]({ node, folder: external, issuer: name }),
  };
}

async function take(
  root: RootCa,
  reference: string,
  { certificate, externalCrl }: Taken,
): Promise<IssuedGrant> {
  const read = async (file: string, limit: number, label: string, what: string): Promise<Buffer> =>
    decodePemOrDer(await readFileBounded(file, limit), label, what, limit);
  const what = 'sub-CA certificate';
  const crl = 'external root CRL';
  return takeExternalCertificate(
    root,
    reference,
    readCertificate(await read(certificate, MAX_CERTIFICATE, 'CERTIFICATE', what), what),
    readCrl(await read(externalCrl, MAX_CRL, 'X509 CRL', crl), crl),
  );
}

async function written(
  { grant, caCertificate, bundle, revokedAt }: IssuedGrant,
  { out: file }: Bundled,
): Promise<Result> {
  await writeFileDurably(file, bundle);
  const { notAfter, subject } = caCertificate.tbs;
  const { nodeId: node, grantId, version } = grant;
  if (revokedAt !== undefined)
    throw new RootError('CA_CERTIFICATE_REVOKED', { node, since: revokedAt.toISOString(), file });
  return {
    json: { node, grant: grantId, version, file, subject: formatName(subject), notAfter },
    text: (lang) => texts.grantDone[lang]({ node, file, notAfter }),
  };
}

export const grantShow = defineCommand({
  path: 'grant show',
  summary: texts.grantShow,
  example: [
    'rootca grant show 15-1',
    'rootca grant show 15-1 --yaml > 15-1.yaml',
    'rootca grant show 15-1 --out 15-1.bundle',
  ],
  arguments: [{ name: 'node', summary: texts.nodeArgument, required: true }],
  options: {
    yaml: { flag: '--yaml', summary: updateTexts.yamlOption },
    out: { flag: '--out <file>', summary: updateTexts.bundleOption },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { node, yaml, out: file } = input;
      const { grant } = await readNode(root, node);
      const { version } = grant.value;
      if (file !== undefined) {
        await writeFileDurably(file, (await newestBundle(root, node)).bundle);
        return {
          json: { node, version, file },
          text: (lang) => updateTexts.bundleWritten[lang]({ node, version, file }),
        };
      }
      const text = yaml ? grantYaml(grant.value) : JSON.stringify(grant.value, null, 2);
      return { json: grant.value, text: () => text };
    }),
});
