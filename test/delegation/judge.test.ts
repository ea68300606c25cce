/** The judge: how a journal opens, its time, its grants, and what an intent reserves and counts. */
import { INITIAL_STATE, quotaKeys, type Grant } from '../../src/delegation';
import { serialNumberAt, type EntryOf } from '../../src/journal';
import { sha256Hex } from '../../src/signer';
import { basicConstraints, keyIdentifier, subjectKeyIdentifier } from '../../src/x509';
import { documentOf, grantOf, leafDer, leafTbs, NODE_ID, NOW, PERSON } from '../support/delegationFixture';
import {
  abandoned,
  at,
  codes,
  crl,
  grant,
  intent,
  Ledger,
  open,
  opened,
  serialAt,
  time,
  told,
  useJournals,
  withIntent,
  withIssued,
  type Told,
} from './memoryLedger';

const { world, grants } = useJournals();

describe('open', () => {
  test('begins a journal', () => {
    const ledger = new Ledger();
    expect(ledger.take(open())).toEqual({
      findings: [],
      quotaKeys: [],
      state: { ...INITIAL_STATE, size: 1, lastTime: time },
    });
  });

  test('names any signed version of the grant', () => {
    new Ledger().good(open({ grantSha256: grants().get(2)?.sha256 ?? '' }));
  });

  test('must be first', () => {
    expect(told(new Ledger().take(grant()).findings)).toEqual([
      ['OPEN_MISPLACED', ['entry 0', 'grant', 'open at index 0 only']],
    ]);
  });

  test('stands nowhere else', () => {
    expect(told(opened().take(open()).findings)).toEqual([
      ['OPEN_MISPLACED', ['entry 2', 'open', 'open at index 0 only']],
    ]);
  });

  test('names what it is about', () => {
    const other = { node: 'lao-cai', epoch: 2, caSpkiSha256: '0'.repeat(64), grantSha256: '1'.repeat(64) };
    const known = [...grants().values()].map(({ sha256 }) => sha256).join(', ');
    expect(told(new Ledger().take(open(other)).findings)).toEqual([
      ['OPEN_MISPLACED', ['node', 'lao-cai', NODE_ID]],
      ['OPEN_MISPLACED', ['epoch', '2', '1']],
      ['OPEN_MISPLACED', ['caSpkiSha256', '0'.repeat(64), grantOf(world()).keys.caSpkiSha256]],
      ['OPEN_MISPLACED', ['grantSha256', '1'.repeat(64), known]],
    ]);
  });
});

describe('time', () => {
  test('may stand still and go on', () => {
    const ledger = opened().good(grant(2, { time }), crl(1, { time: at(1) }));
    expect(ledger.state.lastTime).toBe(at(1));
  });

  test('does not go back, and is not forgotten when it did', () => {
    const ledger = opened().good(crl(1, { time: at(10) }));
    expect(told(ledger.take(crl(2, { time: at(9) })).findings)).toEqual([
      ['TIME_DECREASES', ['time', at(9), `≥ ${at(10)}`]],
    ]);
    expect(ledger.state.lastTime).toBe(at(10));
  });
});

describe('ceremony', () => {
  const ceremony = (when: string) => ({ type: 'ceremony', time: when, sha256: '5'.repeat(64) }) as const;

  test('is named any time after the opening, and changes nothing', () => {
    const ledger = opened();
    const { size, ...before } = ledger.state;
    ledger.good(ceremony(at(1)), ceremony(at(1)));
    expect(ledger.state).toEqual({ ...before, size: size + 2, lastTime: at(1) });
    expect([ledger.records.size, ledger.quota.size]).toEqual([0, 0]);
  });

  test('neither opens a journal nor turns its time back', () => {
    expect(codes(new Ledger().take(ceremony(time)).findings)).toEqual(['OPEN_MISPLACED']);
    const ledger = opened().good(crl(1, { time: at(2) }));
    expect(codes(ledger.take(ceremony(at(1))).findings)).toEqual(['TIME_DECREASES']);
  });
});

