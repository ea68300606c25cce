/**
 * The judge of journal entries: what one entry means for the certificates and counters, and every way in which it
 * breaks the rules. The node applies an entry only if nothing is found; the root keeps entry and findings as evidence.
 */
import { originOf, placeOfSerialNumber, type EntryOf } from '../journal';
import { readTbsCertificate, type TbsCertificate } from '../x509';
import type { CertificateRecord } from './certificateRecord';
import { checkIssuance, isOrdered, judgeDirective } from './directiveRules';
import { finding, type Finding } from './finding';
import { checkArrival, grantInForce } from './inForce';
import { checkKeyUse } from './keyUse';
import type { Authority, Evidence, JudgeState, Lookups, Verdict } from './judgement';
import { beginningOfLease, checkLease, checkReceipt, type JudgedReceipt } from './lease';
import { checkQuota, quotaKeys } from './quota';
import { checkRemoval, factsOf, type CertificateFacts, type JudgedEntry, type Residue } from './residue';
import { checkScope, isResponderCertificate } from './scope';
import { checkAfterSeal, checkSealing } from './seal';
import { changedBy, mayChange, NEVER_REVOKED, standingOf, type StatusEntry } from './statusChange';
import { isReplaced, type Succession } from './succession';

/** The entries that change what a CRL tells. */
const TOLD_BY_CRL: readonly string[] = ['abandoned', 'revoked', 'suspended', 'resumed'];

/**
 * Judges the entry at index `state.size`. Pure: the same arguments give the same verdict at the node, at the root
 * and at an auditor's desk.
 */
export function judge(
  entry: JudgedEntry,
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
  const size = state.size + 1;
  const isTold = outcome.record !== undefined && TOLD_BY_CRL.includes(entry.type);
  return {
    findings: [...ordered, ...(outcome.findings ?? []), ...late],
    quotaKeys: outcome.quotaKeys ?? [],
    state: { ...state, ...outcome.state, size, lastTime, ...(isTold && { toldSize: size }) },
    ...(outcome.record && { record: outcome.record }),
    ...(outcome.acknowledged && { acknowledged: outcome.acknowledged }),
  };
}

type ResidueOf<T extends Residue['type']> = Extract<Residue, { type: T }>;

type Outcome = Partial<Pick<Verdict, 'findings' | 'record' | 'quotaKeys' | 'acknowledged'>> & {
  readonly state?: Partial<JudgeState>;
};

function checkOrder(entry: JudgedEntry, state: JudgeState): readonly Finding[] {
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
  entry: JudgedEntry,
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
    case 'removed-intent':
      return judgeRemovedIntent(entry, state, authority, lookups);
    case 'removed-issued':
      return judgeIssued(entry, state, lookups, true);
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
    case 'removal':
      return judgeRemoval(entry, state, authority, lookups, evidence);
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
  return { findings, quotaKeys: counted, record: reserved(entry, factsOf(tbs), state, succession) };
}

/** It was judged when it was whole; what follows from it is the same. */
function judgeRemovedIntent(
  entry: ResidueOf<'removed-intent'>,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
): Outcome {
  const grant = grantInForce(authority.grants, state.grantVersion, entry.time);
  if (grant === undefined) return {};
  const counted = Object.values(quotaKeys(grant.grantId, entry.profile, new Date(entry.time)));
  if (lookups.bySerialNumber(entry.serialNumber) !== undefined) return { quotaKeys: counted };
  const succession = successionOf(entry, authority.epoch, lookups);
  return { quotaKeys: counted, record: reserved(entry, { ...entry, subject: '' }, state, succession) };
}

function reserved(
  entry: EntryOf<'intent'> | ResidueOf<'removed-intent'>,
  { serialNumber, subject, subjectSha256, spkiSha256, notBefore, notAfter }: CertificateFacts,
  { size }: JudgeState,
  succession: Succession | undefined,
): CertificateRecord {
  return {
    serialNumber,
    intentIndex: size,
    issuedIndex: null,
    service: entry.service,
    predecessor: entry.predecessor ?? null,
    renewals: (succession?.predecessor?.renewals ?? 0) + (entry.service === 'renew' ? 1 : 0),
    profile: entry.profile,
    request: entry.request,
    subject,
    subjectSha256,
    spkiSha256,
    notBefore,
    notAfter,
    status: 'reserved',
    statusTime: entry.time,
    ...NEVER_REVOKED,
  };
}

/** What the journals say of the certificate an intent names as its predecessor, at the intent's time. */
function successionOf(
  { predecessor: serialNumber, time }: Pick<EntryOf<'intent'>, 'predecessor' | 'time'>,
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
  entry: EntryOf<'issued'> | ResidueOf<'removed-issued'>,
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

/** The service each change belongs to, and the statuses from which it usually starts. */
const CHANGES = {
  revoked: { from: 'issued, suspended', service: 'revoke' },
  suspended: { from: 'issued', service: 'suspend' },
  resumed: { from: 'suspended', service: 'suspend' },
} as const;

function judgeStatusChange(
  entry: StatusEntry,
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
  if (record === undefined || !mayChange(record, entry)) {
    const found = record === undefined ? `${entry.serialNumber}: none` : standingOf(record);
    findings.push(finding('STATUS_IMPOSSIBLE', 'serialNumber', found, from));
    return { findings };
  }
  return { findings, record: changedBy(record, entry) };
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
  authority: Authority,
  receipt: JudgedReceipt | undefined,
): Outcome {
  const findings = checkReceipt(entry, receipt, originsOf(authority), size);
  const renews = findings.length === 0 && receipt !== undefined && receipt.time > (leaseTime ?? '');
  return { findings, ...(renews && { state: { leaseTime: receipt.time } }) };
}

function judgeRemoval(
  entry: EntryOf<'removal'>,
  state: JudgeState,
  authority: Authority,
  lookups: Lookups,
  { removed: found, receipt }: Evidence,
): Outcome {
  const unseen = checkReceipt(entry, receipt, originsOf(authority), state.size);
  if (unseen.length > 0 || receipt === undefined) return { findings: unseen };
  const grant = grantInForce(authority.grants, state.grantVersion, receipt.time);
  // One that was abandoned later than among them needs its certificate no more: nothing is compared with it.
  const isOpen = (intent: number): boolean => lookups.byIntent(intent)?.status !== 'abandoned';
  const removed = found && { ...found, open: found.open.filter(isOpen) };
  const findings = checkRemoval(entry, receipt, grant, state, removed);
  return findings.length > 0 ? { findings } : { state: { removedBefore: entry.before } };
}

/** What the journal may be called by: the registry may have had other names. */
function originsOf({ nodeId: node, epoch, registry }: Authority): readonly string[] {
  return registry.map(({ name }) => originOf({ registry: name, node, epoch }));
}
