/** Planning an issuance: from a request to complete certificate contents and the grant's verdict. Nothing is spent. */
import type { Problem } from '../errors';
import { checkScope, DelegationError, type Grant, type Succession } from '../delegation';
import {
  serialNumberAt,
  SERIAL_RANDOM_OCTETS,
  type ChangeOrigin,
  type IssuingService,
  type RevocationCause,
} from '../journal';
import { sha256Hex } from '../signer';
import {
  buildTbsCertificate,
  encodeName,
  fillSubject,
  formatName,
  matchSubject,
  profileExtensions,
  readTbsCertificate,
  withSerialNumber,
  type CertificationRequest,
  type GeneralName,
  type Name,
  type NameAttribute,
  type Profile,
  type TbsCertificate,
} from '../x509';
import { grantAt, type Generation } from './delegation';
import { NodeError } from './errors';

const DAY = 86_400_000;
/** Certificates begin a little before they are made: clients' clocks differ. */
const BACKDATING_MS = 5 * 60_000;
/** Profiles of keys that belong to a CA. */
const OWN_KINDS: readonly Profile['kind'][] = ['ocsp-responder', 'sub-ca', 'root'];
/** A serial number of the right form for planning; the real one is known only when its place is reserved. */
const PREVIEW_RANDOM = Buffer.alloc(SERIAL_RANDOM_OCTETS);

/** What is asked for. */
export interface IssuanceRequest {
  readonly service: IssuingService;
  readonly request: Pick<
    CertificationRequest,
    'der' | 'publicKey' | 'subject' | 'subjectProblem' | 'emails' | 'dnsNames' | 'ipAddresses'
  >;
  /** Given by the officer; an attribute type given here replaces the request's own. */
  readonly subject: readonly NameAttribute[];
  /** Set for a key of the node itself: no other can have a certificate that answers in the CA's name. */
  readonly ownKey?: true;
  /** What the certificate follows; for every service but `issue`. */
  readonly succession?: Succession;
  /** How the predecessor is revoked in the same step as the new certificate is recorded; not at all if absent. */
  readonly replacing?: Replacement;
}

/** Why, and on whose request, a certificate that was replaced is revoked. */
export interface Replacement {
  readonly reason: RevocationCause;
  readonly by: ChangeOrigin;
}

const spent = new WeakSet<IssuancePlan>();

/** The only way to a signature, and good for one. */
export class IssuancePlan {
  /** Of the octets that are judged and linted: what is signed must be the same, but for its serial number. */
  readonly #sha256: string;

  constructor(
    readonly service: IssuingService,
    readonly profile: string,
    /** SHA-256 that names what was asked: the same request, profile and subject give the same. */
    readonly request: string,
    /** The complete certificate as it reads back, with a serial number to be replaced. */
    readonly tbs: TbsCertificate,
    readonly succession?: Succession,
    readonly replacing?: Replacement,
  ) {
    this.#sha256 = sha256Hex(tbs.der);
  }

  /** Whether this is what was planned, octet for octet, with another serial number. */
  isOf(tbs: TbsCertificate): boolean {
    return sha256Hex(withSerialNumber(tbs, this.tbs.serialNumber).der) === this.#sha256;
  }

  /** Uses the plan up. */
  spend(): void {
    if (spent.has(this)) throw new Error('an issuance plan is good for one certificate');
    spent.add(this);
  }
}

/**
 * @throws NodeError `PROFILE_NOT_FOR_SUBSCRIBERS`, `REQUEST_UNFIT` with all problems; DelegationError `OUTSIDE_GRANT` with all violations
 */
export function planIssuance(
  generation: Generation,
  profile: Profile,
  asked: IssuanceRequest,
  now: Date,
): IssuancePlan {
  if (OWN_KINDS.includes(profile.kind) && asked.ownKey !== true) {
    throw new NodeError('PROFILE_NOT_FOR_SUBSCRIBERS', { profile: profile.id });
  }
  const { caCertificate, authority } = generation;
  const grant = grantAt(generation, now);
  const { subject, alternativeNames, request } = describeRequest(grant, profile, asked);
  const problems = [
    ...checkSubject(profile, subject, asked.request.subjectProblem),
    ...checkPresences(profile, alternativeNames),
    ...checkKeyAlgorithm(profile, asked.request.publicKey.algorithm),
    ...checkKeyStorage(grant, profile),
    ...checkRenewable(profile, asked.service),
  ];
  if (problems.length > 0) {
    throw new NodeError('REQUEST_UNFIT', { profile: profile.id, count: problems.length }, { problems });
  }
  const { publicKey } = asked.request;
  const { spki } = publicKey;
  const { keyId } = caCertificate.tbs.publicKey;
  const preview = serialNumberAt({ epoch: authority.epoch, index: 0 }, PREVIEW_RANDOM);
  const planned = buildTbsCertificate({
    serialNumber: preview,
    signatureAlgorithm: grant.keys.caSignature,
    issuer: caCertificate.tbs.subjectDer,
    ...validity(profile, caCertificate.tbs.notAfter, now, asked),
    subject: encodeName(subject),
    spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: publicKey.keyId,
      issuerKeyId: keyId,
      alternativeNames,
      urls: grant.urls,
    }),
  });
  const tbs = readTbsCertificate(planned, 'planned certificate', publicKey);
  const { service, succession, replacing } = asked;
  const candidate = { service, profile: profile.id, tbs, time: now, succession };
  const violations = checkScope(grant, caCertificate, candidate);
  if (violations.length > 0) {
    throw new DelegationError('OUTSIDE_GRANT', { violations: violations.length }, { problems: violations });
  }
  return new IssuancePlan(service, profile.id, request, tbs, succession, replacing);
}

