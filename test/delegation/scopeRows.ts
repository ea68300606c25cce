/** Tests of the scope check as rows: a case, and exactly the violations it has. */
import {
  checkScope,
  INITIAL_STATE,
  judge,
  type Candidate,
  type Grant,
  type ProfileScope,
} from '../../src/delegation';
import type { Problem } from '../../src/errors';
import { decodeEntry, encodeEntry, type Entry } from '../../src/journal';
import {
  documentOf,
  grantOf,
  INDIVIDUAL,
  leafTbs,
  makeWorld,
  NODE_ID,
  NOW,
  type LeafChanges,
  type World,
} from '../support/delegationFixture';

export interface Case {
  readonly leaf?: LeafChanges;
  readonly grant?: Partial<Grant>;
  readonly candidate?: Partial<Candidate>;
}
export type Violation = readonly [where: string, found: string, allowed: string];
export type Row = readonly [
  what: string,
  make: Case | ((world: World) => Case),
  ...violations: readonly (Violation | ((world: World) => Violation))[],
];

let world: World;

/** Makes the world of a file's rows; to be called once, outside every test. @returns a way to it within tests */
export function useWorld(): () => World {
  beforeAll(async () => {
    world = await makeWorld();
  });
  return () => world;
}

/** What the scope check finds in a case: by default issuing the fixture's leaf under the fixture's grant, now. */
export function violationsOf(given: Case): readonly Violation[] {
  const candidate = {
    service: 'issue',
    profile: 'individual',
    time: NOW,
    tbs: leafTbs(world, given.leaf),
    ...given.candidate,
  } as const;
  const grant = grantOf(world, given.grant);
  const problems = checkScope(grant, world.subCa.certificate, candidate);
  if (candidate.succession === undefined)
    expect(judgedProblems(grant, candidate)).toEqual([problems, problems]);
  expect(problems.every(({ code }) => code === 'OUTSIDE_GRANT')).toBe(true);
  return problems.map(({ where, found, allowed }) => [where, found, allowed] as const);
}

/** What the judge finds of the same certificate in a journal: as the node gives it, parsed, and as the root reads it. */
function judgedProblems(
  given: Grant,
  { service, profile, tbs, time }: Candidate,
): readonly (readonly Problem[])[] {
  const long = '2020-01-01T00:00:00.000Z';
  const grant = documentOf({ ...given, issuedAt: long, effectiveFrom: long });
  const authority = {
    nodeId: NODE_ID,
    epoch: 1,
    caCertificate: world.subCa.certificate,
    grants: new Map([[1, grant]]),
    registry: [],
  };
  const state = { ...INITIAL_STATE, size: 2, grantVersion: 1, leaseTime: time.toISOString() };
  const none = { bySerialNumber: () => undefined, byIntent: () => undefined, byKey: () => undefined };
  const lookups = { ...none, successorsOf: () => [], quotaUsed: () => 0 };
  const entry: Entry = {
    type: 'intent',
    time: time.toISOString(),
    service,
    profile,
    request: 'ab'.repeat(32),
    tbs: tbs.der.toString('base64'),
  };
  return [
    judge(entry, state, authority, lookups, { tbs }),
    judge(decodeEntry(encodeEntry(entry)), state, authority, lookups),
  ].map(({ findings }) =>
    findings.flatMap(({ code, problems }) => (code === 'OUT_OF_SCOPE' ? problems : [])),
  );
}

/** One test per row: a row without violations lies inside the grant, every other one has exactly those it names. */
export function rule(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows.map((row) => [`${row.length === 2 ? 'inside' : 'outside'}: ${row[0]}`, row] as const))(
      '%s',
      (_, [, make, ...violations]) => {
        const found = violationsOf(typeof make === 'function' ? make(world) : make);
        expect(found).toEqual(violations.map((one) => (typeof one === 'function' ? one(world) : one)));
      },
    );
  });
}

/** The leaf with one extension put in, put in another's place, or left out. */
export const extension = (name: string, value: Buffer | undefined): Case => ({
  leaf: { extensions: { [name]: value } },
});
/** A grant of one profile, which differs from the fixture's `individual` in the given parts. */
export const bounded = (profile: Partial<ProfileScope>): Partial<Grant> => ({
  scope: { profiles: [{ ...INDIVIDUAL, ...profile }] },
});
