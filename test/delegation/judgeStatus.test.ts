/** The judge: what becomes of a reserved certificate, and CRLs. */
import { publishedReason } from '../../src/delegation';
import { REVOCATION_CAUSES, type ChangeOrigin, type Entry } from '../../src/journal';
import {
  abandoned,
  at,
  codes,
  crl,
  grant,
  issued,
  Ledger,
  open,
  opened,
  resumed,
  revoked,
  serialAt,
  suspended,
  time,
  told,
  useJournals,
  VALID,
  withIntent,
  withIssued,
} from './memoryLedger';

useJournals();

describe('issued and abandoned', () => {
  test('an intent is issued', () => {
    const ledger = withIntent();
    const verdict = ledger.take(issued(2, at(5)), VALID);
    expect(verdict.findings).toEqual([]);
    expect(verdict.record).toMatchObject({
      status: 'issued',
      statusTime: at(5),
      issuedIndex: 3,
      intentIndex: 2,
    });
  });

  test('an intent is abandoned', () => {
    const verdict = withIntent().take(abandoned(2));
    expect(verdict.findings).toEqual([]);
    expect(verdict.record).toMatchObject({ status: 'abandoned', issuedIndex: null });
  });

  test('a signature that is not the CA’s, or that nobody checked', () => {
    for (const evidence of [{ signatureValid: false }, {}, undefined]) {
      const verdict = withIntent().take(issued(2), evidence);
      expect(codes(verdict.findings)).toEqual(['SIGNATURE_INVALID']);
      expect(verdict.record?.status).toBe('issued');
    }
  });

  test.each<[string, () => Ledger, number, string]>([
    ['no such intent', withIntent, 7, '7: none'],
    ['an index that holds something else', withIntent, 1, '1: none'],
    ['its own index', withIntent, 3, '3: none'],
    ['an intent issued before', withIssued, 2, '2: issued'],
    ['an intent abandoned before', () => withIntent().good(abandoned(2)), 2, '2: abandoned'],
    ['a certificate revoked since', () => withIssued().good(revoked(serialAt(2))), 2, '2: revoked'],
  ])('%s', (_, ledger, index, found) => {
    for (const entry of [issued(index), abandoned(index)]) {
      const verdict = ledger().take(entry, VALID);
      expect(told(verdict.findings)).toEqual([
        ['INTENT_MISSING', ['intent', found, 'an intent without an outcome']],
      ]);
      expect(verdict.record).toBeUndefined();
    }
  });
});

test('the journal remembers the last entry that changed what a CRL tells', () => {
  const serial = serialAt(2);
  const ledger = withIntent();
  const toldSizes = [
    issued(2),
    suspended(serial),
    crl(1),
    resumed(serial),
    resumed(serial),
    revoked(serial),
    crl(2),
  ].map((entry) => ledger.take(entry, VALID).state.toldSize);
  expect(toldSizes).toEqual([0, 5, 5, 7, 7, 9, 9]);
  expect(withIntent().take(abandoned(2)).state.toldSize).toBe(4);
});

describe('revoked, suspended and resumed', () => {
  const serial = serialAt(2);

  test('the whole way', () => {
    const ledger = withIssued();
    const status = (entry: Entry): string | undefined => {
      ledger.good(entry);
      return ledger.bySerialNumber(serial)?.status;
    };
    const heldSince = (): string | null | undefined => ledger.bySerialNumber(serial)?.heldSince;
    expect(status(suspended(serial))).toBe('suspended');
    expect(heldSince()).toBe(at(0));
    expect(status(resumed(serial))).toBe('issued');
    expect(heldSince()).toBeNull();
    expect(status(suspended(serial))).toBe('suspended');
    expect(status(revoked(serial, { invalidityDate: at(-60), time: at(60) }))).toBe('revoked');
    expect(ledger.bySerialNumber(serial)).toMatchObject({
      reason: 'keyCompromise',
      invalidityDate: at(-60),
      statusTime: at(60),
      heldSince: at(0),
      issuedIndex: 3,
    });
  });

  test('an issued certificate is revoked without a date', () => {
    expect(withIssued().take(revoked(serial)).record).toMatchObject({
      status: 'revoked',
      invalidityDate: null,
      heldSince: null,
    });
  });

  const statuses: Readonly<Record<string, () => Ledger>> = {
    none: opened,
    reserved: withIntent,
    issued: withIssued,
    abandoned: () => withIntent().good(abandoned(2)),
    suspended: () => withIssued().good(suspended(serial)),
    revoked: () => withIssued().good(revoked(serial)),
  };
  const changes = { revoked, suspended, resumed };
  const from = { revoked: ['issued', 'suspended'], suspended: ['issued'], resumed: ['suspended'] };
  const impossible = (['revoked', 'suspended', 'resumed'] as const).flatMap((change) =>
    Object.keys(statuses)
      .filter((status) => !from[change].includes(status))
      .map((status) => [status, change] as const),
  );
  test.each(impossible)('%s cannot become %s', (status, change) => {
    const verdict = statuses[status]?.().take(changes[change](serial));
    expect(told(verdict?.findings ?? [])).toEqual([
      [
        'STATUS_IMPOSSIBLE',
        [
          'serialNumber',
          `${serial}: ${status}${status === 'revoked' ? ' (keyCompromise)' : ''}`,
          from[change].join(', '),
        ],
      ],
    ]);
    expect(verdict?.record).toBeUndefined();
  });

  test('each is a service of its own, judged by the grant in force', () => {
    const ledger = withIssued().good(suspended(serial), grant(2));
    expect(told(ledger.take(resumed(serial)).findings)).toEqual([
      ['OUT_OF_SCOPE', ['service', 'suspend', 'renew']],
    ]);
    expect(told(ledger.take(revoked(serial)).findings)).toEqual([
      ['OUT_OF_SCOPE', ['service', 'revoke', 'renew']],
    ]);
    expect(ledger.bySerialNumber(serial)?.status).toBe('revoked');
  });

  test('no service is delegated before the first grant', () => {
    expect(told(new Ledger().good(open()).take(revoked(serial)).findings)).toEqual([
      ['OUT_OF_SCOPE', ['service', 'revoke', '—']],
      ['STATUS_IMPOSSIBLE', ['serialNumber', `${serial}: none`, 'issued, suspended']],
    ]);
  });

  test('a directive that nobody gave excuses nothing', () => {
    const by: ChangeOrigin = { kind: 'directive', sequence: 4 };
    const found = ['OUT_OF_SCOPE', ['by', 'directive 4', 'a directive that orders this']];
    expect(told(withIssued().take(revoked(serial, { by })).findings)).toEqual([found]);
    expect(told(withIssued().good(grant(2)).take(suspended(serial, by)).findings)).toEqual([found]);
  });
});

