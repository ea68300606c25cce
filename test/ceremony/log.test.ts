/** The log of a ceremony: what was written is there again, what was cut off is not, what was altered is found. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CeremonyError } from '../../src/ceremony';
import { CeremonyLog, type LogEvent } from '../../src/ceremony/log';
import { HsmError } from '../../src/hsm';
import { expectCode } from '../support/matchers';

const SCRIPT = 'ab'.repeat(32);
const EVENTS: readonly LogEvent[] = [
  { type: 'begun', software: 'subca-kit 1.2.3' },
  { type: 'started', step: 1 },
  { type: 'deviation', step: 1, text: 'Mất điện 5 phút' },
  { type: 'done', step: 1 },
];

let folder: string;
let file: string;
let now: number;
const clock = (): Date => new Date((now += 1000));
const open = (script = SCRIPT): Promise<CeremonyLog> => CeremonyLog.open(file, script, clock);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ceremony-log-'));
  file = join(folder, 'log.jsonl');
  now = Date.parse('2026-12-01T01:00:00Z');
  const log = await open();
  for (const event of EVENTS) await log.append(event);
  await log.close();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('holds what was written, for its owner only', async () => {
  const log = await open();
  expect(log.lines.map(({ event }) => event)).toEqual(EVENTS);
  expect([log.isDone(1), log.isDone(2)]).toEqual([true, false]);
  expect(log.of('deviation').map(({ event }) => event.text)).toEqual(['Mất điện 5 phút']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await log.close();
});

test('goes on after a line that was cut off', async () => {
  const whole = readFileSync(file, 'utf8');
  for (const part of ['{', '{"number":5,"time":"2026', whole.split('\n')[0] ?? '']) {
    writeFileSync(file, whole + part);
    const log = await open();
    expect(log.lines).toHaveLength(EVENTS.length);
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe(whole);
  }
  const log = await open();
  await log.append({ type: 'resumed' });
  await log.close();
  const again = await open();
  expect(again.lines.at(-1)?.event).toEqual({ type: 'resumed' });
  await again.close();
});

test('any change before the last line’s end is found', async () => {
  const whole = readFileSync(file);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (let at = 0; at < lastLine; at += 3) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    writeFileSync(file, changed);
    await expectCode(open, CeremonyError, 'LOG_ALTERED');
  }
  const lines = whole.toString('utf8').split('\n');
  for (const altered of [lines.slice(1), [...lines.slice(0, 2), ...lines.slice(3)], [lines[1], lines[0]]]) {
    writeFileSync(file, altered.join('\n'));
    await expectCode(open, CeremonyError, 'LOG_ALTERED');
  }
  writeFileSync(file, whole);
  await (await open()).close();
});

test('belongs to one script', async () => {
  await expectCode(() => open('cd'.repeat(32)), CeremonyError, 'LOG_ALTERED');
});

test('is not written by a clock that went back', async () => {
  const log = await open();
  now -= 3000;
  const line = await log.append({ type: 'resumed' });
  expect(line.time).toBe(log.lines.at(-2)?.time);
  now -= 60_000;
  await expectCode(log.append({ type: 'resumed' }), CeremonyError, 'CLOCK_BEHIND');
  expect(log.lines).toHaveLength(EVENTS.length + 1);
  await log.close();
});

test('names the hash of every part of itself', async () => {
  const log = await open();
  const before = log.sha256Through(2);
  await log.append({ type: 'sealing' });
  expect(log.sha256Through(2)).toBe(before);
  expect(log.sha256Through(3)).not.toBe(before);
  await log.close();
});

test('expected errors are failures; that people broke off is none', async () => {
  const log = await open();
  await log.appendFailure(
    2,
    new HsmError('TOKEN_REMOVED', { token: 't', operation: 'login', reported: 'x' }),
    'an',
  );
  await log.appendFailure(2, new CeremonyError('PAUSED', {}));
  await log.appendFailure(2, new Error('unforeseen'));
  expect(log.of('failed').map(({ event }) => event)).toEqual([
    { type: 'failed', step: 2, code: 'TOKEN_REMOVED', person: 'an' },
  ]);
  await log.close();
});
