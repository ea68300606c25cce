/** The extensions a profile gives a certificate, in the order in which they always stand. */
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions';
import type { GeneralName } from './generalName';
import type { NameConstraintsInput } from './nameConstraints';
import type { Profile } from './profile';

/** What a profile does not know: keys, names and places of the one certificate. */
export interface CertificateCircumstances {
  /** SubjectKeyIdentifier of the certificate's own key. */
  readonly subjectKeyId: Uint8Array;
  /** SubjectKeyIdentifier of the issuer. */
  readonly issuerKeyId: Uint8Array;
  readonly alternativeNames?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraintsInput;
  readonly urls: {
    readonly crl: readonly string[];
    readonly ocsp: readonly string[];
    readonly caIssuers: readonly string[];
  };
}

/** @returns one DER Extension each */
export function profileExtensions(
  profile: Profile,
  circumstances: CertificateCircumstances,
): readonly Buffer[] {
  const { subjectKeyId, issuerKeyId, alternativeNames = [], urls } = circumstances;
  const isCa = profile.kind === 'sub-ca' || profile.kind === 'root';
  const { pathLength } = profile;
  // A self-issued root is looked up nowhere; an OCSP signer with nocheck is not looked up at all.
  const lookedUp = profile.kind !== 'root' && profile.ocspNoCheck !== true;
  const extensions: (Buffer | undefined)[] = [
    isCa ? basicConstraints({ ca: true, ...(pathLength !== undefined && { pathLength }) }) : undefined,
    authorityKeyIdentifier(issuerKeyId),
    subjectKeyIdentifier(subjectKeyId),
    keyUsage(profile.keyUsage),
    profile.extendedKeyUsage.length > 0 ? extendedKeyUsage(profile.extendedKeyUsage) : undefined,
    profile.policies.length > 0 ? certificatePolicies(profile.policies) : undefined,
    alternativeNames.length > 0 ? subjectAltName(alternativeNames) : undefined,
    circumstances.nameConstraints && nameConstraints(circumstances.nameConstraints),
    lookedUp && urls.crl.length > 0 ? crlDistributionPoints(urls.crl) : undefined,
    lookedUp && urls.ocsp.length + urls.caIssuers.length > 0 ? authorityInfoAccess(urls) : undefined,
    profile.ocspNoCheck === true ? ocspNoCheck() : undefined,
  ];
  return extensions.filter((extension) => extension !== undefined);
}
