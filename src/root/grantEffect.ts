/**
 * What a version of a grant would do, before anybody signs it: what it changes, which of the certificates in force it
 * would not allow any more, and how much of its numbers is used. Judged by the scope check that judges every issuance.
 */
import { checkCertificate, grantInForce, LIVE_STATUSES, type Grant } from '../delegation';
import type { Problem } from '../errors';
import {
  readEntriesAt,
  readJournal,
  readQuotaStatus,
  decodeStored,
  type LedgerDatabase,
  type QuotaStatus,
} from '../ledger';
import { readTbsCertificate, type Certificate } from '../x509';
import { differencesOf, type Difference } from './grantDifference';
import type { KnownNode } from './nodes';
import type { RootCa } from './root';

const CHUNK = 500;
const ANY_POLICY = '2.5.29.32.0';

/** A certificate in force that the grant would not allow; it stays in force. */
export interface OutsideCertificate {
  readonly serialNumber: string;
  readonly profile: string;
  readonly subject: string;
  readonly notAfter: string;
  readonly problems: readonly Problem[];
}

export interface GrantEffect {
  /** Against the version that would be in force at that moment without it. */
  readonly differences: readonly Difference[];
  readonly narrows: boolean;
  /** Version it is compared with. */
  readonly against: number;
  /** Certificates in force that were judged. */
  readonly running: number;
  readonly outside: readonly OutsideCertificate[];
  /** How many lie outside, by profile and rule, most first; one may break several. */
  readonly rules: readonly { readonly profile: string; readonly rule: string; readonly count: number }[];
  /** What is used now, and the limits the version would set. */
  readonly quota: QuotaStatus;
  /** Limits that are used up already. */
  readonly usedUp: readonly string[];
}

/** @param generations of the node, oldest first; the version is for the newest */
export async function effectOf(
  root: RootCa,
  generations: readonly KnownNode[],
  draft: Grant,
): Promise<GrantEffect> {
  const newest = generations.at(-1);
  if (newest === undefined) throw new Error('a node without a CA key');
  const against = versionBefore(newest, draft);
  const differences = differencesOf(against, draft);
  let running = 0;
  const outside: OutsideCertificate[] = [];
  for (const generation of generations) {
    const { id } = await readJournal(root.read, generation.origin);
    const judged = await judgeRunning(root.read, id, generation, draft, root.now());
    running += judged.running;
    outside.push(...judged.outside);
  }
  const { id } = await readJournal(root.read, newest.origin);
  const quota = await readQuotaStatus(root.read, id, draft, root.now());
  return {
    differences,
    narrows: differences.some(({ narrows }) => narrows),
    against: against.version,
    running,
    outside,
    rules: countRules(outside),
    quota,
    usedUp: usedUp(quota),
  };
}

/** Versions may have been signed that take effect later than this one would. */
function versionBefore({ authority, grant }: KnownNode, { effectiveFrom }: Grant): Grant {
  return grantInForce(authority.grants, grant.value.version, effectiveFrom) ?? grant.value;
}

async function judgeRunning(
  db: LedgerDatabase,
  journal: number,
  { authority, grant }: KnownNode,
  draft: Grant,
  now: Date,
): Promise<{ readonly running: number; readonly outside: readonly OutsideCertificate[] }> {
  // A certificate of an earlier CA key names that key and its addresses, which no later version changes.
  const { keys, urls } = grant.value;
  const terms = keys.epoch === draft.keys.epoch ? draft : { ...draft, keys, urls };
  const outside: OutsideCertificate[] = [];
  let running = 0;
  for (let after = -1; ;) {
    const rows = await db
      .selectFrom('certificates')
      .select(['intentIndex', 'serialNumber', 'profile', 'subject', 'notAfter'])
      .where('journal', '=', journal)
      .where('status', 'in', LIVE_STATUSES)
      .where('notAfter', '>', now.toISOString())
      .where('intentIndex', '>', after)
      .orderBy('intentIndex')
      .limit(CHUNK)
      .execute();
    const entries = await readEntriesAt(
      db,
      journal,
      rows.map(({ intentIndex }) => intentIndex),
    );
    for (const { intentIndex, ...certificate } of rows) {
      after = intentIndex;
      const stored = entries.get(intentIndex);
      const entry = stored && decodeStored(stored);
      if (entry?.type !== 'intent') continue;
      running += 1;
      const { service, profile, time } = entry;
      const tbs = readTbsCertificate(Buffer.from(entry.tbs, 'base64'), certificate.serialNumber);
      const candidate = { service, profile, tbs, time: new Date(time) };
      const problems = checkCertificate(terms, authority.caCertificate, candidate);
      if (problems.length > 0) outside.push({ ...certificate, problems });
    }
    if (rows.length < CHUNK) return { running, outside };
  }
}

