/**
 * Two journals of a node on their way to the root: whatever the order in which their pieces come, the same is found,
 * and it is what whoever re-checks the journals finds.
 */
import { commonTables, type RootSchema, type Store } from '../../src/db';
import {
  EarlierCertificates,
  type Authority,
  type CertificateRecord,
  type Grant,
} from '../../src/delegation';
import { encodeEntry, originOf, serialNumberAt, type Entry, type EntryOf } from '../../src/journal';
import {
  createJournal,
  examine,
  needsOf,
  readJournal,
  rootBefore,
  Turn,
  verifyJournal,
  whole,
} from '../../src/ledger';
import { GatheredFindings } from '../../src/root/findings';
import { judgeLaterJournals } from '../../src/root/lateRevocations';
import {
  documentOf,
  grantOf,
  NODE_ID,
  NOW,
  ORIGIN,
  REGISTRY_NAME,
  type LeafChanges,
} from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import { at, grant, intent, open, revoked, serialAt, useJournals } from '../delegation/memoryLedger';
import { newStore, removeStores } from '../ledger/journals';

const { world } = useJournals();

afterEach(removeStores);

const NEXT = originOf({ registry: REGISTRY_NAME, node: NODE_ID, epoch: 2 });
const SERVICES: Grant['services'] = ['issue', 'renew', 'change-information', 'recover-device', 'revoke'];
const [FIRST, OTHER] = [serialAt(2), serialAt(4)];
const SEALED_AT = 6;
/** When the first journal tells of the revocation. */
const REVOKED = at(60);

