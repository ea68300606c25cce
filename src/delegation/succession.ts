/**
 * Succession: which certificate may follow which. Renewal, change of information and recovery of a device are
 * issuances with a predecessor; a plain issuance has none.
 */
import type { Problem } from '../errors';
import type { IssuingService, RevocationCause } from '../journal';
import { sha256Hex } from '../signer';
import { formatName, type TbsCertificate } from '../x509';
import type { CertificateRecord, CertificateStatus } from './certificateRecord';

/** What the node's journals say about the certificate that another is to follow. */
export interface Succession {
  readonly serialNumber: string;
  /** Absent if they have no such certificate. */
  readonly predecessor: CertificateRecord | undefined;
  /** Certificates that follow it already, whatever became of them. */
  readonly successors: readonly CertificateRecord[];
}

export interface Successor {
  readonly service: IssuingService;
  readonly profile: string;
  readonly tbs: TbsCertificate;
  readonly time: Date;
}

interface SuccessionRule {
  readonly from: readonly CertificateStatus[];
  /** Why a revoked predecessor may have been revoked. */
  readonly revokedFor?: readonly RevocationCause[];
  /** The name stays letter for letter. */
  readonly sameSubject: boolean;
  /** The key must be another one. */
  readonly newKey: boolean;
  /** The end of validity is the predecessor's, or an earlier one. */
  readonly sameEnd: boolean;
}

const RULES: Readonly<Record<Exclude<IssuingService, 'issue'>, SuccessionRule>> = {
  renew: { from: ['issued'], sameSubject: true, newKey: false, sameEnd: false },
  'change-information': { from: ['issued'], sameSubject: false, newKey: false, sameEnd: true },
  // A lost device is revoked at once; its recovery comes after.
  'recover-device': {
    from: ['issued', 'suspended', 'revoked'],
    revokedFor: ['keyCompromise'],
    sameSubject: true,
    newKey: true,
    sameEnd: true,
  },
};

/** A line of certificates is renewed once. */
const MAX_RENEWALS = 1;

/**
 * Every way in which a certificate may not follow the one it names, or not without naming one. The names beside the
 * subject (subjectAltName) are not compared: the journal's records do not hold them.
 */
export function checkSuccession(
  successor: Successor,
  succession: Succession | undefined,
): readonly Problem[] {
  const { service, profile, tbs, time } = successor;
  if (service === 'issue') {
    return succession === undefined ? [] : [outside('predecessor', succession.serialNumber, '—')];
  }
  if (succession === undefined) return [outside('predecessor', '—', 'a certificate of this node')];
  const { serialNumber, predecessor, successors } = succession;
  if (predecessor === undefined) {
    return [outside('predecessor', serialNumber, 'a certificate of this node')];
  }
  const rule = RULES[service];
  const problems: Problem[] = [...checkInForce(rule, predecessor, time)];
  const bad = (where: string, found: string, allowed: string): void => {
    problems.push(outside(where, found, allowed));
  };
  // What was abandoned never came to be; anything else took its place in the line.
  const follower = successors.find(({ status }) => status !== 'abandoned');
  if (follower !== undefined) {
    bad('predecessor.successor', `${follower.serialNumber} (${follower.service})`, '—');
  }
  if (service === 'renew' && predecessor.renewals >= MAX_RENEWALS) {
    bad('predecessor.renewals', String(predecessor.renewals), `< ${MAX_RENEWALS}`);
  }
  if (profile !== predecessor.profile) bad('profile', profile, predecessor.profile);
  const subject = formatName(tbs.subject);
  if (rule.sameSubject && sha256Hex(subject) !== predecessor.subjectSha256)
    bad('subject', subject, predecessor.subject);
  const { spkiSha256 } = tbs.publicKey;
  if (rule.newKey && spkiSha256 === predecessor.spkiSha256) bad('publicKey', spkiSha256, 'a new key');
  const end = tbs.notAfter.toISOString();
  if (rule.sameEnd && end > predecessor.notAfter) bad('validity.notAfter', end, `≤ ${predecessor.notAfter}`);
  return problems;
}

/** Whether the predecessor is in a state from which the service may start, and has not ended. */
function checkInForce(
  { from, revokedFor = [] }: SuccessionRule,
  { status, reason, notAfter }: CertificateRecord,
  time: Date,
): readonly Problem[] {
  const problems: Problem[] = [];
  const fits = from.includes(status) && (reason === null || revokedFor.includes(reason));
  if (!fits) {
    const allowed = from.map((one) => (one === 'revoked' ? `revoked (${revokedFor.join(', ')})` : one));
    const found = reason === null ? status : `${status} (${reason})`;
    problems.push(outside('predecessor.status', found, allowed.join(', ')));
  }
  if (Date.parse(notAfter) <= time.getTime()) {
    problems.push(outside('predecessor.notAfter', notAfter, `> ${time.toISOString()}`));
  }
  return problems;
}

/** Whether the revocation of a certificate completes its succession, which needs no delegation of its own. */
export function isReplaced(successors: readonly CertificateRecord[]): boolean {
  return successors.some(({ status, service }) => status === 'issued' && service !== 'renew');
}

function outside(where: string, found: string, allowed: string): Problem {
  return { code: 'OUTSIDE_GRANT', where, found, allowed };
}
