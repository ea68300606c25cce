/** Journal entries: every type round trips, and only the exact form of one is an entry. */
import fc from 'fast-check';
import {
  decodeEntry,
  encodeEntry,
  ISSUING_SERVICES,
  JournalError,
  MAX_ENTRY_SIZE,
  MAX_JOURNAL_SIZE,
  REVOCATION_CAUSES,
  SERVICES,
  type Entry,
  type EntryOf,
} from '../../src/journal';
import { expectCode } from '../support/matchers';

const time = '2026-03-02T03:00:00.000Z';
const sha256 = 'ab'.repeat(32);
const serialNumber = `01${'0'.repeat(30)}`;
const local = { kind: 'local', request: 'r-1' } as const;

const ENTRIES: { readonly [T in Entry['type']]: EntryOf<T> } = {
  open: { type: 'open', time, node: 'lam-dong', epoch: 1, caSpkiSha256: sha256, grantSha256: sha256 },
  grant: { type: 'grant', time, grantId: 'g-1', version: 1, sha256 },
  intent: {
    type: 'intent',
    time,
    service: 'renew',
    profile: 'individual',
    request: sha256,
    predecessor: serialNumber,
    tbs: 'MAA=',
  },
  issued: { type: 'issued', time, intent: 2, signature: 'AAAA' },
  abandoned: { type: 'abandoned', time, intent: 2 },
  revoked: { type: 'revoked', time, serialNumber, reason: 'keyCompromise', invalidityDate: time, by: local },
  suspended: { type: 'suspended', time, serialNumber, by: { kind: 'directive', sequence: 1 } },
  resumed: { type: 'resumed', time, serialNumber, by: local },
  crl: { type: 'crl', time, number: 1, kind: 'full', covers: 0, thisUpdate: time, nextUpdate: time, sha256 },
  directive: { type: 'directive', time, sequence: 1, sha256, outcome: 'applied' },
  lease: { type: 'lease', time, receipt: 'e30=' },
  ceremony: { type: 'ceremony', time, sha256 },
  removal: { type: 'removal', time, before: 7, residues: sha256, receipt: 'AAAA' },
};
const entries = Object.values(ENTRIES);
const refused = (bytes: Uint8Array): Promise<unknown> =>
  expectCode(() => decodeEntry(bytes), JournalError, 'ENTRY_MALFORMED');
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('round trip', () => {
  test.each(entries.map((entry) => [entry.type, entry] as const))('%s', (_, entry) => {
    const bytes = encodeEntry(entry);
    expect(bytes.toString('utf8')).toBe(JSON.stringify(entry));
    expect(decodeEntry(bytes)).toEqual(entry);
  });

  test('what could not be read again is not written', async () => {
    for (const request of ['', 'x'.repeat(201)]) {
      const entry: Entry = { ...ENTRIES.revoked, by: { kind: 'local', request } };
      await expectCode(() => encodeEntry(entry), JournalError, 'ENTRY_MALFORMED');
      await refused(bytesOf(entry));
    }
  });

  test('without what may be missing', () => {
    const { invalidityDate, ...entry } = ENTRIES.revoked;
    expect(invalidityDate).toBe(time);
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    const { predecessor, ...first } = ENTRIES.intent;
    expect(predecessor).toBe(serialNumber);
    expect(decodeEntry(encodeEntry(first))).toEqual(first);
  });

  test('any values', () => {
    const index = fc.integer({ min: 0, max: MAX_JOURNAL_SIZE });
    const base64 = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    const request = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    const any: fc.Arbitrary<Entry> = fc.oneof(
      fc.record({ intent: index, signature: base64 }).map((one) => ({ ...ENTRIES.issued, ...one })),
      fc
        .record({ service: fc.constantFrom(...ISSUING_SERVICES), tbs: base64 })
        .map((one) => ({ ...ENTRIES.intent, ...one })),
      fc
        .record({ reason: fc.constantFrom(...REVOCATION_CAUSES), request })
        .filter((one) => one.request.length <= 200)
        .map(({ reason, request: by }) => ({
          ...ENTRIES.revoked,
          reason,
          by: { kind: 'local', request: by } as const,
        })),
    );
    fc.assert(
      fc.property(any, (entry) => {
        const bytes = encodeEntry(entry);
        expect(decodeEntry(bytes)).toEqual(entry);
        // One line in a submission, whatever stands in it.
        expect(bytes.includes(0x0a)).toBe(false);
      }),
    );
  });

  test('the services that issue are services', () => {
    expect(ISSUING_SERVICES.every((service) => SERVICES.includes(service))).toBe(true);
    expect(ISSUING_SERVICES).not.toContain('revoke');
    expect(ISSUING_SERVICES).not.toContain('suspend');
  });
});

