/** A command that must be refused: with which exit code and error, and that it leaves the node as it was. */
import { holdings } from './holdings';
import type { World } from './world';

type Expected = string | RegExp;

export interface Refusal {
  readonly exit: number;
  readonly code: string;
  /** Of the error's parameters. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** All of the error's problems, in their order; of each, some fields. */
  readonly problems?: readonly Partial<Readonly<Record<'code' | 'where' | 'found' | 'allowed', Expected>>>[];
}

/** Runs `subca` with the words, compares its refusal, and all rows and files of the node before and after. */
export async function expectRefusal(
  world: World,
  words: readonly string[],
  { exit, code, params = {}, problems }: Refusal,
): Promise<void> {
  const before = await nodeHoldings(world);
  const ran = world.subca(...words);
  const { error } = ran.json;
  expect({ exit: ran.code, code: error?.code, params: error?.params }).toMatchObject({ exit, code, params });
  if (problems !== undefined) expect(error?.problems).toMatchObject(problems.map(asymmetric));
  expect(await nodeHoldings(world)).toEqual(before);
}

export function nodeHoldings(world: World): Promise<Readonly<Record<string, string>>> {
  return holdings(world.path('node'), 'subca.db');
}

function asymmetric(fields: Readonly<Record<string, Expected>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]): [string, unknown] => [
      key,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ]),
  );
}
