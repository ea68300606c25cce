/**
 * The scope check: whether a certificate about to be signed, or signed already, lies inside a grant. The node asks it
 * before it reserves anything, the root asks it of every synced record, and an auditor of a stored journal.
 */
import { OID } from '../asn1';
import type { Problem } from '../errors';
import type { IssuingService } from '../journal';
import {
  formatName,
  isEmailAddress,
  isHostName,
  matchSubject,
  namesEqual,
  signatureAlgorithmIdentifier,
  type Certificate,
  type GeneralName,
  type TbsCertificate,
} from '../x509';
import type { Grant, ProfileScope } from './grant';
import { inNetwork, readNetwork } from './network';
import { checkSuccession, type Succession } from './succession';

const DAY = 86_400_000;
/** How far a certificate's notBefore may lie from the time of its journal entry. */
const START_TOLERANCE = DAY;

/** What is to be judged: a TBS certificate, for which service and profile, at which journal time. */
export interface Candidate {
  readonly service: IssuingService;
  readonly profile: string;
  readonly tbs: TbsCertificate;
  readonly time: Date;
  /** Of a certificate that follows another. */
  readonly succession?: Succession | undefined;
}

/**
 * Every way in which the candidate lies outside the grant; empty when it lies inside. Numbers are `checkQuota`'s.
 * @param ca the sub-CA certificate that is to be its issuer
 */
export function checkScope(grant: Grant, ca: Certificate, candidate: Candidate): readonly Problem[] {
  return [...checkSuccession(candidate, candidate.succession), ...checkCertificate(grant, ca, candidate)];
}

/** The part of `checkScope` that asks of the certificate alone, whatever it follows. */
export function checkCertificate(
  grant: Grant,
  ca: Certificate,
  candidate: Omit<Candidate, 'succession'>,
): readonly Problem[] {
  const { tbs } = candidate;
  const profile = grant.scope.profiles.find(({ id }) => id === candidate.profile);
  const problems: Problem[] = [
    ...checkService(grant, candidate),
    ...checkIssuer(grant, ca, tbs),
    ...checkUrls(grant, tbs),
    ...checkPeriod(ca, candidate),
    ...checkEndEntity(ca, tbs),
    ...checkOwnKeys(grant, ca, tbs),
  ];
  if (profile === undefined) {
    const ids = grant.scope.profiles.map(({ id }) => id);
    return [...problems, outside('profile', candidate.profile, ids)];
  }
  return [
    ...problems,
    ...checkLength(profile, candidate),
    ...matchSubject(profile.subject, tbs.subject).map((problem) => ({
      ...problem,
      code: 'OUTSIDE_GRANT' as const,
    })),
    ...checkAlternativeNames(profile, tbs),
    ...checkKeyAlgorithm(profile, tbs),
    ...checkUsage(profile, tbs),
  ];
}

function outside(where: string, found: string, allowed: string | readonly string[]): Problem {
  const text = typeof allowed === 'string' ? allowed : allowed.length === 0 ? '—' : allowed.join(', ');
  return { code: 'OUTSIDE_GRANT', where, found, allowed: text };
}

/**
 * Whether a certificate is the CA's own OCSP responder's, by the one purpose it serves. Telling what is revoked must
 * never stop: neither for a service that is not delegated, nor for the end of a grant, its numbers or its lease.
 */
export function isResponderCertificate({ extensions }: TbsCertificate): boolean {
  return extensions.extendedKeyUsage?.join() === 'ocspSigning';
}

function checkService(grant: Grant, { service, time, tbs }: Candidate): readonly Problem[] {
  if (isResponderCertificate(tbs)) return [];
  const problems: Problem[] = [];
  if (!grant.services.includes(service)) problems.push(outside('service', service, grant.services));
  const { notBefore, notAfter } = grant.limits;
  const within = time.getTime() >= Date.parse(notBefore) && time.getTime() < Date.parse(notAfter);
  if (!within) {
    problems.push(outside('time', time.toISOString(), `${notBefore} – ${notAfter}`));
  }
  return problems;
}

function checkIssuer(grant: Grant, ca: Certificate, tbs: TbsCertificate): readonly Problem[] {
  const problems: Problem[] = [];
  if (!tbs.issuerDer.equals(ca.tbs.subjectDer)) {
    problems.push(outside('issuer', tbs.issuerDer.toString('hex'), ca.tbs.subjectDer.toString('hex')));
  }
  const expected = ca.tbs.publicKey.keyId.toString('hex');
  const found = tbs.extensions.authorityKeyIdentifier?.toString('hex') ?? '—';
  if (found !== expected) problems.push(outside('authorityKeyIdentifier', found, expected));
  const { caSignature } = grant.keys;
  if (tbs.signatureAlgorithm !== caSignature) {
    problems.push(outside('signatureAlgorithm', tbs.signatureAlgorithm, caSignature));
  } else if (!tbs.signatureAlgorithmDer.equals(signatureAlgorithmIdentifier(caSignature))) {
    // The certificate is put together from its TBS with the identifier written here.
    problems.push(outside('signatureAlgorithm', tbs.signatureAlgorithmDer.toString('hex'), caSignature));
  }
  return problems;
}

