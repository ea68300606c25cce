/** The files that ask an external root for a sub-CA certificate: request, profile, OpenSSL section, and what to do. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../config';
import { externalReadme, opensslComments } from '../i18n/messages/externalRoot';
import { encodePem, formatName, type Certificate } from '../x509';
import { approvedGrant, requireGrantable } from './applications';
import { RootError } from './errors';
import {
  describeExtension,
  extensionName,
  externalOrder,
  ISSUERS_OWN,
  type ExternalOrder,
} from './externalOrder';
import type { RootCa } from './root';
import { findExternalRoot } from './trust';

export const EXTERNAL_FILES = ['request.pem', 'profile.json', 'openssl.cnf', 'README.txt'] as const;
/** The section of `openssl.cnf`. */
const SECTION = 'sub_ca';

/**
 * Writes what an external root needs to issue the certificate of an approved application. Nothing is stored: the
 * application stays approved, and the same files are written when it is repeated.
 * @param sha256 of the external root, lower-case hex; needed where the trust statement names several
 * @throws RootError `APPLICATION_STATE`, `NODE_EXISTS`, `GRANT_NOT_CURRENT`, `EXTERNAL_ROOT_UNKNOWN`,
 * `EXTERNAL_ROOT_SEVERAL`; ConfigError `FILE_NOT_WRITTEN`
 */
export async function writeExternalOrder(
  root: RootCa,
  reference: string,
  folder: string,
  sha256: string | undefined,
): Promise<ExternalOrder> {
  const { status, id, opened } = await approvedGrant(root, reference);
  if (status !== 'approved')
    throw new RootError('APPLICATION_STATE', { id: id.slice(0, 12), status, needed: 'approved' });
  await requireGrantable(root, opened);
  const order = await externalOrder(root, reference, (known) => chosen(known, sha256));
  await mkdir(folder, { recursive: true });
  const contents: Readonly<Record<(typeof EXTERNAL_FILES)[number], string>> = {
    'request.pem': encodePem('CERTIFICATE REQUEST', order.request.der),
    'profile.json': `${JSON.stringify(profileOf(order), null, 2)}\n`,
    'openssl.cnf': opensslSection(order),
    'README.txt': readmeOf(order),
  };
  for (const name of EXTERNAL_FILES) await writeFileDurably(join(folder, name), contents[name]);
  return order;
}

function chosen(known: readonly Certificate[], sha256: string | undefined): Certificate {
  if (sha256 !== undefined) return findExternalRoot(known, sha256);
  const [only, ...others] = known;
  if (only === undefined || others.length > 0)
    throw new RootError('EXTERNAL_ROOT_SEVERAL', { known: known.map((one) => one.sha256).join(', ') });
  return only;
}

function profileOf(order: ExternalOrder): object {
  const { id, grant, request, issuer, contents, extensions, notBefore, notAfter } = order;
  const { nodeId, organisation, keys, grantId, version } = grant.value;
  return {
    type: 'subca-external-profile',
    version: 1,
    application: id,
    node: nodeId,
    organisation,
    epoch: keys.epoch,
    grant: { grantId, version, sha256: grant.sha256 },
    issuer: {
      subject: formatName(issuer.tbs.subject),
      subjectDer: issuer.tbs.subjectDer.toString('hex'),
      certificateSha256: issuer.sha256,
    },
    subject: { text: formatName(contents.subject), der: contents.subjectDer.toString('hex') },
    publicKey: { algorithm: request.publicKey.algorithm, spkiSha256: request.publicKey.spkiSha256 },
    signatureAlgorithms: order.signatureAlgorithms,
    validity: {
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      maxDays: contents.maxDays,
    },
    extensions: extensions.all.map((extension) => ({
      name: extensionName(extension.oid),
      oid: extension.oid,
      critical: extension.critical,
      value: extension.value.toString('hex'),
      text: describeExtension(extensions, extension),
    })),
    issuersOwnExtensions: ISSUERS_OWN.map((oid) => ({ name: extensionName(oid), oid, critical: false })),
  };
}

/** Every value as its DER: OpenSSL's own syntax cannot express all of them, and would choose string types itself. */
function opensslSection({ extensions }: ExternalOrder): string {
  const lines = extensions.all.flatMap((extension) => {
    const { oid, critical, value } = extension;
    const octets = value.toString('hex').replace(/..(?=.)/g, '$&:');
    return [
      `# ${extensionName(oid)}: ${describeExtension(extensions, extension)}`,
      `${oid} = ${critical ? 'critical,' : ''}DER:${octets}`,
      '',
    ];
  });
  return [...opensslComments.map((line) => `# ${line}`), '', `[ ${SECTION} ]`, ...lines].join('\n');
}

function readmeOf(order: ExternalOrder): string {
  const { id, grant, request, issuer, contents, notAfter, signatureAlgorithms } = order;
  const told = {
    application: id,
    node: grant.value.nodeId,
    organisation: grant.value.organisation.name,
    subject: formatName(contents.subject),
    key: `${request.publicKey.algorithm}, SPKI SHA-256 ${request.publicKey.spkiSha256}`,
    issuer: formatName(issuer.tbs.subject),
    issuerSha256: issuer.sha256,
    algorithms: signatureAlgorithms.join(', '),
    digest: signatureAlgorithms[0].replace(/^.*-/, ''),
    days: contents.maxDays,
    notAfter: notAfter.toISOString(),
    section: SECTION,
  };
  return `${externalReadme.vi(told)}\n\n${'='.repeat(78)}\n\n${externalReadme.en(told)}\n`;
}
