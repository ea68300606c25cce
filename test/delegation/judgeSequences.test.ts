/** The judge: random journals never bring it down, break only known rules, and lead along possible ways. */
import fc from 'fast-check';
import { FINDING_CODES } from '../../src/delegation';
import { serialNumberAt, type Entry } from '../../src/journal';
import {
  abandoned,
  at,
  crl,
  grant,
  intent,
  issued,
  Ledger,
  LOCAL,
  open,
  opened,
  resumed,
  revoked,
  serialAt,
  suspended,
  time,
  useJournals,
} from './memoryLedger';

useJournals();

describe('any sequence of entries', () => {
  const small = fc.nat(12);
  const by = fc.oneof(
    fc.constant(LOCAL),
    fc.record({ kind: fc.constant('directive' as const), sequence: fc.integer({ min: 1, max: 9 }) }),
  );
  /** Mostly one of the serial numbers the sequence may have reserved. */
  const serial = fc.oneof(
    small.map((index) => serialAt(index)),
    fc.constant(serialNumberAt({ epoch: 0x7f, index: 2 ** 40 - 1 }, Buffer.alloc(10))),
  );
  const moment = fc.oneof(
    fc.constant(time),
    fc.nat(100).map(at),
    fc.constantFrom('0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'),
  );
  const tbs = fc.oneof(
    fc.constant(undefined),
    fc.constantFrom('', 'AAAA', 'MAA='),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  );
  /** Each gives an entry for the index it comes to stand at. */
  const step: fc.Arbitrary<(index: number) => Entry> = fc.oneof(
    fc.record({ time: moment, epoch: fc.integer({ min: 1, max: 127 }) }).map((one) => () => open(one)),
    fc.tuple(fc.integer({ min: 1, max: 4 }), moment).map(
      ([version, when]) =>
        () =>
          grant(version, { time: when, ...(version === 4 && { sha256: '0'.repeat(64) }) }),
    ),
    fc
      .record({
        time: moment,
        serial: fc.option(serial, { nil: undefined }),
        tbs,
        profile: fc.constantFrom('individual', 'device', 'nobody', 'constructor'),
        service: fc.constantFrom('issue', 'renew', 'recover-device'),
        predecessor: fc.option(serial, { nil: undefined }),
      })
      .map(({ serial: other, tbs: bytes, predecessor, ...rest }) => (index: number) => {
        const changes = {
          ...rest,
          ...(bytes !== undefined && { tbs: bytes }),
          ...(predecessor !== undefined && { predecessor }),
        };
        return intent(other ?? serialAt(index), changes);
      }),
    small.map((index) => () => issued(index)),
    small.map((index) => () => abandoned(index)),
    fc.tuple(serial, by, moment, fc.constantFrom('keyCompromise' as const, 'superseded' as const)).map(
      ([number, origin, when, reason]) =>
        () =>
          revoked(number, { by: origin, time: when, reason }),
    ),
    fc.tuple(serial, by).map(
      ([number, origin]) =>
        () =>
          suspended(number, origin),
    ),
    fc.tuple(serial, by).map(
      ([number, origin]) =>
        () =>
          resumed(number, origin),
    ),
    fc.tuple(small, small, moment).map(
      ([number, covers, when]) =>
        () =>
          crl(number + 1, { covers, thisUpdate: when }),
    ),
  );
  const NEXT: Readonly<Record<string, readonly string[]>> = {
    reserved: ['issued', 'abandoned'],
    issued: ['suspended', 'revoked'],
    suspended: ['issued', 'revoked'],
    abandoned: [],
    revoked: ['revoked'],
  };

  test('is judged without an exception, by known rules, along possible ways', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 20 }), fc.boolean(), (begun, steps, valid) => {
        const ledger = begun ? opened() : new Ledger();
        for (const entryAt of steps) {
          const entry = entryAt(ledger.state.size);
          const before = {
            state: ledger.state,
            quota: new Map(ledger.quota),
            records: new Map(ledger.records),
          };
          const verdict = ledger.take(entry, { signatureValid: valid });

          expect(verdict.findings.every(({ code }) => FINDING_CODES.includes(code))).toBe(true);
          expect(verdict.findings.every(({ problems }) => problems.length > 0)).toBe(true);
          expect(verdict.state.size).toBe(before.state.size + 1);
          expect((verdict.state.lastTime ?? '') >= (before.state.lastTime ?? '')).toBe(true);
          expect(verdict.state.crlNumber).toBeGreaterThanOrEqual(before.state.crlNumber);
          expect(verdict.state.grantVersion).toBeGreaterThanOrEqual(before.state.grantVersion);
          for (const [key, used] of before.quota) expect(ledger.quotaUsed(key)).toBeGreaterThanOrEqual(used);
          const { record } = verdict;
          const old = record && before.records.get(record.serialNumber);
          if (old !== undefined) expect(NEXT[old.status]).toContain(record?.status);
          else if (record !== undefined) expect([record.status, entry.type]).toEqual(['reserved', 'intent']);
          if (record !== undefined && old?.status === 'revoked') {
            const { exposureTime, invalidityDate } = record;
            expect([old.exposureTime, exposureTime]).toEqual([null, entry.time]);
            expect(record).toEqual({ ...old, exposureTime, invalidityDate });
          }
          if (entry.type === 'intent')
            expect(verdict.quotaKeys.length === 3 || record === undefined).toBe(true);
          else expect(verdict.quotaKeys).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
