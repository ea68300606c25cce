/** Many small files put in their places by one thread: each whole, and a failure is its own file's. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, FileWriter } from '../../src/config';
import { expectCode } from '../support/matchers';

let folder: string;
let files: FileWriter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  files = new FileWriter();
});

afterEach(async () => {
  await files.close();
  rmSync(folder, { recursive: true });
});

const text = (at: number): string => `${String(at)}\n`.repeat(200);
const nameOf = (at: number): string => `${String(at)}.crt`;
const numbers = Array.from({ length: 300 }, (_, at) => at);

test('every file is in its place when its promise is kept, whole and with nothing beside it', async () => {
  writeFileSync(join(folder, nameOf(7)), 'what an earlier run left');
  await Promise.all(
    numbers.map(async (at) => {
      const path = join(folder, nameOf(at));
      await files.replace(path, text(at));
      expect(readFileSync(path, 'utf8')).toBe(text(at));
    }),
  );
  expect(readdirSync(folder).toSorted()).toEqual(numbers.map(nameOf).toSorted());
});

test('one that cannot be written says so, leaves nothing behind, and holds up no other', async () => {
  mkdirSync(join(folder, nameOf(3), 'taken'), { recursive: true });
  const put = (name: string): Promise<void> => files.replace(join(folder, name), 'content');
  const failing = [expectCode(put(nameOf(3)), ConfigError, 'FILE_NOT_WRITTEN')];
  const written = [1, 2, 4, 5].map((at) => put(nameOf(at)));
  failing.push(expectCode(put(join('absent', nameOf(6))), ConfigError, 'FILE_NOT_WRITTEN'));
  const refusals = await Promise.all(failing);
  expect(refusals).toMatchObject([{ params: { reason: 'EISDIR' } }, { params: { reason: 'ENOENT' } }]);
  await Promise.all(written);
  expect(readdirSync(folder).toSorted()).toEqual([1, 2, 3, 4, 5].map(nameOf));
});
