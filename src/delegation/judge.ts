/**
 * The judge of journal entries: what one entry means for the certificates and counters, and every way in which it
 * breaks the rules. The node applies an entry only if nothing is found; the root keeps entry and findings as evidence.
 */
import { originOf, placeOfSerialNumber, type Entry, type EntryOf } from '../journal';
import { formatName, readTbsCertificate, type Certificate, type TbsCertificate } from '../x509';
import type { CertificateRecord } from './certificateRecord';
import type { DirectiveChain } from './directive';
import { checkIssuance, isOrdered, judgeDirective, type DirectiveResult } from './directiveRules';
import type { SignedDocument } from './document';
import type { EarlierCertificates } from './earlier';
import { finding, type Finding } from './finding';
import type { Grant } from './grant';
import { checkArrival, grantInForce } from './inForce';
import { checkKeyUse, type KeyHistory } from './keyUse';
import { beginningOfLease, checkLease, checkReceipt, type JudgedReceipt } from './lease';
import { checkQuota, quotaKeys } from './quota';
import { checkScope, isResponderCertificate } from './scope';
import { checkAfterSeal, checkSealing } from './seal';
import { isReplaced, type Succession } from './succession';
import type { RegistryKey } from './trust';

/** What must be remembered from one entry to the next. */
export interface JudgeState {
  /** Entries judged so far; the next one has this index. */
  readonly size: number;
  readonly lastTime: string | null;
  /** Newest version of the grant that has arrived; 0 before the first `grant` entry. */
  readonly grantVersion: number;
  readonly crlNumber: number;
  /** Sequence of the newest directive acknowledged, in this journal or those it seals; 0 before the first. */
  readonly lastDirective: number;
  /** When the root last saw this journal, by its own clock: the lease runs from there. Null before the first grant. */
  readonly leaseTime: string | null;
}

export const INITIAL_STATE: JudgeState = {
  size: 0,
  lastTime: null,
  grantVersion: 0,
  crlNumber: 0,
  lastDirective: 0,
  leaseTime: null,
};

/** The signed facts a journal is judged against. */
export interface Authority {
  readonly nodeId: string;
  readonly epoch: number;
  readonly caCertificate: Certificate;
  /** Every accepted version of the grant that names this epoch's CA key. */
  readonly grants: ReadonlyMap<number, SignedDocument<Grant>>;
  /** The directives for the node; none if absent. */
  readonly directives?: DirectiveChain;
  /** Whose receipts count. */
  readonly registry: readonly RegistryKey[];
  /**
   * How many entries this journal had when the next epoch opened. What follows them tells what becomes of its
   * certificates, and no more.
   */
  readonly sealedAt?: number;
}

/** What the stored journal already says; loaded before judging, so that judging itself is pure. */
export interface Lookups {
  bySerialNumber(serialNumber: string): CertificateRecord | undefined;
  byIntent(index: number): CertificateRecord | undefined;
  /** What was made for the key with this SHA-256. */
  byKey(spkiSha256: string): KeyHistory | undefined;
  /** Of the certificates whose predecessor the given one is, what `Successors` tells. */
  successorsOf(serialNumber: string): readonly CertificateRecord[];
  quotaUsed(key: string): number;
  /** What the journals of the CA keys before say; asked for the same keys and predecessors. */
  readonly earlier?: EarlierCertificates | undefined;
}

/** Work on an entry that was done before, off the main thread or at planning. */
export interface Evidence {
  /** The TBS certificate of an intent, if it is parsed already. */
  readonly tbs?: TbsCertificate;
  /** For an `issued` entry: whether its signature is the CA key's over the intent's TBS. */
  readonly signatureValid?: boolean;
  /** For an `open` entry that seals a journal: the root hash of that journal at the size named, hex. */
  readonly sealedRoot?: string;
  /** Of a `lease` entry: the receipt, if the registry has signed it. */
  readonly receipt?: JudgedReceipt;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** The new state of a certificate, if the entry changes one. */
  readonly record?: CertificateRecord;
  /** The counters this entry raises by one. */
  readonly quotaKeys: readonly string[];
  /** What became of a directive, if the entry tells of the next one. */
  readonly acknowledged?: DirectiveResult;
  readonly state: JudgeState;
}

