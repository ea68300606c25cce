/** Locks that the kernel gives back. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { acquireLock, DbError, tryLock } from '../../src/db';
import { expectCode } from '../support/matchers';
import { startChild } from './childProcess';
import { asOrdinaryUser } from './ordinaryUser';
import { newFolder } from './scratch';

function lockFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name !== 'lock.gate');
}

describe('in one process', () => {
  test('a lock excludes others of its name until it is released', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder, 'sync');
    expect(await tryLock(folder, 'sync')).toBeUndefined();
    await expectCode(acquireLock(folder, 'sync'), DbError, 'LOCK_HELD');
    const other = await acquireLock(folder, 'backup');
    await other.release();
    await lock.release();
    const again = await tryLock(folder, 'sync');
    expect(again?.name).toBe('sync');
    await again?.release();
  });

  test('release removes the file; a second release does not touch the next holder', async () => {
    const folder = newFolder();
    const lock = await acquireLock(folder, 'sync');
    expect(lockFiles(folder)).toEqual(['sync.lock']);
    expect(statSync(join(folder, 'sync.lock')).mode & 0o777).toBe(0o600);
    await lock.release();
    expect(lockFiles(folder)).toEqual([]);
    const next = await acquireLock(folder, 'sync');
    await lock.release();
    expect(await tryLock(folder, 'sync')).toBeUndefined();
    await next.release();
  });

  test('of many that try at once exactly one succeeds', async () => {
    const folder = newFolder();
    const locks = await Promise.all(Array.from({ length: 10 }, () => tryLock(folder, 'sync')));
    const held = locks.filter((lock) => lock !== undefined);
    expect(held).toHaveLength(1);
    await held[0]?.release();
    expect(lockFiles(folder)).toEqual([]);
  });

  test('a lock nobody refers to any more is still held', async () => {
    const folder = newFolder();
    await acquireLock(folder, 'sync');
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    for (let round = 0; round < 5; round++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await tryLock(folder, 'sync')).toBeUndefined();
  });

  test.each(['', 'Sync', '../sync', 'a.b', 'x'.repeat(65)])('%j is no name for a lock', async (name) => {
    await expectCode(tryLock(newFolder(), name), DbError, 'LOCK_NAME');
  });

  test('a lock file that may not be written gives no lock', async () => {
    const folder = newFolder();
    const file = join(folder, 'sync.lock');
    writeFileSync(file, '');
    await asOrdinaryUser(folder, [file], async () => {
      chmodSync(file, 0o400);
      await expectCode(tryLock(folder, 'sync'), DbError, 'DATABASE_READ_ONLY');
    });
  });

  test('the folder must exist', async () => {
    await expectCode(tryLock(join(newFolder(), 'absent'), 'sync'), DbError, 'DATABASE_UNAVAILABLE');
  });
});

describe('between processes', () => {
  test('a living holder keeps its lock, a killed one loses it to exactly one claimant', async () => {
    const folder = newFolder();
    const owner = startChild('lock', folder, 'owner-1');
    expect(await owner.line()).toBe('held');
    expect(await tryLock(folder, 'owner-1')).toBeUndefined();
    await owner.kill();
    expect(lockFiles(folder)).toEqual(['owner-1.lock']);
    const claims = await Promise.all([tryLock(folder, 'owner-1'), tryLock(folder, 'owner-1')]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    const late = startChild('lock', folder, 'owner-1');
    expect(await late.line()).toBe('refused');
    for (const claim of claims) await claim?.release();
    expect(lockFiles(folder)).toEqual([]);
  });

  test('a lock given back, or one whose file is missing, is free', async () => {
    const folder = newFolder();
    const owner = startChild('lock', folder, 'sync');
    expect(await owner.line()).toBe('held');
    owner.tell();
    expect(await owner.line()).toBe('released');
    const lock = await tryLock(folder, 'sync');
    expect(lock).toBeDefined();
    const child = startChild('lock', folder, 'sync');
    expect(await child.line()).toBe('refused');
    await lock?.release();
  });

  test('a stopped process is alive', async () => {
    const folder = newFolder();
    const owner = startChild('lock', folder, 'sync');
    expect(await owner.line()).toBe('held');
    owner.pause();
    expect(await tryLock(folder, 'sync')).toBeUndefined();
  });

  test('what the lock protects is never done by two at once', async () => {
    const folder = newFolder();
    const file = join(folder, 'count.txt');
    writeFileSync(file, '0');
    const children = Array.from({ length: 3 }, () => startChild('contend', folder, 'sync', file, '40'));
    await Promise.all(children.map((child) => child.finished()));
    expect(readFileSync(file, 'utf8')).toBe('120');
    expect(lockFiles(folder)).toEqual(['count.txt']);
  });
});
