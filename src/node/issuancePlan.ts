/** Planning an issuance: from a request to complete certificate contents and the grant's verdict. Nothing is spent. */
import type { Problem } from '../errors';
import { checkScope, DelegationError } from '../delegation';
import { serialNumberAt, SERIAL_RANDOM_OCTETS, type IssuingService } from '../journal';
import { sha256Hex } from '../signer';
import {
  buildTbsCertificate,
  encodeName,
  fillSubject,
  formatName,
  matchSubject,
  profileExtensions,
  readTbsCertificate,
  type CertificationRequest,
  type GeneralName,
  type Name,
  type NameAttribute,
  type Presence,
  type Profile,
  type TbsCertificate,
} from '../x509';
import type { Delegation } from './delegation';
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
    'der' | 'publicKey' | 'subject' | 'subjectProblem' | 'emails' | 'dnsNames'
  >;
  /** Given by the officer; an attribute type given here replaces the request's own. */
  readonly subject: readonly NameAttribute[];
  /** Set for a key of the node itself: no other can have a certificate that answers in the CA's name. */
  readonly ownKey?: true;
}

const spent = new WeakSet<IssuancePlan>();

/** The only way to a signature, and good for one. */
export class IssuancePlan {
  constructor(
    readonly service: IssuingService,
    readonly profile: string,
    /** SHA-256 that names what was asked: the same request, profile and subject give the same. */
    readonly request: string,
    /** The complete certificate as it reads back, with a serial number to be replaced. */
    readonly tbs: TbsCertificate,
  ) {}

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
  delegation: Delegation,
  profile: Profile,
  asked: IssuanceRequest,
  now: Date,
): IssuancePlan {
  if (OWN_KINDS.includes(profile.kind) && asked.ownKey !== true) {
    throw new NodeError('PROFILE_NOT_FOR_SUBSCRIBERS', { profile: profile.id });
  }
  const { caCertificate, grant, authority } = delegation;
  const scope = grant.value.scope.profiles.find(({ id }) => id === profile.id);
  const subject = fillSubject(scope?.subject ?? profile.subject, subjectAttributes(asked));
  const emails = emailsOf(subject, asked);
  const { dnsNames } = asked.request;
  const problems = [
    ...checkSubject(profile, subject, asked.request.subjectProblem),
    ...checkPresence('subjectAltName.email', profile.subjectAltName.email, emails),
    ...checkPresence('subjectAltName.dns', profile.subjectAltName.dns, dnsNames),
    ...checkKeyAlgorithm(profile, asked.request.publicKey.algorithm),
  ];
  if (problems.length > 0) {
    throw new NodeError('REQUEST_UNFIT', { profile: profile.id, count: problems.length }, { problems });
  }
  const { publicKey } = asked.request;
  const { spki } = publicKey;
  const { keyId } = caCertificate.tbs.publicKey;
  const alternativeNames: readonly GeneralName[] = [
    ...(profile.subjectAltName.email === 'none'
      ? []
      : emails.map((value) => ({ kind: 'email', value }) as const)),
    ...(profile.subjectAltName.dns === 'none'
      ? []
      : dnsNames.map((value) => ({ kind: 'dns', value }) as const)),
  ];
  const preview = serialNumberAt({ epoch: authority.epoch, index: 0 }, PREVIEW_RANDOM);
  const planned = buildTbsCertificate({
    serialNumber: preview,
    signatureAlgorithm: grant.value.keys.caSignature,
    issuer: caCertificate.tbs.subjectDer,
    ...validity(profile, caCertificate.tbs.notAfter, now),
    subject: encodeName(subject),
    spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: publicKey.keyId,
      issuerKeyId: keyId,
      alternativeNames,
      urls: grant.value.urls,
    }),
  });
  const tbs = readTbsCertificate(planned, 'planned certificate', publicKey);
  const candidate = { service: asked.service, profile: profile.id, tbs, time: now };
  const violations = checkScope(grant.value, caCertificate, candidate);
  if (violations.length > 0) {
    throw new DelegationError('OUTSIDE_GRANT', { violations: violations.length }, { problems: violations });
  }
  const named = [asked.service, profile.id, formatName(subject), emails.join(), dnsNames.join()];
  const request = sha256Hex(JSON.stringify([...named, sha256Hex(asked.request.der)]));
  return new IssuancePlan(asked.service, profile.id, request, tbs);
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

function checkPresence(where: string, presence: Presence, values: readonly string[]): readonly Problem[] {
  return presence === 'required' && values.length === 0
    ? [{ code: 'MISSING', where, found: '—', allowed: '≥ 1' }]
    : [];
}

function checkKeyAlgorithm(profile: Profile, found: Profile['keyAlgorithms'][number]): readonly Problem[] {
  return profile.keyAlgorithms.includes(found)
    ? []
    : [{ code: 'BAD_VALUE', where: 'keyAlgorithm', found, allowed: profile.keyAlgorithms.join(', ') }];
}

/** From a little before now, for the profile's time; never past the CA's own end (RFC 5280, section 4.1.2.5). */
function validity(profile: Profile, caNotAfter: Date, now: Date): { notBefore: Date; notAfter: Date } {
  const begin = Math.floor((now.getTime() - BACKDATING_MS) / 1000) * 1000;
  const end = begin + profile.validityDays * DAY - 1000;
  return { notBefore: new Date(begin), notAfter: new Date(Math.min(end, caNotAfter.getTime())) };
}