/** The two journals of a node, as the root takes them. */
class Arrival {
  readonly #authorities: Record<string, Authority>;
  readonly #document = documentOf(
    grantOf(world(), {
      services: SERVICES,
      limits: { ...grantOf(world()).limits, quota: { total: 99, perDay: 99, perProfile: {} } },
    }),
  );

  private constructor(private readonly store: Store<RootSchema>) {
    const grants = new Map([[1, this.#document]]);
    const shared = { nodeId: NODE_ID, caCertificate: world().subCa.certificate, grants, registry: [] };
    this.#authorities = {
      [ORIGIN]: { ...shared, epoch: 1, sealedAt: SEALED_AT },
      [NEXT]: { ...shared, epoch: 2 },
    };
  }

  /** With both journals up to the seal, and the opening of the second. */
  static async open(): Promise<Arrival> {
    const store = await newStore();
    await store.transaction((tx) => createJournal(commonTables(tx), NEXT));
    const arrival = new Arrival(store);
    const { sha256 } = arrival.#document;
    const begin: Entry[] = [open({ grantSha256: sha256 }), grant(1, { sha256 })];
    const other = { spki: softSigner('p-256').spki };
    await arrival.take(ORIGIN, ...begin, ...(await signed(2, intent(FIRST))));
    await arrival.take(ORIGIN, ...(await signed(4, intent(OTHER, {}, other))));
    const rootHash = await rootBefore(commonTables(store.read), NEXT, SEALED_AT);
    const sealed = { size: SEALED_AT, rootHash: rootHash ?? '' };
    const opening = open({ epoch: 2, grantSha256: sha256, sealed });
    await arrival.take(NEXT, opening, grant(1, { sha256 }));
    return arrival;
  }

  async take(origin: string, ...entries: readonly Entry[]): Promise<void> {
    const authority = this.#authorities[origin]!;
    const db = commonTables(this.store.read);
    const before = await readJournal(db, origin);
    const bytes = entries.map(encodeEntry);
    const examined = await examine({ db, journal: before, authority, entries: whole(bytes) });
    await this.store.transaction(async (tx) => {
      const turn = await Turn.begin(commonTables(tx), before, authority, needsOf(examined, authority));
      const changed: CertificateRecord[] = [];
      for (const [index, one] of bytes.entries()) {
        const { entry, evidence } = examined[index]!;
        const entryIndex = turn.state.size;
        const { findings, ...verdict } = turn.judge(entry, evidence);
        turn.take(one, { findings, ...verdict });
        const found = new GatheredFindings();
        for (const finding of findings) found.add(entryIndex, finding);
        await found.keep(tx, before.id, NOW);
        if (entry.type === 'revoked' && verdict.record !== undefined) changed.push(verdict.record);
      }
      await turn.commit();
      await judgeLaterJournals(tx, origin, changed, NOW);
    });
  }

  /** The next certificate of the second journal. */
  async certify(changes: Partial<EntryOf<'intent'>>, leaf: LeafChanges = {}): Promise<void> {
    const { state } = await readJournal(commonTables(this.store.read), NEXT);
    const serialNumber = serialNumberAt({ epoch: 2, index: state.size }, Buffer.alloc(10));
    await this.take(NEXT, ...(await signed(state.size, intent(serialNumber, changes, leaf))));
  }

  /** What is held against both journals, in no order. */
  async held(): Promise<readonly string[]> {
    const rows = await this.store.read
      .selectFrom('findings')
      .innerJoin('journals', 'journals.id', 'findings.journal')
      .select(['origin', 'entryIndex', 'code'])
      .execute();
    return rows.map(({ origin, entryIndex, code }) => `${origin} ${String(entryIndex)} ${code}`).sort();
  }

  /** What is found when both are judged anew. */
  async verified(): Promise<readonly string[]> {
    const found: string[] = [];
    const earlier = new EarlierCertificates();
    for (const [origin, authority] of Object.entries(this.#authorities)) {
      const journal = await verifyJournal(commonTables(this.store.read), origin, authority, {
        earlier,
        keepFinding: (index, code) => found.push(`${origin} ${String(index)} ${code}`),
      });
      if (authority.sealedAt === undefined) continue;
      for (const record of journal.records.values())
        earlier.add(record, { epoch: authority.epoch, sealedAt: authority.sealedAt });
    }
    return found.sort();
  }
}

/** An intent and its signature, for the places from the index on. */
async function signed(index: number, entry: EntryOf<'intent'>): Promise<readonly Entry[]> {
  const signature = await world().subCa.signer.sign(Buffer.from(entry.tbs, 'base64'));
  const { time } = entry;
  return [entry, { type: 'issued', time, intent: index, signature: signature.toString('base64') }];
}

type Piece = (arrival: Arrival) => Promise<void>;

/** @returns what is held in the end, which must be what is found anew */
async function heldAfter(pieces: readonly Piece[]): Promise<readonly string[]> {
  const arrival = await Arrival.open();
  for (const piece of pieces) await piece(arrival);
  const held = await arrival.held();
  expect(await arrival.verified()).toEqual(held);
  return held;
}

const NEW_KEY = softSigner('p-256').spki;
const [BEFORE, AFTER] = [at(59), at(61)];
/** When the first journal tells that the key of what it revoked was exposed. */
const EXPOSED = at(120);

test.each<[string, EntryOf<'revoked'>['reason'], Partial<EntryOf<'intent'>>, LeafChanges, readonly string[]]>(
  [
    ['is renewed before', 'keyCompromise', { service: 'renew', predecessor: FIRST, time: BEFORE }, {}, []],
    [
      'is renewed after',
      'keyCompromise',
      { service: 'renew', predecessor: FIRST, time: AFTER },
      {},
      ['KEY_COMPROMISED', 'OUT_OF_SCOPE'],
    ],
    [
      'is renewed after, with another key',
      'superseded',
      { service: 'renew', predecessor: FIRST, time: REVOKED },
      { spki: NEW_KEY },
      ['OUT_OF_SCOPE'],
    ],
    [
      'is recovered after',
      'keyCompromise',
      { service: 'recover-device', predecessor: FIRST, time: AFTER },
      { spki: NEW_KEY },
      [],
    ],
    [
      'is recovered after another revocation than for a lost key',
      'superseded',
      { service: 'recover-device', predecessor: FIRST, time: AFTER },
      { spki: NEW_KEY },
      ['OUT_OF_SCOPE'],
    ],
    ['has its key certified again before', 'keyCompromise', { time: BEFORE }, {}, []],
    ['has its key certified again after', 'keyCompromise', { time: AFTER }, {}, ['KEY_COMPROMISED']],
    ['has its key certified again, which was not exposed', 'superseded', { time: AFTER }, {}, []],
    [
      'has its key renewed from another, for which there is a finding already',
      'keyCompromise',
      { service: 'recover-device', predecessor: OTHER, time: AFTER },
      { subject: [...PROVINCE, { type: 'CN', value: 'Trần Văn Bình' }] },
      ['KEY_COMPROMISED', 'KEY_REUSED', 'OUT_OF_SCOPE'],
    ],
  ],
)('a certificate that is revoked under the first key and %s', async (_, reason, changes, leaf, expected) => {
  const certify: Piece = (arrival) => arrival.certify(changes, leaf);
  const revoke: Piece = (arrival) => arrival.take(ORIGIN, revoked(FIRST, { time: REVOKED, reason }));
  const held = expected.map((code) => `${NEXT} 2 ${code}`);
  expect(await heldAfter([revoke, certify])).toEqual(held);
  expect(await heldAfter([certify, revoke])).toEqual(held);
});

test.each<[string, Partial<EntryOf<'intent'>>, LeafChanges, readonly string[]]>([
  ['renewed before both', { service: 'renew', predecessor: FIRST, time: BEFORE }, {}, []],
  [
    'renewed between the two, with another key',
    { service: 'renew', predecessor: FIRST, time: AFTER },
    { spki: NEW_KEY },
    ['OUT_OF_SCOPE'],
  ],
  [
    'renewed after',
    { service: 'renew', predecessor: FIRST, time: EXPOSED },
    {},
    ['KEY_COMPROMISED', 'OUT_OF_SCOPE'],
  ],
  // It had ended already, and not for the loss of its key.
  [
    'recovered after',
    { service: 'recover-device', predecessor: FIRST, time: EXPOSED },
    { spki: NEW_KEY },
    ['OUT_OF_SCOPE'],
  ],
  ['the holder of a key certified again between the two', { time: AFTER }, {}, []],
  ['the holder of a key certified again after', { time: EXPOSED }, {}, ['KEY_COMPROMISED']],
])(
  'a certificate that is revoked, whose key is told to be exposed later, and that is %s',
  async (_, changes, leaf, expected) => {
    const certify: Piece = (arrival) => arrival.certify(changes, leaf);
    const revoke: Piece = (arrival) =>
      arrival.take(ORIGIN, revoked(FIRST, { time: REVOKED, reason: 'superseded' }));
    const expose: Piece = (arrival) => arrival.take(ORIGIN, revoked(FIRST, { time: EXPOSED }));
    const held = expected.map((code) => `${NEXT} 2 ${code}`);
    for (const pieces of [
      [revoke, expose, certify],
      [revoke, certify, expose],
      [certify, revoke, expose],
    ])
      expect(await heldAfter(pieces)).toEqual(held);
  },
);

test('a line that changed its name and kept its key is nobody else’s, when another of the key is revoked', async () => {
  const pieces: readonly Piece[] = [
    (arrival) => arrival.certify({ service: 'renew', predecessor: FIRST, time: BEFORE }),
    (arrival) => {
      const predecessor = serialNumberAt({ epoch: 2, index: 2 }, Buffer.alloc(10));
      const subject = [...PROVINCE, { type: 'CN', value: 'Trần Văn Bình' }] as const;
      return arrival.certify({ service: 'change-information', predecessor, time: BEFORE }, { subject });
    },
    (arrival) => arrival.take(ORIGIN, revoked(FIRST, { time: REVOKED })),
  ];
  expect(await heldAfter(pieces)).toEqual([]);
});
