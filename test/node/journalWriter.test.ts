/** The node's way to its journal: who waits together is written together, and nobody pays for another's mistake. */
import { join } from 'node:path';
import { DbError } from '../../src/db';
import { NodeError } from '../../src/node';
import { tryDecodeEntry } from '../../src/ledger';
import type { Proposal } from '../../src/node/journalWriter';
import type { NodeTurn } from '../../src/node/nodeTurn';
import { NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { RawDatabase } from '../support/rawDatabase';
import { SoftNode } from '../support/softNode';

let soft: SoftNode;
/** Entries there are before each test, and the number of the newest CRL among them. */
let size: number;
let crls: number;

beforeEach(async () => {
  soft = await SoftNode.activated();
  [size, crls] = await soft.journal.submit({
    needs: {},
    run: (turn) => [turn.size, turn.crlNumber] as const,
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

/** Journals a CRL of the next number: an entry that needs nothing and can be told apart. @returns its index */
const note: Proposal<number> = {
  needs: {},
  run: (turn) => {
    const { time, crlNumber } = turn;
    const [thisUpdate, nextUpdate] = [time.toISOString(), new Date(time.getTime() + 1000).toISOString()];
    const fields = { kind: 'full', covers: 0, thisUpdate, nextUpdate, sha256: '0'.repeat(64) } as const;
    return turn.append({ type: 'crl', number: crlNumber + 1, ...fields });
  },
};
const refuse = (message: string): Proposal<number> => ({
  needs: {},
  run: () => {
    throw new Error(message);
  },
});

async function entries(): Promise<
  readonly (readonly [type: string | undefined, time: string | undefined])[]
> {
  const rows = await soft.node.read.selectFrom('entries').select('bytes').orderBy('idx').execute();
  return rows.slice(size).map(({ bytes }) => {
    const entry = tryDecodeEntry(bytes);
    return [entry?.type, entry?.time] as const;
  });
}

test('proposals keep the order in which they came, and those that wait share a transaction', async () => {
  const transaction = jest.spyOn(soft.node.store, 'transaction');
  const indexes = await Promise.all(Array.from({ length: 600 }, () => soft.journal.submit(note)));
  expect(indexes).toEqual(Array.from({ length: 600 }, (_, at) => size + at));
  // 256 at a time.
  expect(transaction).toHaveBeenCalledTimes(3);
});

test('those that go on together after a transaction share the next', async () => {
  const transaction = jest.spyOn(soft.node.store, 'transaction');
  const twice = async (): Promise<void> => {
    await soft.journal.submit(note);
    await soft.journal.submit(note);
  };
  await Promise.all(Array.from({ length: 50 }, twice));
  expect(transaction).toHaveBeenCalledTimes(2);
});

test('a promise is kept only after the commit: another connection sees the entry', async () => {
  const raw = await RawDatabase.open(join(soft.directory, 'subca.db'));
  const index = await soft.journal.submit(note);
  expect(await raw.value('SELECT count(*) FROM entries WHERE idx = ?', index)).toBe(1);
  await raw.close();
});

test('a proposal that throws is refused alone, wherever it stands', async () => {
  const outcomes = await Promise.allSettled(
    [note, refuse('a'), note, refuse('b'), note].map((proposal) => soft.journal.submit(proposal)),
  );
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: size },
    { status: 'rejected', reason: new Error('a') },
    { status: 'fulfilled', value: size + 1 },
    { status: 'rejected', reason: new Error('b') },
    { status: 'fulfilled', value: size + 2 },
  ]);
  expect(await entries()).toHaveLength(3);
});

test('one that fails after its first entry leaves nothing of it behind', async () => {
  const half: Proposal<number> = {
    needs: {},
    run: (turn) => {
      note.run(turn);
      throw new Error('half');
    },
  };
  const [, refused, taken] = await Promise.allSettled([
    soft.journal.submit(note),
    soft.journal.submit(half),
    soft.journal.submit(note),
  ]);
  expect(refused).toMatchObject({ reason: new Error('half') });
  expect(taken).toMatchObject({ value: size + 1 });
  expect(await entries()).toHaveLength(2);
});

test('one whose aftermath fails is refused with what it wrote, and those beside it are not', async () => {
  await soft.rollOver();
  const sizeOf = (epoch: number): Promise<number> =>
    soft.journal.submit({ epoch, needs: {}, run: (turn) => turn.size });
  const [old, current] = [await sizeOf(1), await sizeOf(2)];
  const withAfter = (run: () => void): Proposal<number> => ({ ...note, after: { epoch: 1, needs: {}, run } });
  const fails = withAfter(() => {
    throw new Error('after');
  });
  const also = withAfter((): void => undefined);
  const outcomes = await Promise.allSettled(
    [note, fails, { ...note, epoch: 1 }, fails, also].map((proposal) => soft.journal.submit(proposal)),
  );
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: current },
    { status: 'rejected', reason: new Error('after') },
    { status: 'fulfilled', value: old },
    { status: 'rejected', reason: new Error('after') },
    { status: 'fulfilled', value: current + 1 },
  ]);
  expect([await sizeOf(1), await sizeOf(2)]).toEqual([old + 1, current + 2]);
});

