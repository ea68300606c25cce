/** Whole journals for tests of the ledger: entries of every type with real signatures, and stores to keep them in. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commonTables, openStore, rootMigrations, type RootSchema, type Store } from '../../src/db';
import { payloadOf, registryKeys, type Authority, type Finding, type Grant } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import {
  appendLeaves,
  EMPTY_TREE,
  encodeEntry,
  leafHash,
  rootHash,
  serialNumberAt,
  type Entry,
} from '../../src/journal';
import {
  createJournal,
  examine,
  needsOf,
  readJournal,
  Removals,
  whole,
  Turn,
  type StoredJournal,
} from '../../src/ledger';
import { RECEIPT_PAYLOAD_TYPE } from '../../src/sync';
import {
  documentOf,
  grantOf,
  leafDer,
  makeWorld,
  NODE_ID,
  NOW,
  ORIGIN,
  type World,
} from '../support/delegationFixture';
import { newPlace } from '../support/engines';
import { randomNumbers } from '../support/random';
import { softSigner } from '../support/softSigner';

export { ORIGIN };

export interface JournalWorld {
  readonly world: World;
  readonly authority: Authority;
}

/** A world whose grant has room for many certificates, in two versions. */
export async function makeJournalWorld(
  keys?: { readonly pss: boolean },
  changes: Partial<Grant['limits']> = {},
): Promise<JournalWorld> {
  const world = await makeWorld(keys);
  const { limits } = grantOf(world);
  const quota = { total: 10_000, perDay: 10_000, perProfile: {} };
  const first = documentOf(grantOf(world, { limits: { ...limits, quota, ...changes } }));
  const second = documentOf({ ...first.value, version: 2, previous: first.sha256 });
  const grants = new Map([first, second].map((grant) => [grant.value.version, grant]));
  const { certificate } = world.subCa;
  const registry = registryKeys([world.trust.value]);
  return { world, authority: { nodeId: NODE_ID, epoch: 1, caCertificate: certificate, grants, registry } };
}

/** The root's receipt for a head of the journal, as an entry holds it. */
export async function receiptOf(
  { registry }: World,
  { size, rootHash: root }: Pick<StoredJournal, 'rootHash'> & { readonly size: number },
  time: string,
): Promise<string> {
  const seen = { origin: ORIGIN, size, rootHash: root.toString('hex'), time, findings: 0 };
  return (await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(seen), [registry])).toString('base64');
}

/** @returns the bytes of a journal that keeps every rule, with certificates in every state */
export async function soundJournal(
  { world, authority }: JournalWorld,
  size: number,
  seed: number,
): Promise<readonly Buffer[]> {
  const random = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[random(from.length)];
  const open = new Map<number, { serialNumber: string; tbs: Buffer }>();
  const status = new Map<string, 'issued' | 'suspended' | 'revoked' | 'exposed'>();
  const exposable = new Set<string>();
  const having = (wanted: string): readonly string[] =>
    [...status].filter(([, now]) => now === wanted).map(([serialNumber]) => serialNumber);
  const entries: Entry[] = [];
  const by = { kind: 'local', request: 'r-1' } as const;
  const [first, second] = [...authority.grants.values()];
  let now = NOW.getTime();
  let crls = 0;
  let head = EMPTY_TREE;
  const receipt = (time: string): Promise<string> => {
    head = appendLeaves(
      head,
      entries.slice(head.size).map((entry) => leafHash(encodeEntry(entry))),
    ).head;
    return receiptOf(world, { size: head.size, rootHash: rootHash(head) }, time);
  };
  while (entries.length < size) {
    // Several entries may bear the same time; now and then a day passes.
    now += [0, 0, 0, 1000, 3_600_000, 86_400_000][random(6)] ?? 0;
    const time = new Date(now).toISOString();
    const index = entries.length;
    const serialNumber = serialNumberAt({ epoch: 1, index }, Buffer.alloc(10, random(256)));
    const intent = pick([...open.keys()]);
    const issued = pick(having('issued'));
    const suspended = pick(having('suspended'));
    const revoked = having('revoked').find((one) => exposable.has(one));
    const step = index < 2 ? index : index === Math.floor(size / 2) ? 2 : 3 + random(9);
    if (step === 0) {
      const { spkiSha256: caSpkiSha256 } = authority.caCertificate.tbs.publicKey;
      entries.push({
        type: 'open',
        time,
        node: NODE_ID,
        epoch: 1,
        caSpkiSha256,
        grantSha256: first?.sha256 ?? '',
      });
    } else if (step === 1 || step === 2) {
      const grant = step === 1 ? first : second;
      entries.push({ type: 'grant', time, grantId: 'g-1', version: step, sha256: grant?.sha256 ?? '' });
    } else if (step <= 5) {
      // Most have one key, which is never exposed; some have their own.
      const own = index % 4 === 0 ? { spki: softSigner('p-256').spki } : {};
      if (index % 4 === 0) exposable.add(serialNumber);
      const tbs = leafDer(world, { serialNumber, ...own, notBefore: new Date(now) });
      open.set(index, { serialNumber, tbs });
      const request = index.toString(16).padStart(64, '0');
      const asked = { service: 'issue', profile: 'individual', request } as const;
      entries.push({ type: 'intent', time, ...asked, tbs: tbs.toString('base64') });
    } else if (step <= 8 && intent !== undefined) {
      const { serialNumber: of, tbs } = open.get(intent)!;
      open.delete(intent);
      status.set(of, 'issued');
      const signature = (await world.subCa.signer.sign(tbs)).toString('base64');
      entries.push({ type: 'issued', time, intent, signature });
    } else if (step === 9 && intent !== undefined && random(2) === 0) {
      open.delete(intent);
      entries.push({ type: 'abandoned', time, intent });
    } else if (step === 10 && revoked !== undefined && random(2) === 0) {
      status.set(revoked, 'exposed');
      entries.push({ type: 'revoked', time, serialNumber: revoked, reason: 'keyCompromise', by });
    } else if (step === 10 && issued !== undefined) {
      const revoke = random(2) === 0;
      status.set(issued, revoke ? 'revoked' : 'suspended');
      entries.push(
        revoke
          ? { type: 'revoked', time, serialNumber: issued, reason: 'superseded', invalidityDate: time, by }
          : { type: 'suspended', time, serialNumber: issued, by },
      );
    } else if (step === 11 && suspended !== undefined) {
      status.set(suspended, 'issued');
      entries.push({ type: 'resumed', time, serialNumber: suspended, by });
    } else if (random(4) === 0) {
      entries.push({ type: 'lease', time, receipt: await receipt(time) });
    } else if (random(3) === 0) {
      crls += 1;
      const [thisUpdate, nextUpdate] = [time, new Date(now + 3_600_000).toISOString()];
      const sha256 = crls.toString(16).padStart(64, '0');
      entries.push({
        type: 'crl',
        time,
        number: crls,
        kind: 'full',
        covers: index,
        thisUpdate,
        nextUpdate,
        sha256,
      });
    }
  }
  return entries.map(encodeEntry);
}

