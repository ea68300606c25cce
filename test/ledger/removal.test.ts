/** Removing certificates after their time: the tree and every verdict stay, what names a subscriber goes, and nothing else can. */
import { commonTables, type RootSchema, type Store } from '../../src/db';
import { MAX_REMOVED, residueOf, type Removed } from '../../src/delegation';
import { decodeEntry, encodeEntry, serialNumberAt, type Entry } from '../../src/journal';
import {
  LedgerError,
  nextRemoval,
  proveEntry,
  readEntries,
  readJournal,
  removeCertificates,
  Removals,
  rootHashAt,
  verifyJournal,
  whole,
  type NextRemoval,
  type VerifiedJournal,
} from '../../src/ledger';
import { journalledCertificate } from '../../src/ledger/certificates';
import { leafDer, NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import {
  append,
  makeJournalWorld,
  newStore,
  ORIGIN,
  receiptOf,
  removeStores,
  soundJournal,
  type JournalWorld,
} from './journals';

const SIZE = 60;
const YEARS = 2;
/** When every certificate of the journal has ended and its time is over. */
const LATER = '2032-03-02T03:00:00.000Z';

let journals: JournalWorld;
let store: Store<RootSchema>;
/** With the outcome of every intent. */
let entries: readonly Buffer[];

beforeAll(async () => {
  journals = await makeJournalWorld(undefined, { retentionYears: YEARS });
});

beforeEach(async () => {
  store = await newStore();
});

afterEach(removeStores);

/** A journal of which nothing is open any more. */
async function settled(seed: number): Promise<void> {
  const sound = (await soundJournal(journals, SIZE, seed)).map(decodeEntry);
  const open = new Set(sound.flatMap((entry, index) => (entry.type === 'intent' ? [index] : [])));
  for (const entry of sound)
    if (entry.type === 'issued' || entry.type === 'abandoned') open.delete(entry.intent);
  const time = sound.at(-1)?.time ?? '';
  const outcomes = [...open].map((intent): Entry => ({ type: 'abandoned', time, intent }));
  entries = [...sound, ...outcomes].map(encodeEntry);
  await append(store, journals.authority, entries);
}

const db = () => commonTables(store.read);
const journal = () => readJournal(db(), ORIGIN);

async function next(endedBy = LATER): Promise<NextRemoval | undefined> {
  return nextRemoval(db(), await journal(), endedBy, entries.length);
}

type Removal = Extract<Entry, { type: 'removal' }>;

/** @param seen when the root has seen the journal, by its own clock @param size how much of it; all if not given */
async function take({
  seen = LATER,
  size,
  ...changes
}: Partial<Removal> & { readonly seen?: string; readonly size?: number }): ReturnType<typeof append> {
  const now = await journal();
  const head = { size: size ?? now.state.size };
  const rootHash = Buffer.from(await rootHashAt(db(), now, head.size), 'hex');
  const receipt = await receiptOf(journals.world, { ...head, rootHash }, seen);
  const entry = { type: 'removal', time: LATER, before: 1, residues: '00'.repeat(32), receipt, ...changes };
  return append(store, journals.authority, [encodeEntry(entry as Removal)]);
}

async function removeRows(from: number, before: number, kept?: ReadonlySet<number>): Promise<number> {
  const stored = await journal();
  return store.transaction((tx) =>
    removeCertificates(commonTables(tx), stored, from, before, kept && ((index) => kept.has(index))),
  );
}

/** Announces what may be removed, and removes it. @returns where it ends */
async function remove(kept?: ReadonlySet<number>): Promise<number> {
  const { before, removed } = (await next())!;
  expect(await take({ before, residues: removed.residues })).toEqual([]);
  await removeRows(0, before, kept);
  return before;
}

function verify(found?: [number, string][]): Promise<VerifiedJournal> {
  return verifyJournal(db(), ORIGIN, journals.authority, {
    ...(found && { keepFinding: (index: number, code: string) => found.push([index, code]) }),
  });
}

const withoutNames = (records: VerifiedJournal['records']): VerifiedJournal['records'] =>
  new Map([...records].map(([serialNumber, record]) => [serialNumber, { ...record, subject: '' }]));

test.each([1, 2, 3, 4])('every record, head and CRL is as before; sound journal %p', async (seed) => {
  await settled(seed);
  const { residues } = (await next())!.removed;
  await take({ before: entries.length, residues });
  const before = await verify();
  const heads: string[] = [];
  for (let size = 1; size <= entries.length; size += 1)
    heads.push(await rootHashAt(db(), await journal(), size));

  await removeRows(0, entries.length);
  const after = await verify();
  expect(after).toMatchObject({ rootHash: before.rootHash, lastTime: before.lastTime, crls: before.crls });
  expect(after.atSeal).toEqual(before.atSeal);
  expect(after.records).toEqual(withoutNames(before.records));
  for (let size = 1; size <= entries.length; size += 1) {
    expect(await rootHashAt(db(), await journal(), size)).toBe(heads[size - 1]);
    expect(after.revokedBefore(size)).toEqual(withoutNames(before.revokedBefore(size)));
  }
});

test('no name, key or signature is left, and what was asked for is told to be gone', async () => {
  await settled(5);
  const names = Buffer.from('Nguyễn Thị Ánh', 'utf8');
  const intent = entries.map(decodeEntry).findIndex(({ type }) => type === 'intent');
  const issued = entries.map(decodeEntry).findIndex((one) => one.type === 'issued' && one.intent === intent);
  const { id } = await journal();
  expect(await journalledCertificate(db(), id, intent, issued)).toBeInstanceOf(Buffer);
  await remove();
  const left = await readEntries(db(), await journal(), 0, entries.length);
  const types = entries.map(decodeEntry).map(({ type }) => type);
  left.forEach(({ bytes, leaf }, index) => {
    const isRemoved = types[index] === 'intent' || types[index] === 'issued';
    expect(leaf === null).toBe(!isRemoved);
    if (!isRemoved) expect(bytes).toEqual(entries[index]);
    const text = bytes.toString('utf8');
    expect(isRemoved && /"(tbs|signature|subject)":/.test(text)).toBe(false);
    expect(bytes.includes(names)).toBe(false);
  });
  const certificates = await store.read.selectFrom('certificates').select('subject').distinct().execute();
  expect(certificates).toEqual([{ subject: '' }]);
  const gone = await expectCode(
    journalledCertificate(db(), id, intent, issued),
    LedgerError,
    'CERTIFICATE_REMOVED',
  );
  expect(gone.params).toMatchObject({ origin: ORIGIN, index: intent });
  await expectCode(proveEntry(db(), await journal(), intent, SIZE), LedgerError, 'CERTIFICATE_REMOVED');
  expect(await proveEntry(db(), await journal(), 0, SIZE)).toMatchObject({ index: 0, bytes: entries[0] });
});

test('removing again changes nothing, and the next removal begins where the last one ended', async () => {
  await settled(6);
  const before = await remove();
  const rows = await store.read.selectFrom('entries').selectAll().execute();
  expect(await removeRows(0, before)).toBe(0);
  expect(await store.read.selectFrom('entries').selectAll().execute()).toEqual(rows);
  expect((await journal()).state.removedBefore).toBe(before);
  expect(await next()).toBeUndefined();
  await verify();
});

describe('a removal that may not be', () => {
  const outside = [['OUT_OF_SCOPE'], ['REMOVAL_MISMATCH']];
  test.each<[string, (good: NextRemoval) => Parameters<typeof take>[0], readonly string[]]>([
    ['of other contents', ({ before }) => ({ before, residues: 'ab'.repeat(32) }), outside[1]!],
    [
      'up to another place',
      ({ before, removed }) => ({ before: before - 1, residues: removed.residues }),
      outside[1]!,
    ],
    ['beyond the end', ({ removed }) => ({ before: 1000, residues: removed.residues }), outside[1]!],
    [
      'of more than one may cover',
      ({ removed }) => ({ before: MAX_REMOVED + 1, residues: removed.residues }),
      outside[1]!,
    ],
    [
      'before the certificates’ time is over',
      ({ before, removed }) => {
        const time = new Date(Date.parse(removed.lastEnd!));
        time.setUTCFullYear(time.getUTCFullYear() + YEARS);
        return { before, residues: removed.residues, seen: new Date(time.getTime() - 1).toISOString() };
      },
      outside[0]!,
    ],
    [
      'of what the root has not seen',
      ({ before, removed }) => ({ before, residues: removed.residues, size: before - 1 }),
      outside[1]!,
    ],
    [
      'by a time that is not the root’s',
      ({ before, removed }) => ({ before, residues: removed.residues, receipt: 'AAAA' }),
      ['LEASE_INVALID'],
    ],
    [
      'by a clock of the root’s that is ahead of the node’s',
      ({ before, removed }) => ({
        before,
        residues: removed.residues,
        seen: new Date(Date.parse(LATER) + 3_600_000).toISOString(),
      }),
      ['LEASE_INVALID'],
    ],
  ])('%s', async (_, changes, codes) => {
    await settled(7);
    const good = (await next())!;
    const found = await take(changes(good));
    expect(found.map(([, code]) => code)).toEqual(codes);
    expect((await journal()).state.removedBefore).toBe(0);
    // It is a broken rule at every later reading, too, and the right one may follow.
    const again: [number, string][] = [];
    expect(await take({ before: good.before, residues: good.removed.residues })).toEqual([]);
    await verify(again);
    expect(again).toEqual(found);
  });

  test('to the moment', async () => {
    await settled(7);
    const { before, removed } = (await next())!;
    const time = new Date(Date.parse(removed.lastEnd!));
    time.setUTCFullYear(time.getUTCFullYear() + YEARS);
    expect(await take({ before, residues: removed.residues, seen: time.toISOString() })).toEqual([]);
  });

  test('with an intent whose outcome is not told yet', async () => {
    await settled(8);
    const intent = entries.map(decodeEntry).findLastIndex(({ type }) => type === 'intent');
    const sofar = (await nextRemoval(
      db(),
      { ...(await journal()), state: { ...(await journal()).state, size: intent + 1 } },
      LATER,
      intent + 1,
    ))!;
    // The furthest place where nothing is open lies before it.
    expect(sofar.before).toBeLessThanOrEqual(intent);
  });

  test('with an intent that was abandoned only after very many other entries, it goes on', async () => {
    const head = (await soundJournal(journals, 2, 16)).map(decodeEntry);
    const serialNumber = serialNumberAt({ epoch: 1, index: 2 }, Buffer.alloc(10));
    const tbs = leafDer(journals.world, { serialNumber }).toString('base64');
    const [time, sha256] = [head.at(-1)!.time, 'ab'.repeat(32)];
    const asked = { service: 'issue', profile: 'individual', request: sha256 } as const;
    const others = Array.from({ length: MAX_REMOVED + 10 }, (): Entry => ({
      type: 'ceremony',
      time,
      sha256,
    }));
    const late: Entry = { type: 'abandoned', time, intent: 2 };
    entries = [...head, { type: 'intent', time, ...asked, tbs } as const, ...others].map(encodeEntry);
    await append(store, journals.authority, entries);
    expect(await next()).toBeUndefined();
    const early = new Removals(db(), await journal(), entries.length, []);
    const { residues } = (await early.upTo(3, 0))!;
    expect(await take({ before: 3, residues })).toEqual([[entries.length, 'REMOVAL_MISMATCH']]);

    await append(store, journals.authority, [encodeEntry({ ...late, time: LATER })]);
    await remove();
    expect((await journal()).state.removedBefore).toBe(MAX_REMOVED);
    const found: [number, string][] = [];
    await verify(found);
    expect(found).toEqual([[entries.length, 'REMOVAL_MISMATCH']]);
  });

  test('under a grant that allows none', async () => {
    const strict = await makeJournalWorld();
    const sound = await soundJournal(strict, 20, 9);
    await append(store, strict.authority, sound);
    const { state, rootHash } = await journal();
    const receipt = await receiptOf(strict.world, { ...state, rootHash }, LATER);
    const entry = { type: 'removal', time: LATER, before: 1, residues: '00'.repeat(32), receipt } as const;
    const found = await append(store, strict.authority, [encodeEntry(entry)]);
    expect(found.map(([, code]) => code)).toContain('OUT_OF_SCOPE');
  });
});

describe('what is left in the database', () => {
  async function changeResidue(index: number, change: (text: string) => string): Promise<void> {
    const [left] = await readEntries(db(), await journal(), index, index + 1);
    const bytes = Buffer.from(change(left!.bytes.toString('utf8')), 'utf8');
    expect(bytes).not.toEqual(left!.bytes);
    await store.transaction((tx) =>
      tx.updateTable('entries').set({ bytes }).where('idx', '=', index).execute(),
    );
  }

  const firstOf = (type: string): number =>
    entries.map(decodeEntry).findIndex((entry) => entry.type === type);

  test.each<[string, string, (text: string) => string]>([
    ['the time of a certificate', 'intent', (text) => text.replace('"notAfter":"2027', '"notAfter":"2026')],
    ['its key', 'intent', (text) => text.replace(/"spkiSha256":"../, '"spkiSha256":"00')],
    ['its subscriber', 'intent', (text) => text.replace(/"subjectSha256":"../, '"subjectSha256":"00')],
    ['whose signature it was', 'issued', (text) => text.replace(/"intent":\d+/, '"intent":0')],
  ])('%s cannot be changed', async (_, type, change) => {
    await settled(10);
    await remove();
    await changeResidue(firstOf(type), change);
    await expect(verify()).rejects.toBeInstanceOf(LedgerError);
  });

  test('its leaf cannot be changed, and a certificate cannot go without a removal', async () => {
    await settled(11);
    await remove();
    const index = firstOf('intent');
    const leaf = Buffer.alloc(32, 7);
    const [left] = await readEntries(db(), await journal(), index, index + 1);
    const set = (changes: object): Promise<unknown> =>
      store.transaction((tx) => tx.updateTable('entries').set(changes).where('idx', '=', index).execute());
    await set({ leaf });
    await expectCode(verify(), LedgerError, 'TREE_DAMAGED');
    await set({ leaf: left!.leaf });
    await verify();
  });

  test('what no entry removes may not be gone', async () => {
    await settled(12);
    await removeRows(0, entries.length);
    const index = entries
      .map(decodeEntry)
      .findLastIndex(({ type }) => type === 'intent' || type === 'issued');
    const error = await expectCode(verify(), LedgerError, 'ENTRY_DAMAGED');
    expect(error.params).toMatchObject({ index });
  });
});

test('however many removals move on, each entry is read once', async () => {
  await settled(15);
  const read: number[] = [];
  const stored = new Proxy(whole(entries), {
    get: (target, member, receiver): unknown => {
      if (typeof member === 'string' && /^\d+$/.test(member)) read.push(Number(member));
      return Reflect.get(target, member, receiver);
    },
  });
  const removals = new Removals(db(), await journal(), 0, stored);
  const alone = (from: number): Promise<Removed | undefined> =>
    new Removals(db(), { id: 0, origin: ORIGIN }, 0, whole(entries)).upTo(entries.length, from);
  for (let from = 0; from < entries.length; from += 1)
    expect(await removals.upTo(entries.length, from)).toEqual(await alone(from));
  expect(read).toEqual(entries.map((_, index) => index));
});

test('an entry that nobody could write again stays whole', () => {
  const entry = { type: 'issued', time: LATER, intent: 7, signature: 'AAAA' } as const;
  const bytes = encodeEntry(entry);
  expect(residueOf(bytes, decodeEntry(bytes), undefined)).toBeDefined();
  const { signature, intent, ...rest } = entry;
  const turned = encodeEntry({ ...rest, signature, intent });
  expect(residueOf(turned, decodeEntry(turned), undefined)).toBeUndefined();
});

test('what is evidence stays whole', async () => {
  await settled(13);
  const index = entries.map(decodeEntry).findIndex(({ type }) => type === 'intent');
  await remove(new Set([index]));
  const [kept] = await readEntries(db(), await journal(), index, index + 1);
  expect(kept).toEqual({ bytes: entries[index], leaf: null });
  const { records } = await verify();
  expect([...records.values()].filter(({ subject }) => subject !== '')).toHaveLength(1);
});

test('more than one removal covers is removed in several', async () => {
  expect(NOW.getTime()).toBeLessThan(Date.parse(LATER));
  await settled(14);
  const half = Math.floor(entries.length / 2);
  const state = (await journal()).state;
  const first = await nextRemoval(
    db(),
    { ...(await journal()), state: { ...state, size: half } },
    LATER,
    half,
  );
  expect(await take({ before: first!.before, residues: first!.removed.residues })).toEqual([]);
  await remove();
  expect((await journal()).state.removedBefore).toBeGreaterThan(first!.before);
  await verify();
});
