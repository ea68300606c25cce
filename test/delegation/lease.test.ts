/** The lease: what a node may issue so long after the root last saw its journal, and what counts as having been seen. */
import {
  beginningOfLease,
  leaseOf,
  leaseStateAt,
  type Grant,
  type JudgedReceipt,
} from '../../src/delegation';
import type { EntryOf, IssuingService } from '../../src/journal';
import { DAY, documentOf, grantOf, NOW, ORIGIN } from '../support/delegationFixture';
import {
  codes,
  crl,
  grant,
  intent,
  issued,
  Ledger,
  open,
  revoked,
  serialAt,
  told,
  useJournals,
  VALID,
} from './memoryLedger';

const { world } = useJournals();

const LEASE = { maxOfflineDays: 7, graceDays: 23 };
const ROOT = 'cd'.repeat(32);
const day = (days: number, milliseconds = 0): string =>
  new Date(NOW.getTime() + days * DAY + milliseconds).toISOString();

function leased(changes: Partial<Grant> = {}): Grant {
  return grantOf(world(), {
    services: ['issue', 'renew', 'change-information', 'recover-device', 'revoke', 'suspend'],
    limits: { ...grantOf(world()).limits, lease: LEASE },
    ...changes,
  });
}

/** A journal with one certificate, at index 2. */
function ledgerOf(given: Grant = leased()): Ledger {
  const { sha256, value } = documentOf(given);
  const ledger = new Ledger({ grants: new Map([[1, documentOf(value)]]) }).good(
    open({ grantSha256: sha256 }),
    grant(1, { sha256 }),
    intent(serialAt(2)),
  );
  expect(ledger.take(issued(2), VALID).findings).toEqual([]);
  return ledger;
}

const receipt = (
  time: string,
  changes: Partial<JudgedReceipt> = {},
): { readonly receipt: JudgedReceipt } => ({
  receipt: { origin: ORIGIN, size: 3, rootHash: ROOT, ownRootHash: ROOT, time, ...changes },
});
const lease = (time: string): EntryOf<'lease'> => ({ type: 'lease', time, receipt: 'AAAA' });
const asking = (service: IssuingService, time: string): EntryOf<'intent'> => {
  const follows = service === 'issue' ? {} : { predecessor: serialAt(2) };
  const spki = service === 'recover-device' ? { spki: world().registry.spki } : {};
  const leaf = { notBefore: new Date(time), notAfter: new Date(NOW.getTime() + 365 * DAY), ...spki };
  return intent(serialAt(4), { service, time, ...follows }, leaf);
};

describe('without a receipt', () => {
  const REPLACING = ['renew', 'change-information', 'recover-device'] as const;
  test.each<[when: string, time: () => string, allowed: readonly IssuingService[]]>([
    ['at the last moment', () => day(7), ['issue', ...REPLACING]],
    ['a millisecond later', () => day(7, 1), REPLACING],
    ['at the last moment of the grace', () => day(30), REPLACING],
    ['a millisecond after it', () => day(30, 1), []],
  ])('%s of the lease', (_, time, allowed) => {
    for (const service of ['issue', ...REPLACING] as const) {
      const found = codes(ledgerOf().take(asking(service, time())).findings);
      expect([service, found]).toEqual([service, allowed.includes(service) ? [] : ['LEASE_OVER']]);
    }
  });

  test('says since when, and what is allowed until when', () => {
    expect(told(ledgerOf().take(asking('issue', day(8))).findings)).toEqual([
      [
        'LEASE_OVER',
        [
          'lease',
          `issue at ${day(8)}, lease from ${day(0)}`,
          `any service until ${day(7)}, renew, change-information, recover-device until ${day(30)}`,
        ],
      ],
    ]);
  });

  test('revocation and CRLs go on', () => {
    ledgerOf().good(
      revoked(serialAt(2), { time: day(400) }),
      crl(1, { time: day(400), thisUpdate: day(400), nextUpdate: day(401) }),
    );
  });

  test('a grant with no grace stops at once', () => {
    const limits = { ...leased().limits, lease: { maxOfflineDays: 1, graceDays: 0 } };
    const ledger = ledgerOf(leased({ limits }));
    expect(codes(ledger.take(asking('renew', day(1, 1))).findings)).toEqual(['LEASE_OVER']);
  });
});