/**
 * Judges the entry at index `state.size`. Pure: the same arguments give the same verdict at the node, at the root
 * and at an auditor's desk.
 */
export function judge(
  entry: Entry,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
  evidence: Evidence = {},
): Verdict {
  const ordered = checkOrder(entry, state);
  const outcome = judgeByType(entry, state, authority, lookups, evidence);
  const { sealedAt } = authority;
  const late = sealedAt === undefined ? [] : checkAfterSeal(entry, state.size, sealedAt, evidence.tbs);
  const lastTime = state.lastTime !== null && state.lastTime > entry.time ? state.lastTime : entry.time;
  return {
    findings: [...ordered, ...(outcome.findings ?? []), ...late],
    quotaKeys: outcome.quotaKeys ?? [],
    state: { ...state, ...outcome.state, size: state.size + 1, lastTime },
    ...(outcome.record && { record: outcome.record }),
    ...(outcome.acknowledged && { acknowledged: outcome.acknowledged }),
  };
}

type Outcome = Partial<Pick<Verdict, 'findings' | 'record' | 'quotaKeys' | 'acknowledged'>> & {
  readonly state?: Partial<JudgeState>;
};

function checkOrder(entry: Entry, state: JudgeState): readonly Finding[] {
  const findings: Finding[] = [];
  if ((entry.type === 'open') !== (state.size === 0)) {
    findings.push(finding('OPEN_MISPLACED', `entry ${state.size}`, entry.type, 'open at index 0 only'));
  }
  if (state.lastTime !== null && entry.time < state.lastTime) {
    findings.push(finding('TIME_DECREASES', 'time', entry.time, `≥ ${state.lastTime}`));
  }
  return findings;
}

function judgeByType(
  entry: Entry,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
  evidence: Evidence,
): Outcome {
  switch (entry.type) {
    case 'open':
      return judgeOpen(entry, authority, evidence.sealedRoot);
    case 'grant':
      return judgeGrant(entry, state, authority);
    case 'intent':
      return judgeIntent(entry, state, authority, lookups, evidence.tbs);
    case 'issued':
      return judgeIssued(entry, state, lookups, evidence.signatureValid ?? false);
    case 'abandoned':
      return judgeAbandoned(entry, lookups);
    case 'revoked':
    case 'suspended':
    case 'resumed':
      return judgeStatusChange(entry, state, authority, lookups);
    case 'crl':
      return judgeCrl(entry, state);
    case 'directive':
      return judgeDirective(entry, state, authority, lookups);
    case 'lease':
      return judgeLease(entry, state, authority, evidence.receipt);
    case 'ceremony':
      // It names a document, and changes nothing.
      return {};
  }
}

function judgeOpen(entry: EntryOf<'open'>, authority: Authority, sealedRoot: string | undefined): Outcome {
  const caSpkiSha256 = authority.caCertificate.tbs.publicKey.spkiSha256;
  const known = [...authority.grants.values()].map(({ sha256 }) => sha256);
  const expected: readonly (readonly [string, string, string, boolean])[] = [
    ['node', entry.node, authority.nodeId, entry.node === authority.nodeId],
    ['epoch', String(entry.epoch), String(authority.epoch), entry.epoch === authority.epoch],
    ['caSpkiSha256', entry.caSpkiSha256, caSpkiSha256, entry.caSpkiSha256 === caSpkiSha256],
    ['grantSha256', entry.grantSha256, known.join(', '), known.includes(entry.grantSha256)],
  ];
  return {
    findings: [
      ...expected
        .filter(([, , , holds]) => !holds)
        .map(([where, found, allowed]) => finding('OPEN_MISPLACED', where, found, allowed)),
      ...checkSealing(entry, authority.epoch, sealedRoot),
    ],
  };
}

function judgeGrant(entry: EntryOf<'grant'>, { grantVersion }: JudgeState, { grants }: Authority): Outcome {
  const findings = checkArrival(entry, grants, grantVersion);
  const known = grants.get(entry.version)?.value;
  if (findings.length > 0 || known === undefined) return { findings };
  const leaseTime = grantVersion === 0 ? { leaseTime: beginningOfLease(known, entry.time) } : {};
  return { state: { grantVersion: entry.version, ...leaseTime } };
}

