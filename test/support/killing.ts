/** Killing a node's process while it issues. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawDatabase } from './rawDatabase';
import type { World } from './world';

/** When to kill: after so many entries in the journal from the first intent on, and so many milliseconds more. */
export interface Moment {
  readonly entries: number;
  readonly ms: number;
}

/**
 * Runs an issuing `subca` command and sends it SIGKILL.
 * @param database the node's
 * @returns false if the process had ended well by itself before
 */
export async function killIssuing(
  world: World,
  database: RawDatabase,
  { entries, ms }: Moment,
  ...args: readonly string[]
): Promise<boolean> {
  const before = await firstIntents(database);
  const child = world.start('subca', ...args, '--json');
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => (said += part.toString()));
  const isOver = (): boolean => child.exitCode !== null;
  let first: number | undefined;
  while (!isOver() && first === undefined) {
    await sleep(2);
    first = [...(await firstIntents(database))].find(([owner]) => !before.has(owner))?.[1];
  }
  while (!isOver() && (await journalSize(database)) < Number(first) + entries) await sleep(2);
  await sleep(ms);
  child.kill('SIGKILL');
  const [code, signal] = await ended;
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`it ended with ${String(code)}: ${said}`);
  return signal === 'SIGKILL';
}

/** How many intents have no outcome. */
export async function openIntents(database: RawDatabase): Promise<number> {
  return Number(await database.value('SELECT count(*) FROM reservations'));
}

async function journalSize(database: RawDatabase): Promise<number> {
  return Number(await database.value('SELECT size FROM journals'));
}

/** The processes that have reserved something, and the index of their first open intent. */
async function firstIntents(database: RawDatabase): Promise<ReadonlyMap<string, number>> {
  const rows = await database.rows<{ owner: string; first: number }>(
    'SELECT owner, min(intentIndex) AS first FROM reservations GROUP BY owner',
  );
  return new Map(rows.map(({ owner, first }) => [owner, first]));
}