describe('grant', () => {
  test('comes into force', () => {
    expect(opened().state.grantVersion).toBe(1);
    expect(opened().good(grant(2)).state.grantVersion).toBe(2);
  });

  test('may be a later version where the journal begins', () => {
    expect(new Ledger().good(open(), grant(2)).state.grantVersion).toBe(2);
  });

  const named = (version: number): string => `g-1 version ${version} ${grants().get(version)?.sha256 ?? ''}`;
  test.each<[string, () => EntryOf<'grant'>, () => readonly [found: string, allowed: string]]>([
    ['the same version again', () => grant(1), () => [named(1), named(2)]],
    ['the version after the next', () => grant(3), () => [named(3), named(2)]],
    [
      'other words',
      () => grant(2, { sha256: '0'.repeat(64) }),
      () => [`g-1 version 2 ${'0'.repeat(64)}`, named(2)],
    ],
    ['another id', () => grant(2, { grantId: 'g-2' }), () => [named(2).replace('g-1', 'g-2'), named(2)]],
    [
      'a version nobody signed',
      () => grant(4, { sha256: '0'.repeat(64) }),
      () => [`g-1 version 4 ${'0'.repeat(64)}`, named(2)],
    ],
  ])('%s does not come into force', (_, entry, problem) => {
    const ledger = opened();
    expect(told(ledger.take(entry()).findings)).toEqual([['GRANT_MISMATCH', ['grant', ...problem()]]]);
    expect(ledger.state.grantVersion).toBe(1);
  });

  test('an older version does not come back', () => {
    const ledger = opened().good(grant(2), grant(3));
    expect(told(ledger.take(grant(1)).findings)).toEqual([
      ['GRANT_MISMATCH', ['grant', named(1), 'a version the operators signed, each after the one before']],
    ]);
    expect(ledger.state.grantVersion).toBe(3);
  });
});

describe('intent', () => {
  test('reserves a certificate and counts it', () => {
    const ledger = opened();
    const verdict = ledger.take(intent(serialAt(2)));
    expect(verdict.findings).toEqual([]);
    expect(verdict.quotaKeys).toEqual(['g-1/total', 'g-1/day/2026-03-02', 'g-1/profile/individual']);
    expect(verdict.record).toEqual({
      serialNumber: serialAt(2),
      intentIndex: 2,
      issuedIndex: null,
      service: 'issue',
      predecessor: null,
      renewals: 0,
      profile: 'individual',
      request: 'ab'.repeat(32),
      subject: PERSON.map(({ type, value }) => `${type}=${value}`).join(', '),
      subjectSha256: sha256Hex(PERSON.map(({ type, value }) => `${type}=${value}`).join(', ')),
      spkiSha256: leafTbs(world()).publicKey.spkiSha256,
      notBefore: NOW.toISOString(),
      notAfter: leafTbs(world()).notAfter.toISOString(),
      status: 'reserved',
      statusTime: time,
      reason: null,
      invalidityDate: null,
      heldSince: null,
      exposureTime: null,
    });
  });

  test('is judged alike whether its contents were parsed before or not', () => {
    const entry = intent(serialAt(2), {}, { extensions: { more: basicConstraints({ ca: true }) } });
    const tbs = leafTbs(world(), {
      serialNumber: serialAt(2),
      extensions: { more: basicConstraints({ ca: true }) },
    });
    expect(opened().take(entry, { tbs })).toEqual(opened().take(entry));
    expect(codes(opened().take(entry).findings)).toEqual(['OUT_OF_SCOPE']);
  });

  test('outside the grant: every violation in one finding, and still a record and a count', () => {
    const ledger = opened();
    const verdict = ledger.take(
      intent(
        serialAt(2),
        { service: 'recover-device' },
        {
          extensions: { subjectKeyIdentifier: subjectKeyIdentifier(keyIdentifier(world().root.signer.spki)) },
        },
      ),
    );
    expect(codes(verdict.findings)).toEqual(['OUT_OF_SCOPE']);
    expect(verdict.findings[0]?.problems.map(({ where }) => where)).toEqual([
      'predecessor',
      'service',
      'subjectKeyIdentifier',
    ]);
    expect(verdict.record?.status).toBe('reserved');
    expect(ledger.quotaUsed('g-1/total')).toBe(1);
  });

  test('is judged by the grant in force at its place', () => {
    const ledger = withIssued().good(grant(2));
    ledger.good(intent(serialAt(5), { service: 'renew', predecessor: serialAt(2) }));
    expect(told(ledger.take(intent(serialAt(6))).findings)).toEqual([
      ['OUT_OF_SCOPE', ['service', 'issue', 'renew']],
    ]);
  });

  test('before any grant', () => {
    const ledger = new Ledger().good(open());
    const verdict = ledger.take(intent(serialAt(1)));
    expect(told(verdict.findings)).toEqual([['GRANT_MISMATCH', ['grant', '—', 'a grant in force']]]);
    expect(verdict.record).toBeUndefined();
    expect(verdict.quotaKeys).toEqual([]);
  });

  test('whose contents are no certificate', () => {
    for (const tbs of ['', 'MAA=', leafDer(world()).subarray(1).toString('base64')]) {
      const verdict = opened().take(intent(serialAt(2), { tbs }));
      expect(codes(verdict.findings)).toEqual(['TBS_MALFORMED']);
      expect(verdict.findings[0]?.problems).toMatchObject([{ where: 'tbs', allowed: 'a TBSCertificate' }]);
      expect(verdict.record).toBeUndefined();
    }
  });

  test.each<[string, () => string]>([
    ['another index', () => serialAt(3)],
    ['another epoch', () => serialNumberAt({ epoch: 2, index: 2 }, Buffer.alloc(10))],
  ])('whose serial number names %s', (_, serial) => {
    const verdict = opened().take(intent(serial()));
    expect(told(verdict.findings)).toEqual([
      ['SERIAL_MISPLACED', ['serialNumber', serial(), 'epoch 1, index 2']],
    ]);
    expect(verdict.record?.serialNumber).toBe(serial());
  });

  test('with the serial number of another: counted, but the first one’s record stays', () => {
    const ledger = withIntent();
    const verdict = ledger.take(intent(serialAt(2), { request: 'cd'.repeat(32) }));
    expect(told(verdict.findings)).toEqual([
      ['SERIAL_MISPLACED', ['serialNumber', serialAt(2), 'epoch 1, index 3']],
      ['SERIAL_DUPLICATE', ['serialNumber', serialAt(2), 'a serial number used once']],
    ]);
    expect(verdict.record).toBeUndefined();
    expect(ledger.bySerialNumber(serialAt(2))).toMatchObject({ intentIndex: 2, request: 'ab'.repeat(32) });
    expect(ledger.quotaUsed('g-1/total')).toBe(2);
  });
});

