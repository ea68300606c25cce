/** `subca prune` and `rootca prune` from the command line, years later by the clock they are given. */
import { EventEmitter } from 'node:events';
import { run as rootca } from '../../src/cli/rootca/main';
import { run as subca } from '../../src/cli/subca/main';
import type { Surroundings } from '../../src/cli/surroundings';
import { createLogger } from '../../src/logger';
import { readJournal } from '../../src/ledger';
import { synchronise } from '../../src/node';
import { ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { SoftNode } from '../support/softNode';
import { Captured, failureIn } from './fixture';

let soft: SoftNode;
let side: GrantingRoot;

beforeAll(async () => {
  soft = await SoftNode.activated({}, { retentionYears: 5 });
  side = await GrantingRoot.of(soft);
  await soft.issue();
  await sync();
});

afterAll(async () => {
  jest.restoreAllMocks();
  await side.remove();
  await soft.remove();
});

const sync = (): Promise<unknown> =>
  synchronise(soft.node, soft.journal, (submission) => side.registry.receive(submission), {
    software: '0.1.0',
  });

async function say(
  program: typeof subca,
  ...argv: readonly string[]
): Promise<{ readonly exit: number; readonly stdout: string }> {
  const stdout = new Captured();
  const surroundings: Surroundings = {
    stdin: { isTTY: false },
    stdout,
    stderr: new Captured(),
    env: { LANG: 'vi_VN.UTF-8', SUBCA_DIR: soft.directory, ROOTCA_DIR: side.directory },
    clock: () => soft.now,
    prompter: {
      confirm: () => Promise.reject(new Error('asked')),
      ask: () => Promise.reject(new Error('asked')),
    },
    signals: new EventEmitter(),
    kill: () => undefined,
    openLogger: () => createLogger('silent'),
  };
  const exit = await program(argv, surroundings);
  return { exit, stdout: stdout.written };
}

const json = async (program: typeof subca, ...argv: readonly string[]): Promise<unknown> =>
  JSON.parse((await say(program, ...argv, '--json')).stdout);

test('asks before anything is removed, and a job has to say yes beforehand', async () => {
  for (const program of [subca, rootca]) {
    const { exit, stdout } = await say(program, 'prune', '--json');
    expect(exit).toBe(2);
    expect(failureIn(stdout).code).toBe('CONFIRMATION_NEEDED');
  }
});

test('the way from the announcement to the removal, in words and for machines', async () => {
  expect(await say(rootca, 'prune', '--yes')).toEqual({
    exit: 0,
    stdout: 'Chưa có nút nào báo xóa chứng thư.\n',
  });
  soft.now = new Date('2040-01-01T00:00:00Z');
  await sync();
  const { size } = (await readJournal(soft.node.read, ORIGIN)).state;
  expect(await json(subca, 'prune', '--dry-run')).toMatchObject({
    journals: [{ origin: ORIGIN, retentionYears: 5, removable: 0, announceable: 1 }],
  });
  expect((await say(subca, 'prune', '--dry-run')).stdout).toMatch(
    /lưu 5 năm .* báo trước việc xóa 1 chứng thư/,
  );
  expect((await readJournal(soft.node.read, ORIGIN)).state.size).toBe(size);
  const announced = await say(subca, 'prune', '--yes');
  expect(announced.exit).toBe(0);
  expect(announced.stdout).toMatch(/đã xóa 0 chứng thư\. \d+ mục đang chờ CA gốc xác nhận/);
  await sync();
  const ready = [await json(subca, 'prune', '--dry-run'), await json(rootca, 'prune', '--dry-run')];
  expect(ready).toMatchObject([
    { journals: [{ removable: 1, announceable: 0 }] },
    { journals: [{ origin: ORIGIN, removable: 1 }] },
  ]);
  expect(await json(subca, 'prune', '--yes')).toMatchObject({
    journals: [{ origin: ORIGIN, retentionYears: 5, removed: 1, announced: 0, waiting: 0 }],
  });
  expect(await json(rootca, 'prune', '--yes')).toMatchObject({
    journals: [{ origin: ORIGIN, removed: 1, kept: 0 }],
  });
  const { serialNumber } = await soft.node.read
    .selectFrom('certificates')
    .select('serialNumber')
    .executeTakeFirstOrThrow();
  const shown = await say(subca, 'certificate', 'show', serialNumber, '--json');
  expect(shown.exit).toBe(3);
  expect(failureIn(shown.stdout)).toMatchObject({ code: 'CERTIFICATE_REMOVED' });
  expect((await say(subca, 'verify')).exit).toBe(0);
  expect((await say(subca, 'verify', '--resume')).exit).toBe(0);
  expect((await say(rootca, 'verify')).exit).toBe(0);
});