interface DescribedRequest {
  readonly subject: Name;
  readonly alternativeNames: readonly GeneralName[];
  /** SHA-256 that names what was asked. */
  readonly request: string;
}

/** The names a certificate for the request would have, before anybody judges them. */
export function describeRequest(grant: Grant, profile: Profile, asked: IssuanceRequest): DescribedRequest {
  const scope = grant.scope.profiles.find(({ id }) => id === profile.id);
  const subject = fillSubject(scope?.subject ?? profile.subject, subjectAttributes(asked));
  const emails = emailsOf(subject, asked);
  const { dnsNames, ipAddresses, der } = asked.request;
  const all: readonly GeneralName[] = [
    ...emails.map((value) => ({ kind: 'email', value }) as const),
    ...dnsNames.map((value) => ({ kind: 'dns', value }) as const),
    ...ipAddresses.map((value) => ({ kind: 'ip', value }) as const),
  ];
  const alternativeNames = all.filter(
    ({ kind }) =>
      (kind === 'email' || kind === 'dns' || kind === 'ip') && profile.subjectAltName[kind] !== 'none',
  );
  const named = [asked.service, profile.id, formatName(subject), emails.join(), dnsNames.join()];
  const addresses = ipAddresses.map((address) => address.toString('hex')).join();
  const predecessor = asked.succession?.serialNumber ?? '';
  const request = sha256Hex(JSON.stringify([...named, addresses, predecessor, sha256Hex(der)]));
  return { subject, alternativeNames, request };
}

function subjectAttributes({ subject, request }: IssuanceRequest): readonly NameAttribute[] {
  const own = (request.subject ?? []).filter(({ type }) => subject.every((given) => given.type !== type));
  return [...subject, ...own];
}

/** The subject's e-mail addresses, or else those the request asks for. */
function emailsOf(subject: Name, { request }: IssuanceRequest): readonly string[] {
  const inSubject = subject.filter(({ type }) => type === 'E').map(({ value }) => value);
  return inSubject.length > 0 ? inSubject : request.emails;
}

/** What misses in the subject may be what could not be read in the request's own. */
function checkSubject(profile: Profile, subject: Name, unread: Problem | undefined): readonly Problem[] {
  const problems = matchSubject(profile.subject, subject);
  return unread !== undefined && problems.some(({ code }) => code === 'MISSING')
    ? [...problems, unread]
    : problems;
}

function checkPresences(profile: Profile, names: readonly GeneralName[]): readonly Problem[] {
  return (['email', 'dns', 'ip'] as const)
    .filter(
      (kind) => profile.subjectAltName[kind] === 'required' && names.every((name) => name.kind !== kind),
    )
    .map((kind) => ({ code: 'MISSING', where: `subjectAltName.${kind}`, found: '—', allowed: '≥ 1' }));
}

function checkKeyAlgorithm(profile: Profile, found: Profile['keyAlgorithms'][number]): readonly Problem[] {
  return profile.keyAlgorithms.includes(found)
    ? []
    : [{ code: 'BAD_VALUE', where: 'keyAlgorithm', found, allowed: profile.keyAlgorithms.join(', ') }];
}

/** The condition that no certificate shows: the node's profile must state what the operators signed. */
function checkKeyStorage(grant: Grant, { id, keyStorage }: Profile): readonly Problem[] {
  const allowed = grant.scope.profiles.find((scope) => scope.id === id)?.keyStorage ?? keyStorage;
  return allowed === keyStorage
    ? []
    : [{ code: 'OUTSIDE_GRANT', where: 'keyStorage', found: keyStorage, allowed }];
}

function checkRenewable({ validity }: Profile, service: IssuingService): readonly Problem[] {
  return service === 'renew' && validity.renewedDays === undefined
    ? [{ code: 'MISSING', where: 'validity.renewedDays', found: '—', allowed: '≥ 1' }]
    : [];
}

/**
 * From a little before now, for the profile's time; never past the CA's own end (RFC 5280, section 4.1.2.5). Whoever
 * takes another's place without being a renewal keeps its end.
 */
function validity(
  profile: Profile,
  caNotAfter: Date,
  now: Date,
  { service, succession }: IssuanceRequest,
): { notBefore: Date; notAfter: Date } {
  const begin = Math.floor((now.getTime() - BACKDATING_MS) / 1000) * 1000;
  const { newDays, renewedDays = newDays } = profile.validity;
  const ends = [begin + (service === 'renew' ? renewedDays : newDays) * DAY - 1000, caNotAfter.getTime()];
  const predecessor = succession?.predecessor;
  if (service !== 'renew' && predecessor !== undefined) ends.push(Date.parse(predecessor.notAfter));
  return { notBefore: new Date(begin), notAfter: new Date(Math.min(...ends)) };
}