function judgeIntent(
  entry: EntryOf<'intent'>,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
  parsed: TbsCertificate | undefined,
): Outcome {
  const findings: Finding[] = [];
  let tbs: TbsCertificate;
  try {
    tbs = parsed ?? readTbsCertificate(Buffer.from(entry.tbs, 'base64'), 'tbs');
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    return { findings: [finding('TBS_MALFORMED', 'tbs', reason, 'a TBSCertificate')] };
  }
  const { serialNumber } = tbs;
  const place = placeOfSerialNumber(serialNumber);
  if (place?.epoch !== authority.epoch || place.index !== state.size) {
    const allowed = `epoch ${authority.epoch}, index ${state.size}`;
    findings.push(finding('SERIAL_MISPLACED', 'serialNumber', serialNumber, allowed));
  }
  const grant = grantInForce(authority.grants, state.grantVersion, entry.time);
  if (grant === undefined) {
    return { findings: [...findings, finding('GRANT_MISMATCH', 'grant', '—', 'a grant in force')] };
  }
  const time = new Date(entry.time);
  const keys = quotaKeys(grant.grantId, entry.profile, time);
  const succession = successionOf(entry, authority.epoch, lookups);
  const candidate = { service: entry.service, profile: entry.profile, tbs, time, succession };
  const used = {
    total: lookups.quotaUsed(keys.total),
    day: lookups.quotaUsed(keys.day),
    profile: lookups.quotaUsed(keys.profile),
  };
  const problems = [
    ...checkScope(grant, authority.caCertificate, candidate),
    ...(isResponderCertificate(tbs) ? [] : checkQuota(grant, entry.profile, used)),
  ];
  if (problems.length > 0) findings.push({ code: 'OUT_OF_SCOPE', problems });
  const issuance = authority.directives?.issuanceAfter(state.lastDirective) ?? { state: 'open' };
  findings.push(...checkIssuance(tbs, issuance));
  findings.push(...checkLease(grant, state.leaseTime, entry, tbs));
  const { spkiSha256 } = tbs.publicKey;
  const use = { profile: entry.profile, tbs, succession };
  const before = lookups.earlier?.byKey(spkiSha256, entry.time);
  findings.push(...checkKeyUse(use, lookups.byKey(spkiSha256), before));
  const counted = [keys.total, keys.day, keys.profile];
  if (lookups.bySerialNumber(serialNumber) !== undefined) {
    findings.push(finding('SERIAL_DUPLICATE', 'serialNumber', serialNumber, 'a serial number used once'));
    return { findings, quotaKeys: counted };
  }
  return {
    findings,
    quotaKeys: counted,
    record: {
      serialNumber,
      intentIndex: state.size,
      issuedIndex: null,
      service: entry.service,
      predecessor: entry.predecessor ?? null,
      renewals: (succession?.predecessor?.renewals ?? 0) + (entry.service === 'renew' ? 1 : 0),
      profile: entry.profile,
      request: entry.request,
      subject: formatName(tbs.subject),
      spkiSha256,
      notBefore: tbs.notBefore.toISOString(),
      notAfter: tbs.notAfter.toISOString(),
      status: 'reserved',
      statusTime: entry.time,
      reason: null,
      invalidityDate: null,
    },
  };
}

/** What the journals say of the certificate an intent names as its predecessor, at the intent's time. */
function successionOf(
  { predecessor: serialNumber, time }: EntryOf<'intent'>,
  epoch: number,
  lookups: Lookups,
): Succession | undefined {
  if (serialNumber === undefined) return undefined;
  const { earlier } = lookups;
  // Whose journal tells of a certificate is told by its serial number.
  const isEarlier = (placeOfSerialNumber(serialNumber)?.epoch ?? epoch) < epoch;
  return {
    serialNumber,
    predecessor: isEarlier
      ? earlier?.bySerialNumber(serialNumber, time)
      : lookups.bySerialNumber(serialNumber),
    successors: [...lookups.successorsOf(serialNumber), ...(earlier?.successorsOf(serialNumber) ?? [])],
  };
}

function judgeIssued(
  entry: EntryOf<'issued'>,
  state: JudgeState,
  lookups: Lookups,
  signatureValid: boolean,
): Outcome {
  const record = lookups.byIntent(entry.intent);
  if (record?.status !== 'reserved') return unsettled(entry.intent, record);
  const findings = signatureValid
    ? []
    : [finding('SIGNATURE_INVALID', 'signature', 'not the CA key’s', 'the CA key’s over the intent’s TBS')];
  return {
    findings,
    record: { ...record, status: 'issued', statusTime: entry.time, issuedIndex: state.size },
  };
}