test('an entry that would break a rule is a fault of ours and is not written', async () => {
  const again: Proposal<number> = {
    needs: {},
    run: (turn) => turn.append({ type: 'abandoned', intent: 0 }),
  };
  const [refused, taken] = await Promise.allSettled([soft.journal.submit(again), soft.journal.submit(note)]);
  expect(refused).toMatchObject({ reason: { code: 'RULE_WOULD_BREAK', category: 'fault' } });
  expect(taken).toMatchObject({ value: size });
});

test('proposals see what those before them did, in the same transaction', async () => {
  const look: Proposal<readonly [number, number]> = {
    needs: {},
    run: ({ size: seen, crlNumber }: NodeTurn) => [seen, crlNumber],
  };
  const [, , seen] = await Promise.all([
    soft.journal.submit(note),
    soft.journal.submit(note),
    soft.journal.submit(look),
  ]);
  expect(seen).toEqual([size + 2, crls + 2]);
});

test('when the transaction fails, all who shared it are refused, nothing is written, and the next go on', async () => {
  await soft.journal.submit(note);
  const failure = new DbError('DISK_FULL', { file: 'subca.db' });
  let next: Promise<number> | undefined;
  jest.spyOn(soft.node.store, 'transaction').mockImplementationOnce(() => {
    next = soft.journal.submit(note);
    return Promise.reject(failure);
  });
  const shared = await Promise.allSettled([soft.journal.submit(note), soft.journal.submit(note)]);
  expect(shared).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ]);
  expect(await next).toBe(size + 1);
  expect(await entries()).toHaveLength(2);
});

describe('the clock', () => {
  const later = (ms: number): Date => new Date(NOW.getTime() + ms);

  test('may stand still', async () => {
    await soft.journal.submit(note);
    await soft.journal.submit(note);
    expect((await entries()).map(([, time]) => time)).toEqual([NOW.toISOString(), NOW.toISOString()]);
  });

  test('may step back a little: the entry bears the time of the last', async () => {
    soft.now = later(10_000);
    await soft.journal.submit(note);
    soft.now = later(8_000);
    await soft.journal.submit(note);
    expect((await entries()).map(([, time]) => time)).toEqual([
      later(10_000).toISOString(),
      later(10_000).toISOString(),
    ]);
  });

  test('that is plainly behind stops everything until it is right', async () => {
    soft.now = later(10_000);
    await soft.journal.submit(note);
    soft.now = later(7_999);
    await expectCode(soft.journal.submit(note), NodeError, 'CLOCK_BEHIND');
    soft.now = later(10_001);
    await soft.journal.submit(note);
    expect(await entries()).toHaveLength(2);
  });
});

test('two processes take their turns: no index twice, none left out', async () => {
  const other = await soft.open();
  const indexes = await Promise.all(
    Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? soft : other).journal.submit(note)),
  );
  expect([...indexes].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, at) => size + at));
});

test('a node that was just opened writes at once', async () => {
  const { journal } = await soft.open();
  expect(await journal.submit(note)).toBe(size);
});
