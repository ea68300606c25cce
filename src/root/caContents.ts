/** What a sub-CA certificate holds, whichever root issues it: the name, key and extensions that its grant demands. */
import type { Grant } from '../delegation';
import {
  encodeName,
  fillSubject,
  profileExtensions,
  type Certificate,
  type CertificateCircumstances,
  type CertificationRequest,
  type Name,
} from '../x509';
import { constraintsOf, subCaProfile } from './grantDraft';
import { readProfile } from './profiles';
import type { RootCa } from './root';

export interface CaContents {
  readonly subject: Name;
  readonly subjectDer: Buffer;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** DER Extension each, in the order in which they stand. */
  readonly extensions: readonly Buffer[];
  /** Most days from notBefore to notAfter. */
  readonly maxDays: number;
}

/** @param urls where the issuer's CRL and certificate are; an external root puts in its own */
export async function caContents(
  root: RootCa,
  grant: Grant,
  { subject: asked = [], publicKey }: CertificationRequest,
  issuer: Certificate,
  urls: CertificateCircumstances['urls'],
): Promise<CaContents> {
  const profile = subCaProfile(await readProfile(root, 'sub-ca'), grant);
  const subject = fillSubject(profile.subject, asked);
  return {
    subject,
    subjectDer: encodeName(subject),
    spki: publicKey.spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: publicKey.keyId,
      issuerKeyId: issuer.tbs.extensions.subjectKeyIdentifier ?? issuer.tbs.publicKey.keyId,
      nameConstraints: constraintsOf(grant),
      urls,
    }),
    maxDays: profile.validity.newDays,
  };
}
