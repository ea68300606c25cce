/** The mirror as a file: what was appended comes back, what a crash has torn is cut off, what is damaged is not hidden. */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerError } from '../../src/ledger';
import { MAX_FRAME_OCTETS, MirrorFile } from '../../src/ledger/mirrorFile';
import { expectCode } from '../support/matchers';

const ORIGIN = 'registry.test/15-1/e1';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  path = join(folder, '15-1-e1.journal');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const entry = (index: number, octets = 40): Buffer => Buffer.from(`{"n":${index}}`.padEnd(octets));

async function opened<T>(work: (file: MirrorFile) => Promise<T>, origin = ORIGIN): Promise<T> {
  const file = await MirrorFile.open(path, origin);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Appends in portions of the given sizes. */
async function append(...portions: readonly number[]): Promise<void> {
  await opened(async (file) => {
    for (const count of portions) {
      const { size } = file;
      await file.append(
        size,
        Array.from({ length: count }, (_, at) => entry(size + at)),
      );
    }
  });
}

const all = (): Promise<readonly string[]> =>
  opened(async (file) => {
    const entries: string[] = [];
    for await (const frame of file.frames()) entries.push(...frame.entries.map(String));
    return entries;
  });

const expected = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => String(entry(at)));

test('what was appended comes back, by whomever it was opened, forwards and back', async () => {
  await append(1, 3);
  await append(2);
  expect(await all()).toEqual(expected(6));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await opened(async (file) => {
    expect([file.size, String(file.newest)]).toEqual([6, String(entry(5))]);
    const firsts: number[] = [];
    for await (const { first } of file.framesBack()) firsts.push(first);
    expect(firsts).toEqual([4, 1, 0]);
  });
});

test('cut off at every octet, it holds the whole frames before, and goes on', async () => {
  await append(2, 1, 3);
  const whole = readFileSync(path);
  const ends = [0];
  await opened(async (file) => {
    for await (const { end } of file.frames()) ends.push(end);
  });
  const counts = [0, 2, 3, 6];
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    const held = counts[ends.filter((end) => end <= length).length - 1];
    expect([length, await opened((file) => Promise.resolve(file.size))]).toEqual([length, held]);
    await append(1);
    expect(await all()).toEqual(expected(Number(held) + 1));
  }
});

test('of a last frame with a hole in it, as a power cut leaves, nothing is believed', async () => {
  await append(2, 3);
  const bytes = readFileSync(path);
  for (let at = bytes.length - 40; at > bytes.length - 150; at -= 1) {
    const torn = Buffer.from(bytes);
    torn[at]! ^= 0x10;
    writeFileSync(path, torn);
    expect(await opened((file) => Promise.resolve(file.size))).toBe(2);
  }
});

test('opening reads no more than its end', async () => {
  await append(1);
  const small = readFileSync(path);
  for (let frame = 0; frame < 6; frame += 1)
    await opened((file) =>
      file.append(
        file.size,
        Array.from({ length: 16 }, (_, at) => entry(file.size + at, 60_000)),
      ),
    );
  const octets = 6 * 16 * 60_000;
  // The beginning is gone, and nobody who only appends notices.
  const damaged = readFileSync(path);
  damaged.fill(0, small.length, octets / 2);
  writeFileSync(path, damaged);
  expect(await opened((file) => Promise.resolve(file.size))).toBe(97);
  await expectCode(all(), LedgerError, 'MIRROR_DAMAGED');
});

test('more than one frame that cannot be read is no torn end', async () => {
  for (let frame = 0; frame < 4; frame += 1)
    await opened((file) =>
      file.append(
        file.size,
        Array.from({ length: 16 }, (_, at) => entry(file.size + at, 60_000)),
      ),
    );
  const bytes = readFileSync(path);
  bytes.fill(0, bytes.length - 2 * MAX_FRAME_OCTETS);
  writeFileSync(path, bytes);
  await expectCode(opened(all), LedgerError, 'MIRROR_DAMAGED');
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

test('the mirror of another journal is left alone, and a missing folder is not made', async () => {
  await append(2);
  copyFileSync(path, `${path}.copy`);
  await expectCode(
    opened(() => Promise.resolve(), 'registry.test/15-1/e2'),
    LedgerError,
    'MIRROR_DAMAGED',
  );
  expect(readFileSync(path).equals(readFileSync(`${path}.copy`))).toBe(true);
  path = join(folder, 'unmounted', '15-1-e1.journal');
  await expectCode(append(1), LedgerError, 'MIRROR_UNAVAILABLE');
});

test('a disk that is full keeps what was there', async () => {
  path = '/dev/full';
  await expectCode(append(1), LedgerError, 'MIRROR_UNAVAILABLE');
  path = join(folder, '15-1-e1.journal');
  await append(2);
  truncateSync(path, statSync(path).size - 1);
  expect(await all()).toEqual([]);
});