function judgeAbandoned(entry: EntryOf<'abandoned'>, lookups: Lookups): Outcome {
  const record = lookups.byIntent(entry.intent);
  if (record?.status !== 'reserved') return unsettled(entry.intent, record);
  return { record: { ...record, status: 'abandoned', statusTime: entry.time } };
}

function unsettled(intent: number, record: CertificateRecord | undefined): Outcome {
  const found = `${intent}: ${record?.status ?? 'none'}`;
  return { findings: [finding('INTENT_MISSING', 'intent', found, 'an intent without an outcome')] };
}

/** The statuses from which each change may start. */
const CHANGES = {
  revoked: { from: ['issued', 'suspended'], service: 'revoke' },
  suspended: { from: ['issued'], service: 'suspend' },
  resumed: { from: ['suspended'], service: 'suspend' },
} as const;

function judgeStatusChange(
  entry: EntryOf<'revoked' | 'suspended' | 'resumed'>,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
): Outcome {
  const findings: Finding[] = [];
  const { from, service } = CHANGES[entry.type];
  const services = grantInForce(authority.grants, state.grantVersion, entry.time)?.services ?? [];
  const outside = (where: string, found: string, allowed: string): void => {
    findings.push({
      code: 'OUT_OF_SCOPE',
      problems: [{ code: 'OUTSIDE_GRANT', where, found, allowed }],
    });
  };
  // An order of the root needs no delegated service; one the root never gave must not stand in for it.
  if (entry.by.kind === 'directive') {
    if (!isOrdered(authority.directives, entry))
      outside('by', `directive ${entry.by.sequence}`, 'a directive that orders this');
  } else if (!services.includes(service) && !completesSuccession(entry, lookups)) {
    outside('service', service, services.join(', ') || '—');
  }
  const record = lookups.bySerialNumber(entry.serialNumber);
  if (record === undefined || !from.some((status) => status === record.status)) {
    const found = `${entry.serialNumber}: ${record?.status ?? 'none'}`;
    findings.push(finding('STATUS_IMPOSSIBLE', 'serialNumber', found, from.join(', ')));
    return { findings };
  }
  const status = entry.type === 'resumed' ? 'issued' : entry.type;
  const reason = entry.type === 'revoked' ? entry.reason : null;
  const invalidityDate = entry.type === 'revoked' ? (entry.invalidityDate ?? null) : null;
  return { findings, record: { ...record, status, statusTime: entry.time, reason, invalidityDate } };
}

/** The services that put a certificate in another's place include revoking the old one. */
function completesSuccession(
  { type, serialNumber }: { type: string; serialNumber: string },
  lookups: Lookups,
): boolean {
  return type === 'revoked' && isReplaced(lookups.successorsOf(serialNumber));
}

function judgeCrl(entry: EntryOf<'crl'>, state: JudgeState): Outcome {
  const findings: Finding[] = [];
  if (entry.number <= state.crlNumber) {
    findings.push(finding('CRL_NUMBER', 'number', String(entry.number), `> ${state.crlNumber}`));
  }
  if (entry.covers > state.size || entry.thisUpdate >= entry.nextUpdate) {
    const found = `covers ${entry.covers}, ${entry.thisUpdate} – ${entry.nextUpdate}`;
    findings.push(finding('CRL_NUMBER', 'crl', found, `covers ≤ ${state.size}, thisUpdate < nextUpdate`));
  }
  return { findings, state: { crlNumber: Math.max(entry.number, state.crlNumber) } };
}

function judgeLease(
  entry: EntryOf<'lease'>,
  { size, leaseTime }: JudgeState,
  { nodeId: node, epoch, registry }: Authority,
  receipt: JudgedReceipt | undefined,
): Outcome {
  const origins = registry.map(({ name }) => originOf({ registry: name, node, epoch }));
  const findings = checkReceipt(entry, receipt, origins, size);
  const renews = findings.length === 0 && receipt !== undefined && receipt.time > (leaseTime ?? '');
  return { findings, ...(renews && { state: { leaseTime: receipt.time } }) };
}
