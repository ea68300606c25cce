/** Which version of a grant is in force, and which may arrive: the edges of effects, and versions that overtake each other. */
import { grantInForce, grantsToCome, type Grant, type SignedDocument } from '../../src/delegation';
import { documentOf, grantOf } from '../support/delegationFixture';
import {
  at,
  codes,
  grant,
  intent,
  Ledger,
  open,
  revoked,
  serialAt,
  told,
  useJournals,
  VALID,
  issued,
} from './memoryLedger';

const { world } = useJournals();

/** Versions 1, 2, … that take effect so many seconds after the first was issued, each with what it changes. */
function versions(
  ...effects: readonly (readonly [seconds: number, changes?: Partial<Grant>])[]
): ReadonlyMap<number, SignedDocument<Grant>> {
  const documents: SignedDocument<Grant>[] = [];
  for (const [seconds, changes] of effects) {
    const place = { version: documents.length + 1, previous: documents.at(-1)?.sha256 ?? null };
    documents.push(documentOf(grantOf(world(), { ...place, effectiveFrom: at(seconds), ...changes })));
  }
  return new Map(documents.map((one) => [one.value.version, one]));
}

describe('in force is the highest version that has arrived and has taken effect', () => {
  // Effects in seconds; how many have arrived; at which second; which is in force, and which are to come.
  test.each<[string, readonly number[], number, number, number | undefined, readonly number[]]>([
    ['nothing has arrived', [0, 5], 0, 9, undefined, []],
    ['the first, at its very moment', [5], 1, 5, 1, []],
    ['the first, a second before', [5], 1, 4, undefined, [1]],
    ['the next has not arrived', [0, 0], 1, 9, 1, []],
    ['the next has no effect yet', [0, 10], 2, 9, 1, [2]],
    ['the next, at its very moment', [0, 10], 2, 10, 2, []],
    ['one that arrives after its effect', [0, 10], 2, 99, 2, []],
    ['a third overtakes the second', [0, 10, 5], 3, 7, 3, []],
    ['… and the second never comes into force', [0, 10, 5], 3, 99, 3, []],
    ['… though it is still awaited before the third takes effect', [0, 10, 5], 3, 4, 1, [3]],
    ['two in turn', [0, 10, 20], 3, 4, 1, [2, 3]],
    ['two in turn, between them', [0, 10, 20], 3, 15, 2, [3]],
    ['two at one moment: the later version', [0, 10, 10], 3, 9, 1, [3]],
  ])('%s', (_, effects, arrived, second, expected, toCome) => {
    const grants = versions(...effects.map((seconds) => [seconds] as const));
    expect(grantInForce(grants, arrived, at(second))?.version).toBe(expected);
    expect(grantsToCome(grants, arrived, at(second)).map(({ version }) => version)).toEqual(toCome);
  });
});

/** A journal under versions that all arrive at the beginning. */
function journal(grants: ReadonlyMap<number, SignedDocument<Grant>>): Ledger {
  const [first] = grants.values();
  const ledger = new Ledger({ grants }).good(open({ grantSha256: first?.sha256 ?? '' }));
  return ledger.good(...[...grants].map(([version, { sha256 }]) => grant(version, { sha256 })));
}

describe('the judge', () => {
  const NARROWED = { services: ['renew'] } as const;

  test('holds an intent to the narrower version from the end of its grace on, and not a millisecond before', () => {
    const ledger = journal(versions([0], [10, { services: ['renew'] }]));
    const before = new Date(Date.parse(at(10)) - 1).toISOString();
    ledger.good(intent(serialAt(3), { time: before }));
    expect(told(ledger.take(intent(serialAt(4), { time: at(10) })).findings)).toEqual([
      ['OUT_OF_SCOPE', ['service', 'issue', NARROWED.services.join()]],
    ]);
  });

  test('holds a change of status to it as well', () => {
    const grants = versions([0], [10, { services: ['issue'] }]);
    for (const [second, expected] of [
      [9, []],
      [10, ['OUT_OF_SCOPE']],
    ] as const) {
      const ledger = journal(grants).good(intent(serialAt(3)));
      expect(ledger.take(issued(3), VALID).findings).toEqual([]);
      expect(codes(ledger.take(revoked(serialAt(3), { time: at(second) })).findings)).toEqual(expected);
    }
  });

  test('counts what was used before against the numbers of the version in force', () => {
    const { limits } = grantOf(world());
    const fewer = { limits: { ...limits, quota: { total: 2, perDay: 2, perProfile: {} } } };
    const ledger = journal(versions([0], [10, fewer])).good(
      ...[3, 4, 5].map((index) => intent(serialAt(index), {}, { spki: world().subscriber.spki })),
    );
    expect(told(ledger.take(intent(serialAt(6), { time: at(10) })).findings)).toEqual([
      ['OUT_OF_SCOPE', ['quota.total', '4', '≤ 2'], ['quota.perDay', '4', '≤ 2']],
    ]);
  });

  test('takes a renewal before the end: what the first version ends, the second goes on with', () => {
    const { limits } = grantOf(world());
    const ends = { limits: { ...limits, notAfter: at(10) } };
    const grants = versions([0, ends], [0]);
    const [first] = grants.values();
    const late = (index: number) => intent(serialAt(index), { time: at(11) });
    const ledger = new Ledger({ grants }).good(
      open({ grantSha256: first?.sha256 ?? '' }),
      grant(1, { sha256: first?.sha256 ?? '' }),
    );
    expect(told(ledger.take(late(2)).findings)[0]?.[1]?.[0]).toBe('time');
    ledger.good(grant(2, { time: at(11), sha256: grants.get(2)?.sha256 ?? '' }), late(4));
  });

  test('begins a journal under a version that has taken effect: an older one is never fallen back on', () => {
    const grants = versions([0], [10]);
    const second = grants.get(2)?.sha256 ?? '';
    const ledger = new Ledger({ grants }).good(open({ grantSha256: second }));
    expect(told(ledger.take(grant(2, { sha256: second })).findings)).toEqual([
      ['GRANT_MISMATCH', ['time', at(0), `≥ ${at(10)}`]],
    ]);
    expect(ledger.state.grantVersion).toBe(0);
    ledger.good(grant(2, { sha256: second, time: at(10) }));
  });
});
