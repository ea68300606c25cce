/** The watch over nodes: each condition, at its edge and beyond it. */
import type { Grant } from '../../src/delegation';
import { oversightSchema } from '../../src/root/config';
import { conditionsOf, type NodeFacts } from '../../src/root/watch';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date('2026-11-25T08:00:00.000Z');
const limits = oversightSchema.parse({});

const after = (milliseconds: number): string => new Date(NOW.getTime() + milliseconds).toISOString();

interface Changes extends Partial<Omit<NodeFacts, 'status' | 'grant'>> {
  readonly status?: Partial<NonNullable<NodeFacts['status']>>;
  readonly grant?: { readonly version?: number; readonly issuedAt?: string; readonly notAfter?: string };
}

function facts({ status, grant = {}, ...changes }: Changes): NodeFacts {
  const { version = 1, issuedAt = after(-30 * DAY), notAfter = after(1000 * DAY) } = grant;
  return {
    now: NOW,
    lastContact: after(-HOUR),
    status: {
      origin: 'registry.test/15-1/e1',
      size: 10,
      trustVersion: 1,
      grantVersion: 1,
      lastDirective: 0,
      crl: { number: 1, nextUpdate: after(DAY) },
      rootCrlSha256: null,
      clock: changes.lastContact ?? after(-HOUR),
      software: 'test',
      ...status,
    },
    held: 10,
    grant: { version, issuedAt, limits: { notAfter, quota: { total: 100 } } } as Grant,
    trust: { version: 1, issuedAt: after(-30 * DAY) },
    rootCrls: new Set(['a1'.repeat(32), 'a2'.repeat(32)]),
    directives: [],
    caNotAfter: new Date(after(1000 * DAY)),
    used: 0,
    ...changes,
  };
}

/** An order signed at a time, acknowledged at another, with so many certificates still in force. */
function order(
  sequence: number,
  signed: number | null,
  acknowledged?: number,
  outstanding = 0,
): NodeFacts['directives'][number] {
  const directive = { sequence } as NodeFacts['directives'][number]['directive'];
  const told = (time: string) => {
    return { sequence, index: 3, outcome: 'applied', time, origin: 'registry.test/15-1/e1' } as const;
  };
  return {
    directive,
    signedAt: signed === null ? null : after(signed),
    acknowledged: acknowledged === undefined ? null : told(after(acknowledged)),
    outstanding,
  };
}

const codes = (changes: Changes): readonly string[] =>
  conditionsOf(facts(changes), limits).map(({ code }) => code);

test('a node in order has none, and so has one that has not begun', () => {
  expect(codes({})).toEqual([]);
  expect(conditionsOf({ ...facts({}), lastContact: null, status: null }, limits)).toEqual([]);
});

const cases: readonly (readonly [string, Changes, readonly string[]])[] = [
  ['48 hours of silence', { lastContact: after(-48 * HOUR) }, []],
  ['more', { lastContact: after(-48 * HOUR - 1) }, ['SILENT']],
  ['a CRL that ends now', { status: { crl: { number: 1, nextUpdate: after(0) } } }, []],
  ['one that has ended', { status: { crl: { number: 1, nextUpdate: after(-1) } } }, ['CRL_EXPIRED']],
  ['no CRL yet', { status: { crl: { number: 0, nextUpdate: null } } }, []],
  ['a clock 300 s ahead', { status: { clock: after(-HOUR + 300_000) } }, []],
  ['more', { status: { clock: after(-HOUR + 300_001) } }, ['CLOCK_AHEAD']],
  ['a clock days behind: carried by hand', { status: { clock: after(-9 * DAY) } }, []],
  ['a CRL of the root that its journal tells of', { status: { rootCrlSha256: 'a1'.repeat(32) } }, []],
  ['another one', { status: { rootCrlSha256: 'b1'.repeat(32) } }, ['ROOT_CRL_UNKNOWN']],
  ['a grant of today', { grant: { version: 2, issuedAt: after(-2 * HOUR) } }, []],
  ['one it could have taken', { grant: { version: 2, issuedAt: after(-3 * DAY) } }, ['GRANT_NOT_TAKEN']],
  ['an order signed 48 hours before the last contact', { directives: [order(1, -49 * HOUR)] }, []],
  ['more', { directives: [order(1, -49 * HOUR - 1)] }, ['ORDER_NOT_TAKEN']],
  ['one that is not signed', { directives: [order(1, null)] }, []],
  ['one that it took', { directives: [order(1, -9 * DAY, -8 * DAY)], status: { lastDirective: 1 } }, []],
  [
    'one that it says it took',
    { directives: [order(1, -HOUR)], status: { lastDirective: 1 } },
    ['ORDER_NOT_JOURNALLED'],
  ],
  ['in entries to come', { directives: [order(1, -HOUR)], status: { lastDirective: 1, size: 11 } }, []],
  ['not done in 48 hours', { directives: [order(1, -9 * DAY, -49 * HOUR - 1, 7)] }, ['ORDER_NOT_DONE']],
  ['being done', { directives: [order(1, -9 * DAY, -49 * HOUR, 7)] }, []],
  ['a trust statement likewise', { trust: { version: 3, issuedAt: after(-3 * DAY) } }, ['TRUST_NOT_TAKEN']],
  ['entries on their way', { status: { size: 11 } }, []],
  ['entries that did not come', { status: { size: 11 }, lastContact: after(-HOUR - 1) }, ['BEHIND']],
  ['90 days before the end of the grant', { grant: { notAfter: after(90 * DAY) } }, []],
  ['less', { grant: { notAfter: after(90 * DAY - 1) } }, ['GRANT_ENDS']],
  ['a year before the end of the CA', { caNotAfter: new Date(after(365 * DAY)) }, []],
  ['less', { caNotAfter: new Date(after(365 * DAY - 1)) }, ['CA_ENDS']],
  ['89 of 100 used', { used: 89 }, []],
  ['90 of 100 used', { used: 90 }, ['QUOTA_NEAR']],
];

test.each(cases)('%s', (_, changes, expected) => {
  expect(codes(changes)).toEqual(expected);
});

test('several at once are all told', () => {
  expect(
    codes({
      lastContact: after(-9 * DAY),
      used: 100,
      status: { crl: { number: 1, nextUpdate: after(-DAY) } },
    }),
  ).toEqual(['SILENT', 'CRL_EXPIRED', 'QUOTA_NEAR']);
});
