/** The registry's HTTPS key and certificate: signed by the root CA key, which is all that nodes trust. */
import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { writeFileDurably } from '../config';
import type { Signer } from '../signer';
import {
  encodeName,
  encodePem,
  keyIdentifier,
  profileExtensions,
  type Certificate,
  type GeneralName,
} from '../x509';
import { publishRootCrl, signCertificate, wholeSeconds } from './certificates';
import { readProfile } from './profiles';
import type { RootCa } from './root';

const DAY = 86_400_000;
const BACKDATING_MS = 5 * 60_000;

/** A key of the transport only: what matters is signed in the messages themselves. */
export async function makeTlsCertificate(
  root: RootCa,
  signer: Signer,
  ca: Certificate,
  host: string,
): Promise<Certificate> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const profile = await readProfile(root, 'tls-server');
  const begin = wholeSeconds(new Date(root.now().getTime() - BACKDATING_MS));
  const organisation = ca.tbs.subject.filter(({ type }) => type === 'C' || type === 'O');
  const certificate = await signCertificate(root, signer, 'registry-tls', {
    signatureAlgorithm: signer.algorithm,
    issuer: ca.tbs.subjectDer,
    notBefore: begin,
    notAfter: new Date(begin.getTime() + profile.validity.newDays * DAY - 1000),
    subject: encodeName([...organisation, { type: 'CN', value: host }]),
    spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: keyIdentifier(spki),
      issuerKeyId: keyIdentifier(signer.spki),
      alternativeNames: [hostName(host)],
      urls: { crl: root.config.public.urls.crl, ocsp: [], caIssuers: root.config.public.urls.caIssuers },
    }),
  });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFileDurably(root.paths.tlsKey, pem, 0o600);
  await writeFileDurably(root.paths.tlsCertificate, encodePem('CERTIFICATE', certificate.der));
  return certificate;
}

/** Replaces key and certificate; a running registry takes them at its next start. */
export async function renewTlsCertificate(root: RootCa): Promise<Certificate> {
  const signer = await root.signer('root');
  const ca = await root.certificate();
  const certificate = await makeTlsCertificate(root, signer, ca, new URL(root.config.registry.url).hostname);
  await publishRootCrl(root, signer, ca);
  return certificate;
}

function hostName(host: string): GeneralName {
  if (isIP(host) === 4) return { kind: 'ip', value: Buffer.from(host.split('.').map(Number)) };
  return { kind: 'dns', value: host };
}
