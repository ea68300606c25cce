/**
 * One login attempt at a time under a memory of wrong PINs, of all processes of the machine: two at once would each
 * miss what the other is about to remember, and a service, its timers and a person may start together.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';

const POLL_MS = 20;
/** A login takes a moment, or as long as a network HSM takes to answer. */
const LONGEST_WAIT_MS = 30_000;

/** The last turn of this process, per file. */
const turns = new Map<string, Promise<void>>();

/**
 * Does the work when its turn has come.
 * @param file the memory; its turn is the file `<file>.turn` beside it
 * @throws what the work throws; the file system's errors; an Error with code `LOCKED` if another process keeps its turn
 */
export async function inTurn(file: string, work: () => Promise<void>): Promise<void> {
  const mine = (turns.get(file) ?? Promise.resolve()).then(() => amongProcesses(`${file}.turn`, work));
  turns.set(
    file,
    mine.catch(() => undefined),
  );
  await mine;
}

async function amongProcesses(turn: string, work: () => Promise<void>): Promise<void> {
  // Written aside and linked, so that the turn's file names its holder from its first moment on.
  const own = `${turn}.${String(process.pid)}`;
  // What a process of this number left when it was killed may be the turn itself: it must not be written to.
  await removed(own);
  await writeFile(own, IDENTITY, { mode: 0o600, flag: 'wx' });
  try {
    const end = performance.now() + LONGEST_WAIT_MS;
    while (!(await taken(own, turn))) {
      if (performance.now() > end)
        throw Object.assign(new Error('held by another process'), { code: 'LOCKED' });
      await after(POLL_MS);
    }
    try {
      await work();
    } finally {
      await removed(turn);
    }
  } finally {
    await removed(own);
  }
}

async function removed(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** Takes the turn unless a living process has it. */
async function taken(own: string, turn: string): Promise<boolean> {
  try {
    await link(own, turn);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = await contentOf(turn);
  if (holder !== undefined && !isAlive(holder)) await takeAway(turn, holder);
  return false;
}

/** Removes the turn of a process that died in it; not that of another which did the same a moment ago. */
async function takeAway(turn: string, dead: string): Promise<void> {
  const aside = `${turn}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(turn, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if ((await contentOf(aside)) !== dead) await link(aside, turn).catch(() => undefined);
  await removed(aside);
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Boot, process number and its start: a number alone may be given to another process. */
const IDENTITY = identityOf(process.pid) ?? '';

function isAlive(identity: string): boolean {
  const pid = Number(identity.split(' ')[1]);
  return Number.isSafeInteger(pid) && pid > 0 && identityOf(pid) === identity;
}

/** `undefined` for a process that does not live. */
function identityOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  // proc(5): the start time is field 22; the second field may hold blanks and brackets.
  const start =
    textOf(`/proc/${String(pid)}/stat`)
      .split(') ')
      .at(-1)
      ?.split(' ')[19] ?? '';
  return [textOf('/proc/sys/kernel/random/boot_id').trim(), pid, start].join(' ');
}

/** Empty where there is no such file: then the process's number has to do. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
