/** One login attempt at a time, of all processes: even those that start together try a wrong PIN once. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn } from '../../src/hsm/loginTurn';
import { runScript } from '../support/childScript';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'turn-'));
  file = join(directory, 'refused-pins.json');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test('of five processes with one wrong PIN, one reaches the token', async () => {
  const attempts = join(directory, 'attempts');
  const child = require.resolve('./loginChild.ts');
  const ended = await Promise.all(Array.from({ length: 5 }, () => runScript(child, [file, attempts])));
  expect(ended.map(({ stdout }) => stdout.trim()).toSorted()).toEqual([
    'PIN_INCORRECT',
    ...Array.from({ length: 4 }, () => 'PIN_REFUSED_BEFORE'),
  ]);
  expect(readFileSync(attempts, 'utf8')).toBe('attempt\n');
  expect(readdirSync(directory).toSorted()).toEqual(['attempts', 'refused-pins.json']);
});

test('turns of one process come one after the other, also after one that failed', async () => {
  const order: string[] = [];
  const turn = (name: string, fails = false) =>
    inTurn(file, async () => {
      order.push(`${name} begins`);
      expect(existsSync(`${file}.turn`)).toBe(true);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
  const outcomes = await Promise.allSettled([turn('a', true), turn('b'), turn('c')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ['that died in it', () => `boot ${String(spawnSync('true').pid)} 1`],
  ['of another boot that had this number', () => `boot ${String(process.pid)} 1`],
  ['that cannot be made out', () => ''],
])('the turn of a process %s is taken over', async (_which, holder) => {
  writeFileSync(`${file}.turn`, holder());
  const work = jest.fn(() => Promise.resolve());
  await inTurn(file, work);
  expect(work).toHaveBeenCalledTimes(1);
  expect(readdirSync(directory)).toEqual([]);
});

test('what a killed process of the same number left is no obstacle', async () => {
  writeFileSync(`${file}.turn.${String(process.pid)}`, 'left');
  await inTurn(file, () => Promise.resolve());
  expect(readdirSync(directory)).toEqual([]);
});