describe('a receipt', () => {
  test('renews the lease from its own time, whatever the time of the entry', () => {
    const ledger = ledgerOf();
    expect(ledger.take(lease(day(6)), receipt(day(5))).findings).toEqual([]);
    expect(ledger.state.leaseTime).toBe(day(5));
    expect(codes(ledger.take({ ...asking('issue', day(12, 1)) }).findings)).toContain('LEASE_OVER');
  });

  test('renews a lease that had run out', () => {
    const ledger = ledgerOf();
    expect(ledger.take(lease(day(99)), receipt(day(99))).findings).toEqual([]);
    ledger.good(intent(serialAt(5), { time: day(99) }, { notBefore: new Date(day(99)) }));
  });

  test('that is older than the last changes nothing', () => {
    const ledger = ledgerOf();
    ledger.take(lease(day(3)), receipt(day(3)));
    expect(ledger.take(lease(day(4)), receipt(day(2))).findings).toEqual([]);
    expect(ledger.state.leaseTime).toBe(day(3));
  });

  test('may be ahead of the entry by as much as two clocks differ', () => {
    for (const [ahead, expected] of [
      [5 * 60_000, []],
      [5 * 60_000 + 1, ['LEASE_INVALID']],
    ] as const) {
      expect(codes(ledgerOf().take(lease(day(1)), receipt(day(1, ahead))).findings)).toEqual(expected);
    }
  });

  test.each<[string, Partial<JudgedReceipt> | undefined, string]>([
    ['that the registry did not sign', undefined, 'receipt'],
    ['for another node', { origin: ORIGIN.replace('lam-dong', 'lao-cai') }, 'receipt.origin'],
    ['for another epoch', { origin: ORIGIN.replace('/e1', '/e2') }, 'receipt.origin'],
    ['of another registry', { origin: `x.${ORIGIN}` }, 'receipt.origin'],
    ['of another head', { rootHash: 'ef'.repeat(32) }, 'receipt.rootHash'],
    ['of more entries than there are', { size: 5 }, 'receipt.rootHash'],
    ['of a size at which the journal is not known', { ownRootHash: undefined }, 'receipt.rootHash'],
    ['that refuses what was sent', { problem: { code: 'fork' } }, 'receipt.problem'],
  ])('%s renews nothing', (_, changes, where) => {
    const ledger = ledgerOf();
    const evidence = changes === undefined ? {} : receipt(day(6), changes);
    const { findings } = ledger.take(lease(day(6)), evidence);
    expect(findings.map(({ code, problems }) => [code, problems[0]?.where])).toEqual([
      ['LEASE_INVALID', where],
    ]);
    expect(ledger.state.leaseTime).toBe(day(0));
  });
});

describe('the beginning', () => {
  test('is when the first grant is taken, but a bundle that lay about counts no longer than a receipt', () => {
    const given = leased();
    expect(beginningOfLease(given, day(3))).toBe(day(3));
    expect(beginningOfLease(given, day(300))).toBe(day(7));
  });

  test('is not moved by a later version', () => {
    const first = documentOf(leased());
    const second = documentOf(
      leased({ version: 2, previous: first.sha256, issuedAt: day(5), effectiveFrom: day(5) }),
    );
    const grants = new Map([first, second].map((one) => [one.value.version, one]));
    const ledger = new Ledger({ grants }).good(
      open({ grantSha256: first.sha256 }),
      grant(1, { sha256: first.sha256 }),
      grant(2, { sha256: second.sha256, time: day(5) }),
    );
    expect(ledger.state).toMatchObject({ grantVersion: 2, leaseTime: day(0) });
  });
});

test('a person is warned from half of it on', () => {
  const terms = leaseOf(leased(), day(0));
  const states = [0, 3.5, 3.6, 7, 7.1, 30, 30.1].map((days) => leaseStateAt(terms, day(days)));
  expect(states).toEqual(['running', 'running', 'ending', 'ending', 'restricted', 'restricted', 'stopped']);
});