describe('a key that turns out to be exposed after the revocation', () => {
  const serial = serialAt(2);
  const others = REVOCATION_CAUSES.filter((reason) => reason !== 'keyCompromise');
  const after = (reason: (typeof REVOCATION_CAUSES)[number], invalidityDate?: string): Ledger =>
    withIssued()
      .good(suspended(serial))
      .good(revoked(serial, { reason, time: at(60), ...(invalidityDate && { invalidityDate }) }));

  test.each(others)('is told of one revoked for %s, which stays revoked since then', (reason) => {
    const ledger = after(reason);
    const { state, record, findings } = ledger.take(revoked(serial, { time: at(120) }));
    expect(findings).toEqual([]);
    expect(record).toMatchObject({
      ...{ status: 'revoked', statusTime: at(60), heldSince: at(0) },
      ...{ reason, exposureTime: at(120), invalidityDate: null },
    });
    expect(record && publishedReason(record)).toBe('keyCompromise');
    expect(state.toldSize).toBe(state.size);
  });

  test.each([
    [undefined, undefined, null],
    [undefined, at(10), at(10)],
    [at(20), undefined, at(20)],
    [at(20), at(10), at(10)],
    [at(20), at(30), at(20)],
  ])('dates of invalidity %s and %s: the earlier one', (first, second, expected) => {
    const invalidityDate = second === undefined ? {} : { invalidityDate: second };
    const entry = revoked(serial, { time: at(120), ...invalidityDate });
    expect(after('superseded', first).good(entry).bySerialNumber(serial)?.invalidityDate).toBe(expected);
  });

  test.each(others.flatMap((from) => others.map((to) => [from, to] as const)))(
    '%s never becomes %s',
    (from, to) => {
      const { findings, record } = after(from).take(revoked(serial, { time: at(120), reason: to }));
      const found = `${serial}: revoked (${from})`;
      expect(told(findings)).toEqual([['STATUS_IMPOSSIBLE', ['serialNumber', found, 'issued, suspended']]]);
      expect(record).toBeUndefined();
    },
  );

  test.each(REVOCATION_CAUSES)('nothing follows it, not even %s', (reason) => {
    for (const ledger of [
      after('keyCompromise'),
      after('superseded').good(revoked(serial, { time: at(90) })),
    ]) {
      const { findings, record } = ledger.take(revoked(serial, { time: at(120), reason }));
      const found = `${serial}: revoked (keyCompromise)`;
      expect(told(findings)).toEqual([['STATUS_IMPOSSIBLE', ['serialNumber', found, 'issued, suspended']]]);
      expect(record).toBeUndefined();
    }
  });

  test('needs the service of revoking, as the first did', () => {
    const { findings } = after('superseded')
      .good(grant(2, { time: at(90) }))
      .take(revoked(serial, { time: at(120) }));
    expect(told(findings)).toEqual([['OUT_OF_SCOPE', ['service', 'revoke', 'renew']]]);
  });
});

describe('crl', () => {
  test('its number grows, by steps of any size', () => {
    expect(opened().good(crl(1), crl(2), crl(40)).state.crlNumber).toBe(40);
  });

  test('the same or a smaller number is found, and the greatest remembered', () => {
    const ledger = opened().good(crl(5));
    for (const number of [5, 4]) {
      expect(told(ledger.take(crl(number)).findings)).toEqual([
        ['CRL_NUMBER', ['number', String(number), '> 5']],
      ]);
    }
    expect(ledger.state.crlNumber).toBe(5);
  });

  test('covers what is there, not what is to come', () => {
    opened().good(crl(1, { covers: 2 }));
    expect(told(opened().take(crl(1, { covers: 3 })).findings)).toEqual([
      ['CRL_NUMBER', ['crl', `covers 3, ${time} – ${at(3600)}`, 'covers ≤ 2, thisUpdate < nextUpdate']],
    ]);
  });

  test('ends after it begins', () => {
    opened().good(crl(1, { nextUpdate: at(0.001) }));
    expect(codes(opened().take(crl(1, { nextUpdate: time })).findings)).toEqual(['CRL_NUMBER']);
    expect(codes(opened().take(crl(1, { nextUpdate: at(-1) })).findings)).toEqual(['CRL_NUMBER']);
  });
});