const stores: { readonly store: Store<RootSchema>; readonly folder: string }[] = [];

/** A database with one empty journal; closed and removed by `removeStores`. */
export async function newStore(): Promise<Store<RootSchema>> {
  const folder = mkdtempSync(join(tmpdir(), 'subca-ledger-'));
  const store = await openStore<RootSchema>({ ...(await newPlace(folder)), migrations: rootMigrations });
  stores.push({ store, folder });
  await store.transaction((tx) => createJournal(commonTables(tx), ORIGIN));
  return store;
}

export async function removeStores(): Promise<void> {
  for (const { store, folder } of stores.splice(0)) {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Appends entries in one turn, as the root takes them: whatever is found. @returns what was found, by entry index */
export async function append(
  store: Store<RootSchema>,
  authority: Authority,
  bytes: readonly Buffer[],
): Promise<readonly (readonly [index: number, code: Finding['code']])[]> {
  const db = commonTables(store.read);
  const before = await readJournal(db, ORIGIN);
  const entries = whole(bytes);
  const examined = await examine({ db, journal: before, authority, entries });
  return store.transaction(async (tx) => {
    const turn = await Turn.begin(
      commonTables(tx),
      await readJournal(commonTables(tx), ORIGIN),
      authority,
      needsOf(examined, authority),
    );
    const found: (readonly [number, Finding['code']])[] = [];
    const removals = new Removals(commonTables(tx), before, before.state.size, entries);
    for (const [at, stored] of entries.entries()) {
      const index = turn.state.size;
      const one = await turn.examined(removals, examined[at]);
      const { findings } = turn.takeHeld(stored, one);
      found.push(...findings.map(({ code }) => [index, code] as const));
    }
    await turn.commit();
    return found;
  });
}

/** Every row that a journal leaves in the database. */
export async function rowsOf({
  read,
}: Store<RootSchema>): Promise<Readonly<Record<string, readonly object[]>>> {
  return {
    journals: await read.selectFrom('journals').selectAll().execute(),
    entries: await read.selectFrom('entries').selectAll().orderBy('idx').execute(),
    treeNodes: await read.selectFrom('treeNodes').selectAll().orderBy('level').orderBy('idx').execute(),
    certificates: await read.selectFrom('certificates').selectAll().orderBy('intentIndex').execute(),
    quota: await read.selectFrom('quota').selectAll().orderBy('key').execute(),
  };
}

/** Cuts a list into pieces of the given sizes, the last of which takes the rest. */
export function inPieces<T>(list: readonly T[], sizes: readonly number[]): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = [];
  let start = 0;
  for (const size of sizes) {
    pieces.push(list.slice(start, start + size));
    start += size;
  }
  return [...pieces, list.slice(start)].filter((piece) => piece.length > 0);
}