function checkUrls(grant: Grant, tbs: TbsCertificate): readonly Problem[] {
  const { crlDistributionPoints = [], ocsp = [], caIssuers = [] } = tbs.extensions;
  const strange = (where: string, found: readonly string[], allowed: readonly string[]): Problem[] =>
    found.filter((url) => !allowed.includes(url)).map((url) => outside(where, url, allowed));
  const problems = [
    ...strange('crlDistributionPoints', crlDistributionPoints, grant.urls.crl),
    ...strange('authorityInfoAccess.ocsp', ocsp, grant.urls.ocsp),
    ...strange('authorityInfoAccess.caIssuers', caIssuers, grant.urls.caIssuers),
  ];
  // A certificate nobody can look up could never be revoked with effect; an OCSP signer says so itself (nocheck).
  if (crlDistributionPoints.length === 0 && !tbs.extensions.ocspNoCheck) {
    problems.push(outside('crlDistributionPoints', '—', grant.urls.crl));
  }
  return problems;
}

/** What holds for the validity of every certificate, whatever its profile. */
function checkPeriod(ca: Certificate, { tbs, time }: Candidate): readonly Problem[] {
  const problems: Problem[] = [];
  if (tbs.notAfter > ca.tbs.notAfter) {
    problems.push(
      outside('validity.notAfter', tbs.notAfter.toISOString(), `≤ ${ca.tbs.notAfter.toISOString()}`),
    );
  }
  if (Math.abs(tbs.notBefore.getTime() - time.getTime()) > START_TOLERANCE) {
    problems.push(outside('validity.notBefore', tbs.notBefore.toISOString(), `${time.toISOString()} ± 1 d`));
  }
  return problems;
}

function checkLength(profile: ProfileScope, { tbs, service }: Candidate): readonly Problem[] {
  const days = (tbs.notAfter.getTime() - tbs.notBefore.getTime()) / DAY;
  const most = service === 'renew' ? profile.maxRenewedDays : profile.maxValidityDays;
  if (days > 0 && days <= most) return [];
  // Five digits tell a second.
  return [outside('validity', `${days.toFixed(5)} d`, most > 0 ? `> 0, ≤ ${most} d` : '—')];
}

/** What holds for every certificate of a sub-CA, whatever its profile: it is no CA, and no part of it is unread. */
function checkEndEntity(ca: Certificate, tbs: TbsCertificate): readonly Problem[] {
  const problems: Problem[] = [];
  const { extensions, publicKey } = tbs;
  // In any spelling: to a person, and to most programs, it would be the CA.
  if (namesEqual(tbs.subject, ca.tbs.subject)) {
    problems.push(outside('subject', formatName(tbs.subject), 'another name than the sub-CA’s'));
  }
  for (const { type, found, allowed } of tbs.subjectForeignStrings) {
    problems.push(outside(`subject.${type}`, found, allowed));
  }
  const found = extensions.subjectKeyIdentifier?.toString('hex') ?? '—';
  const expected = publicKey.keyId.toString('hex');
  if (found !== expected) problems.push(outside('subjectKeyIdentifier', found, expected));
  if (extensions.basicConstraints?.ca === true)
    problems.push(outside('basicConstraints', 'CA', 'end entity'));
  for (const oid of extensions.unknown) problems.push(outside('extensions', oid, []));
  if (extensions.nameConstraints !== undefined) {
    problems.push(outside('extensions', 'nameConstraints', 'none in an end-entity certificate'));
  }
  // It tells the world not to ask about revocation: for subscribers that would make theirs void.
  if (extensions.ocspNoCheck && !isResponderCertificate(tbs)) {
    problems.push(outside('extensions', 'ocspNoCheck', 'beside ocspSigning alone'));
  }
  return problems;
}

/** The node's own keys that the grant names: what they sign must never pass for a subscriber's. */
function checkOwnKeys({ keys }: Grant, ca: Certificate, { publicKey }: TbsCertificate): readonly Problem[] {
  const key =
    publicKey.spkiSha256 === ca.tbs.publicKey.spkiSha256
      ? 'CA'
      : publicKey.spki.toString('base64') === keys.journalSpki
        ? 'journal'
        : undefined;
  return key === undefined
    ? []
    : [outside('publicKey', `the node’s ${key} key`, 'a key of the subscriber’s own')];
}

