/** Tests of the scope check as rows: a case, and exactly the violations it has. */
import { checkScope, type Candidate, type Grant, type ProfileScope } from '../../src/delegation';
import {
  grantOf,
  INDIVIDUAL,
  leafTbs,
  makeWorld,
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
  const problems = checkScope(grantOf(world, given.grant), world.subCa.certificate, candidate);
  expect(problems.every(({ code }) => code === 'OUTSIDE_GRANT')).toBe(true);
  return problems.map(({ where, found, allowed }) => [where, found, allowed] as const);
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
