/**
 * A service that starts again and again with a wrong PIN: the token is asked once, and its counter stays where it is.
 *
 *   serve (wrong PIN) ×5 ─ five at once ─ another wrong PIN ×5 ─ the right PIN ─ serve
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { softHsmModule, World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
});

afterAll(() => {
  world.remove();
});

const PIN_FILE = (): string => world.path('pins', 'node');

/** As a process of its own sees them: SoftHSM reads its tokens when it starts. */
function flags(): Record<string, boolean> {
  const script = `
    const { listTokens } = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'hsm'))});
    const { flags } = listTokens(${JSON.stringify(softHsmModule())}).find(({ label }) => label === 'node');
    process.stdout.write(JSON.stringify(flags), () => process.exit());
  `;
  const printed = execFileSync(process.execPath, ['-e', script], { env: world.env, encoding: 'utf8' });
  return JSON.parse(printed) as Record<string, boolean>;
}

function serve(): { code: number | null; error: string | undefined } {
  const { code, json } = world.subca('serve');
  return { code, error: json.error?.code };
}

function remembered(): number {
  const file = world.path('node', 'refused-pins.json');
  if (!existsSync(file)) return 0;
  return (JSON.parse(readFileSync(file, 'utf8')) as { records: unknown[] }).records.length;
}

test('is tried once however often it starts, and the next one once more', async () => {
  const before = flags();
  expect(before).toMatchObject({ userPinCountLow: false, userPinFinalTry: false, userPinLocked: false });

  writeFileSync(PIN_FILE(), 'wr0ng-pin\n');
  expect(serve()).toEqual({ code: 3, error: 'PIN_INCORRECT' });
  const afterFirst = flags();
  expect(afterFirst).toMatchObject({ userPinCountLow: true, userPinLocked: false });
  for (let restart = 0; restart < 5; restart += 1) {
    expect(serve()).toEqual({ code: 3, error: 'PIN_REFUSED_BEFORE' });
    expect(flags()).toEqual(afterFirst);
  }
  expect(remembered()).toBe(1);

  // Another wrong one, and everything that a machine starts with its service at the same time.
  writeFileSync(PIN_FILE(), 'wr0ng-again\n');
  const together = await Promise.all(Array.from({ length: 4 }, () => world.runAside('subca', 'serve')));
  expect(together.map(({ json }) => json.error?.code).toSorted()).toEqual([
    'PIN_INCORRECT',
    'PIN_REFUSED_BEFORE',
    'PIN_REFUSED_BEFORE',
    'PIN_REFUSED_BEFORE',
  ]);
  expect(remembered()).toBe(2);

  writeFileSync(PIN_FILE(), 'pin-node\n');
  const service = await world.serve('subca');
  expect(flags()).toEqual(before);
  expect(remembered()).toBe(0);
  service.kill('SIGTERM');
});