function checkAlternativeNames(profile: ProfileScope, tbs: TbsCertificate): readonly Problem[] {
  const inSubject = tbs.subject.filter(({ type }) => type === 'E').map(({ value }) => value);
  return [
    ...inSubject.flatMap((email) => checkEmail(profile, 'subject.E', email)),
    ...(tbs.extensions.subjectAltName ?? []).flatMap((name) => checkAlternativeName(profile, name)),
  ];
}

function checkAlternativeName(profile: ProfileScope, name: GeneralName): readonly Problem[] {
  switch (name.kind) {
    case 'email':
      return checkEmail(profile, 'subjectAltName.email', name.value);
    case 'dns':
      // Only whole host names: `*.a.vn` would stand for names that an excluded subtree below `a.vn` takes out.
      return isHostName(name.value) && within(profile.dns, (base) => inDomain(name.value, base))
        ? []
        : [outside('subjectAltName.dns', name.value, described(profile.dns))];
    case 'ip':
      return within(profile.ip, (block) => isInBlock(name.value, block))
        ? []
        : [outside('subjectAltName.ip', name.value.toString('hex'), described(profile.ip))];
    case 'uri':
    case 'directory':
    case 'other':
      return [outside('subjectAltName', name.kind, ['email', 'dns', 'ip'])];
  }
}

function checkEmail(profile: ProfileScope, where: string, email: string): readonly Problem[] {
  const host = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  // RFC 5280: `a.vn` is the host itself, `.a.vn` every host below it.
  const matches = (base: string): boolean => (base.startsWith('.') ? host.endsWith(base) : host === base);
  return isEmailAddress(email) && within(profile.email, matches)
    ? []
    : [outside(where, email, described(profile.email))];
}

interface Subtrees {
  readonly permitted: readonly string[];
  readonly excluded: readonly string[];
}

function within(subtrees: Subtrees, matches: (base: string) => boolean): boolean {
  return subtrees.permitted.some(matches) && !subtrees.excluded.some(matches);
}

function described({ permitted, excluded }: Subtrees): readonly string[] {
  return [...permitted, ...excluded.map((base) => `≠ ${base}`)];
}

/** RFC 5280: a host satisfies a DNS constraint when labels are added on the left only, or none. */
function inDomain(host: string, base: string): boolean {
  const name = host.toLowerCase();
  return base.startsWith('.') ? name.endsWith(base) : name === base || name.endsWith(`.${base}`);
}

function isInBlock(address: Buffer, block: string): boolean {
  const network = readNetwork(block);
  return network !== undefined && inNetwork(address, network);
}

function checkKeyAlgorithm(profile: ProfileScope, tbs: TbsCertificate): readonly Problem[] {
  const { algorithm } = tbs.publicKey;
  return profile.keyAlgorithms.includes(algorithm)
    ? []
    : [outside('keyAlgorithm', algorithm, profile.keyAlgorithms)];
}

function checkUsage(profile: ProfileScope, tbs: TbsCertificate): readonly Problem[] {
  const { keyUsage = [], extendedKeyUsage = [], policies = [] } = tbs.extensions;
  const problems: Problem[] = [];
  const subset = (where: string, found: readonly string[], allowed: readonly string[]): void => {
    for (const value of found) if (!allowed.includes(value)) problems.push(outside(where, value, allowed));
  };
  if (keyUsage.length === 0) problems.push(outside('keyUsage', '—', profile.keyUsage));
  subset(
    'keyUsage',
    keyUsage,
    profile.keyUsage.filter((usage) => usage !== 'keyCertSign' && usage !== 'cRLSign'),
  );
  // No extended key usage would mean every usage.
  if (extendedKeyUsage.length === 0)
    problems.push(outside('extendedKeyUsage', '—', profile.extendedKeyUsage));
  subset('extendedKeyUsage', extendedKeyUsage, profile.extendedKeyUsage);
  problems.push(...checkTimestamping(tbs));
  subset(
    'certificatePolicies',
    policies.map(({ oid }) => oid),
    profile.policies,
  );
  return problems;
}

/** RFC 3161, section 2.3: who signs timestamps has this purpose alone, in a critical extension. */
function checkTimestamping({ extensions }: TbsCertificate): readonly Problem[] {
  const { extendedKeyUsage = [], all } = extensions;
  if (!extendedKeyUsage.includes('timeStamping')) return [];
  const critical = all.some((extension) => extension.oid === OID.extKeyUsage && extension.critical);
  return critical && extendedKeyUsage.length === 1
    ? []
    : [outside('extendedKeyUsage', extendedKeyUsage.join(', '), 'timeStamping alone, critical')];
}
