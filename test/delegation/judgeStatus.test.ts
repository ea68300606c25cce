/** The judge: what becomes of a reserved certificate, and CRLs. */
import type { ChangeOrigin, Entry } from '../../src/journal';
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
      ['STATUS_IMPOSSIBLE', ['serialNumber', `${serial}: ${status}`, from[change].join(', ')]],
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
