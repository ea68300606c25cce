/** A re-reading that was cut off goes on: signatures that held need not be checked again, if the entries are the same. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commonTables, type RootSchema, type Store } from '../../src/db';
import { decodeEntry, encodeEntry } from '../../src/journal';
import {
  LedgerError,
  rootHashAt,
  readJournal,
  verifyJournal,
  VerifyProgress,
  type VerifiedJournal,
} from '../../src/ledger';
import { expectCode } from '../support/matchers';
import {
  append,
  makeJournalWorld,
  newStore,
  ORIGIN,
  removeStores,
  soundJournal,
  type JournalWorld,
} from './journals';

/** More than is read at a time. */
const SIZE = 1200;

let journals: JournalWorld;
let sound: readonly Buffer[];
let store: Store<RootSchema>;
let folder: string;
let file: string;

beforeAll(async () => {
  journals = await makeJournalWorld();
  sound = await soundJournal(journals, SIZE, 31);
});

beforeEach(async () => {
  store = await newStore();
  folder = mkdtempSync(join(tmpdir(), 'subca-progress-'));
  file = join(folder, 'verify-progress.json');
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await removeStores();
});

const db = () => commonTables(store.read);

async function verify(
  { resume, keep }: { readonly resume: boolean; readonly keep?: string[] },
  advance?: () => void,
): Promise<VerifiedJournal> {
  const progress = await VerifyProgress.open(file, { resume });
  const keepFinding = keep && ((index: number, code: string): unknown => keep.push(`${index} ${code}`));
  const verified = await verifyJournal(db(), ORIGIN, journals.authority, {
    advance,
    progress,
    ...(keepFinding && { keepFinding }),
  });
  await progress.finish();
  return verified;
}

interface Noted {
  readonly [origin: string]: { readonly size: number; readonly rootHash: string };
}

const noted = (): Noted => JSON.parse(readFileSync(file, 'utf8')) as Noted;

/** The journal up to an entry whose signature is another's. @returns its index */
async function withWrongSignature(from: number): Promise<number> {
  const entries = sound.map(decodeEntry);
  const index = entries.findIndex(({ type }, at) => type === 'issued' && at >= from);
  const other = entries.findLast(({ type }) => type === 'issued');
  const one = entries[index];
  if (one?.type !== 'issued' || other?.type !== 'issued') throw new Error('no such entry');
  const wrong = encodeEntry({ ...one, signature: other.signature });
  await append(store, journals.authority, [...sound.slice(0, index), wrong]);
  return index;
}

test('it notes how far it came, goes on from there, and leaves nothing when it is done', async () => {
  await append(store, journals.authority, sound);
  const cut = new Error('cut off');
  let portions = 0;
  const cutOff = verify({ resume: false }, () => {
    portions += 1;
    if (portions === 2) throw cut;
  });
  await expect(cutOff).rejects.toBe(cut);
  expect(noted()).toEqual({
    [ORIGIN]: { size: 1000, rootHash: await rootHashAt(db(), await readJournal(db(), ORIGIN), 1000) },
  });
  const resumed = await verify({ resume: true });
  expect(existsSync(file)).toBe(false);
  const whole = await verify({ resume: false });
  expect(resumed.rootHash).toEqual(whole.rootHash);
  expect(resumed.records).toEqual(whole.records);
});

test('signatures before that place are not checked again, and only if the tree is the one of then', async () => {
  const size = (await withWrongSignature(100)) + 1;
  await expectCode(verify({ resume: false }), LedgerError, 'RULE_BROKEN');
  const rootHash = await rootHashAt(db(), await readJournal(db(), ORIGIN), size);
  const tell = (told: unknown): void => {
    writeFileSync(file, typeof told === 'string' ? told : JSON.stringify(told));
  };
  tell({ [ORIGIN]: { size, rootHash } });
  await expectCode(verify({ resume: false }), LedgerError, 'RULE_BROKEN');
  tell({ [ORIGIN]: { size, rootHash } });
  await verify({ resume: true });
  for (const told of [
    { [ORIGIN]: { size: size - 1, rootHash } },
    { [ORIGIN]: { size, rootHash: '00'.repeat(32) } },
    { [ORIGIN]: { size: 10_000, rootHash } },
    { other: { size, rootHash } },
    '{"torn',
    '[]',
  ]) {
    tell(told);
    await expectCode(verify({ resume: true }), LedgerError, 'RULE_BROKEN');
  }
});

test('a signature that does not hold is never noted as checked', async () => {
  const index = await withWrongSignature(1001);
  const keep: string[] = [];
  const progress = await VerifyProgress.open(file, { resume: false });
  await verifyJournal(db(), ORIGIN, journals.authority, {
    progress,
    keepFinding: (at, code) => keep.push(`${at} ${code}`),
  });
  expect(keep).toEqual([`${index} SIGNATURE_INVALID`]);
  expect(noted()[ORIGIN]?.size).toBe(1000);
  const again: string[] = [];
  await verify({ resume: true, keep: again });
  expect(again).toEqual(keep);
});

test('where it cannot be noted, the reading goes on', async () => {
  await append(store, journals.authority, sound);
  rmSync(folder, { recursive: true });
  await verify({ resume: false });
});