describe('quota', () => {
  test('a day is a day in Việt Nam', () => {
    const day = (text: string): string => quotaKeys('g', 'p', new Date(text)).day;
    expect(day('2026-03-01T16:59:59.999Z')).toBe('g/day/2026-03-01');
    expect(day('2026-03-01T17:00:00.000Z')).toBe('g/day/2026-03-02');
    expect(day('9999-12-31T23:59:59.999Z')).toMatch(/^g\/day\//);
  });

  function withQuota(quota: Grant['limits']['quota']): Ledger {
    const { limits } = grantOf(world());
    const document = documentOf(grantOf(world(), { limits: { ...limits, quota } }));
    const ledger = new Ledger({ grants: new Map([[1, document]]) });
    return ledger.good(open({ grantSha256: document.sha256 }), grant(1, { sha256: document.sha256 }));
  }
  const one = (ledger: Ledger, changes: Partial<EntryOf<'intent'>> = {}): readonly Told[] =>
    told(ledger.take(intent(serialAt(ledger.state.size), changes)).findings);

  test('the last one is allowed, the next one found; abandoning gives nothing back', () => {
    const ledger = withQuota({ total: 2, perDay: 100, perProfile: {} });
    expect(one(ledger)).toEqual([]);
    ledger.good(abandoned(2));
    expect(one(ledger)).toEqual([]);
    expect(one(ledger)).toEqual([['OUT_OF_SCOPE', ['quota.total', '3', '≤ 2']]]);
    expect(one(ledger)).toEqual([['OUT_OF_SCOPE', ['quota.total', '4', '≤ 2']]]);
  });

  test('each day begins anew', () => {
    const ledger = withQuota({ total: 100, perDay: 1, perProfile: {} });
    expect(one(ledger)).toEqual([]);
    expect(one(ledger)).toEqual([['OUT_OF_SCOPE', ['quota.perDay', '2', '≤ 1']]]);
    const tomorrow = '2026-03-02T17:00:00.000Z';
    expect(one(ledger, { time: tomorrow })).toEqual([]);
    expect([...ledger.quota.keys()].filter((key) => key.includes('/day/'))).toEqual([
      'g-1/day/2026-03-02',
      'g-1/day/2026-03-03',
    ]);
  });

  test('each profile has its own, a profile without one only the common ones', () => {
    const ledger = withQuota({ total: 100, perDay: 100, perProfile: { device: 0 } });
    expect(one(ledger)).toEqual([]);
    const [code, ...problems] = one(ledger, { profile: 'device' })[0] ?? [];
    expect(code).toBe('OUT_OF_SCOPE');
    expect(problems).toContainEqual(['quota.perProfile.device', '1', '≤ 0']);
  });
});