function countRules(outside: readonly OutsideCertificate[]): GrantEffect['rules'] {
  const counts = new Map<string, { profile: string; rule: string; count: number }>();
  for (const { profile, problems } of outside) {
    for (const rule of new Set(problems.map(({ where }) => where))) {
      const counted = counts.get(`${profile} ${rule}`) ?? { profile, rule, count: 0 };
      counted.count += 1;
      counts.set(`${profile} ${rule}`, counted);
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

function usedUp({ total, totalLimit, today, perDayLimit, profiles }: QuotaStatus): readonly string[] {
  return [
    ...(total >= totalLimit ? ['quota.total'] : []),
    ...(today >= perDayLimit ? ['quota.perDay'] : []),
    ...profiles.flatMap(({ profile, used, limit }) =>
      limit !== null && used >= limit ? [`quota.perProfile.${profile}`] : [],
    ),
  ];
}

/**
 * What a grant would allow that the certificate of its CA key forbids: verifiers go by the certificate, and would refuse
 * what the node issues.
 */
export function beyondCertificate(draft: Grant, { tbs }: Certificate): readonly Problem[] {
  const problems: Problem[] = [];
  const bad = (where: string, found: string, allowed: string | readonly string[]): void => {
    const text = typeof allowed === 'string' ? allowed : allowed.join(', ') || '—';
    problems.push({ code: 'OUTSIDE_GRANT', where, found, allowed: text });
  };
  const { extendedKeyUsage, policies, nameConstraints } = tbs.extensions;
  const end = tbs.notAfter.toISOString();
  if (draft.limits.notAfter > end) bad('limits.notAfter', draft.limits.notAfter, `≤ ${end}`);
  const oids = policies?.map(({ oid }) => oid);
  const { email = [], dns = [], directory = [] } = nameConstraints?.permitted ?? {};
  const noAddresses = (nameConstraints?.excluded.ip.length ?? 0) > 0;
  for (const profile of draft.scope.profiles) {
    const at = `scope.profiles[${profile.id}]`;
    for (const usage of profile.extendedKeyUsage)
      // The CA's own responder needs no leave of the CA's certificate: see `subCaProfile`.
      if (usage !== 'ocspSigning' && extendedKeyUsage?.includes(usage) === false)
        bad(`${at}.extendedKeyUsage`, usage, extendedKeyUsage);
    for (const oid of profile.policies)
      if (oids !== undefined && !oids.includes(oid) && !oids.includes(ANY_POLICY))
        bad(`${at}.policies`, oid, oids);
    for (const base of profile.email.permitted)
      if (
        email.length > 0 &&
        !email.some((one) => one === base || (one.startsWith('.') && base.endsWith(one)))
      )
        bad(`${at}.email.permitted`, base, email);
    for (const base of profile.dns.permitted)
      if (
        dns.length > 0 &&
        !dns.some((one) => one === base || base.endsWith(one.startsWith('.') ? one : `.${one}`))
      )
        bad(`${at}.dns.permitted`, base, dns);
    for (const block of profile.ip.permitted) if (noAddresses) bad(`${at}.ip.permitted`, block, '—');
    for (const name of directory.slice(0, 1))
      for (const [place, { type, value }] of name.entries()) {
        const values = profile.subject[place]?.values ?? ['*'];
        if (profile.subject[place]?.type !== type || values.some((one) => one !== value))
          bad(`${at}.subject[${type}].values`, values.join(', '), value);
      }
  }
  return problems;
}