describe('size', () => {
  /** An issued entry of exactly so many octets; its signature comes in fours, its index makes up for that. */
  function entryOf(size: number): EntryOf<'issued'> {
    const bare = [1, 10, 100, 1000].map((intent) => ({ ...ENTRIES.issued, intent, signature: '' }));
    const room = (entry: EntryOf<'issued'>): number => size - JSON.stringify(entry).length;
    const fitting = bare.find((entry) => room(entry) % 4 === 0) ?? ENTRIES.issued;
    return { ...fitting, signature: 'A'.repeat(room(fitting)) };
  }

  test('up to the limit', () => {
    const entry = entryOf(MAX_ENTRY_SIZE);
    expect(encodeEntry(entry)).toHaveLength(MAX_ENTRY_SIZE);
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });

  test('one octet more is not written, and not read', async () => {
    const large = entryOf(MAX_ENTRY_SIZE + 1);
    await expectCode(() => encodeEntry(large), JournalError, 'ENTRY_MALFORMED');
    await refused(bytesOf(large));
    await refused(Buffer.alloc(10_000_000, '['));
  });
});

describe('strictness', () => {
  test.each(entries.map((entry) => [entry.type, entry] as const))(
    '%s: no member more, none less, none of another kind',
    async (_, entry) => {
      await refused(bytesOf({ ...entry, extra: 1 }));
      await refused(Buffer.from(JSON.stringify(entry).replace('{', '{"__proto__":{},')));
      await refused(bytesOf({ ...entry, type: 'other' }));
      for (const key of Object.keys(entry)) {
        const { [key]: gone, ...rest } = entry as unknown as Record<string, unknown>;
        expect(gone).toBeDefined();
        if (key !== 'invalidityDate' && key !== 'predecessor') await refused(bytesOf(rest));
        for (const wrong of [null, [], {}, true, -1, 0.5, 'x\n']) {
          await refused(bytesOf({ ...rest, [key]: wrong }));
        }
      }
    },
  );

  test.each(entries.map((entry) => [entry.type, entry] as const))('%s: one spelling', async (_, entry) => {
    const text = JSON.stringify(entry);
    for (const other of [
      `${text}\n`,
      ` ${text}`,
      `\ufeff${text}`,
      text.replace('"time"', '"\\u0074ime"'),
      text.replace('{', `{"time":"${time}",`),
      text.replace(':', ': '),
      text.slice(0, -1),
      `[${text}]`,
    ]) {
      await refused(Buffer.from(other));
    }
  });

  test.each<[string, object]>([
    ['a time with an offset', { ...ENTRIES.abandoned, time: '2026-03-02T10:00:00.000+07:00' }],
    ['a time in a year of five digits', { ...ENTRIES.abandoned, time: '+010000-01-01T00:00:00.000Z' }],
    ['a time that never was', { ...ENTRIES.abandoned, time: '2026-02-30T00:00:00.000Z' }],
    ['an index past the end of every journal', { ...ENTRIES.abandoned, intent: MAX_JOURNAL_SIZE + 1 }],
    ['an index as text', { ...ENTRIES.abandoned, intent: '2' }],
    ['a version that is too great to count', { ...ENTRIES.grant, version: 2 ** 53 }],
    ['a service that issues nothing', { ...ENTRIES.intent, service: 'revoke' }],
    ['contents in another base64', { ...ENTRIES.intent, tbs: 'MAA' }],
    ['a reason nobody can give', { ...ENTRIES.revoked, reason: 'certificateHold' }],
    ['a reason of another list', { ...ENTRIES.revoked, reason: 'cACompromise' }],
    ['a serial number in capitals', { ...ENTRIES.revoked, serialNumber: `0A${'0'.repeat(30)}` }],
    ['a serial number of epoch 0', { ...ENTRIES.revoked, serialNumber: '0'.repeat(32) }],
    ['by nobody', { ...ENTRIES.suspended, by: { kind: 'local', request: '' } }],
    ['by both', { ...ENTRIES.suspended, by: { ...local, sequence: 1 } }],
    ['directive 0', { ...ENTRIES.directive, sequence: 0 }],
    ['an outcome nobody knows', { ...ENTRIES.directive, outcome: 'ignored' }],
    ['by directive 0', { ...ENTRIES.suspended, by: { kind: 'directive', sequence: 0 } }],
    ['epoch 128', { ...ENTRIES.open, epoch: 128 }],
    ['a CRL of another kind', { ...ENTRIES.crl, kind: 'delta' }],
    ['CRL number 0', { ...ENTRIES.crl, number: 0 }],
    ['half a letter', { ...ENTRIES.resumed, by: { kind: 'local', request: '\ud800' } }],
  ])('%s', async (_, value) => {
    await refused(bytesOf(value));
  });

  test.each(['', 'null', '1', '"open"', '[]', '{}', '{"type":"open"}', '\u0000', 'ff'])(
    '%j',
    async (text) => {
      await refused(Buffer.from(text));
    },
  );

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => decodeEntry(bytes)).toThrow(JournalError);
      }),
    );
  });
});
