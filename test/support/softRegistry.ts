/**
 * The root's registry over a real directory and database, whose keys are soft, and a node of two CA keys whose journals
 * are written by hand: for tests of what the registry takes, finds, and finds again.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filledConfig } from '../../src/config';
import { commonTables, type DocumentKind } from '../../src/db';
import { payloadOf, type Grant } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import {
  appendLeaves,
  EMPTY_TREE,
  encodeEntry,
  leafHash,
  originOf,
  rootHash,
  serialNumberAt,
  signCheckpoint,
  type Entry,
  type EntryOf,
  type Seal,
} from '../../src/journal';
import { createJournal } from '../../src/ledger';
import { createLogger } from '../../src/logger';
import { RootCa, verifyRoot } from '../../src/root';
import { rootConfigSchema } from '../../src/root/config';
import { Registry } from '../../src/root/registry';
import { keepDocument } from '../../src/root/rootJournal';
import { sha256Hex } from '../../src/signer';
import { STATUS_PAYLOAD_TYPE, type NodeStatus, type Receipt, type Submission } from '../../src/sync';
import type { Name } from '../../src/x509';
import {
  documentOf,
  grantOf,
  leafDer,
  makeWorld,
  NODE_ID,
  NOW,
  REGISTRY_NAME,
  sealGrant,
  type LeafChanges,
  type World,
} from './delegationFixture';
import { newDatabase, type EngineName } from './engines';
import type { SoftNode } from './softNode';
import { PROVINCE, softSubCa, SUB_CA_NAME, type SoftCa } from './softCa';

export type Epoch = 1 | 2;

const NEXT_NAME: Name = [...PROVINCE, { type: 'CN', value: 'CA tỉnh Lâm Đồng G2' }];
const NAMES: Readonly<Record<Epoch, Name>> = { 1: SUB_CA_NAME, 2: NEXT_NAME };

export class SoftRegistry {
  /** What every clock here says; a test may set it. */
  now = NOW;
  root!: RootCa;
  registry!: Registry;
  /** What the registry has taken, by epoch. */
  readonly taken: Record<Epoch, Buffer[]> = { 1: [], 2: [] };

  readonly #others: (() => Promise<void>)[] = [];

  private constructor(
    readonly world: World,
    readonly cas: Readonly<Record<Epoch, SoftCa>>,
    readonly grants: Readonly<Record<Epoch, Grant>>,
    readonly nodeId = NODE_ID,
    readonly directory = mkdtempSync(join(tmpdir(), 'rootca-')),
  ) {}

  /** @param changes to the grant, in both versions */
  static async open(changes: Partial<Grant> = {}, engine?: EngineName): Promise<SoftRegistry> {
    const world = await makeWorld();
    return SoftRegistry.#of(world, grantOf(world, changes), engine);
  }

  /** The registry of a node that is activated already. */
  static async of({ world, node }: SoftNode): Promise<SoftRegistry> {
    return SoftRegistry.#of(world, (await node.delegation()).grant.value);
  }

  static async #of(world: World, first: Grant, engine?: EngineName): Promise<SoftRegistry> {
    const next = await softSubCa('p-256', world.root, undefined, NEXT_NAME);
    const grants = { 1: first, 2: secondGrant(first, next) };
    const soft = new SoftRegistry(world, { 1: world.subCa, 2: next }, grants);
    await soft.#open(engine);
    return soft;
  }

  /** Another node of the same registry, which keeps its entries under keys of the same value. */
  async beside(nodeId: string): Promise<SoftRegistry> {
    const first = { ...this.grants[1], nodeId };
    const grants = { 1: first, 2: secondGrant(first, this.cas[2]) };
    const other = new SoftRegistry(this.world, this.cas, grants, nodeId, this.directory);
    Object.assign(other, { root: this.root, registry: this.registry });
    await other.#meet();
    return other;
  }

  async #open(engine: EngineName | undefined): Promise<void> {
    const config = {
      'registry.name': REGISTRY_NAME,
      'registry.url': 'https://registry.ca.gov.vn:8443',
      'hsm.module': '/nowhere/libpkcs11.so',
      'hsm.tokens': [],
      'tokens.root': 'root',
      'tokens.registry': 'root',
      ...(await newDatabase(engine)),
    };
    const file = join(this.directory, 'config.yaml');
    writeFileSync(file, await filledConfig(file, 'rootca.yaml', config, rootConfigSchema));
    this.root = await this.#openRoot(this.directory);
    const { certificate } = this.world.root;
    const { trust } = this.world;
    await this.#keep('root-certificate', '', 1, certificate.der, certificate.sha256);
    await this.#keep('trust-statement', '', 1, trust.envelope, trust.sha256);
    this.registry = await Registry.open(this.root);
    await this.#meet();
  }

  /** The root certifies the node's keys. */
  async #meet(): Promise<void> {
    for (const epoch of [1, 2] as const) {
      const { der, sha256 } = this.cas[epoch].certificate;
      await this.#keep('ca-certificate', this.nodeId, epoch, der, sha256);
      const grant = this.grants[epoch];
      const envelope = await sealGrant(this.world, grant);
      await this.#keep('grant', this.nodeId, grant.version, envelope, documentOf(grant).sha256);
      await this.root.store.transaction(async (tx) => {
        const journal = await createJournal(commonTables(tx), this.originOf(epoch));
        const row = { nodeId: this.nodeId, epoch, journal, grantedAt: NOW.toISOString() };
        const nothing = { status: null, checkpoint: null, lastContact: null };
        await tx
          .insertInto('nodes')
          .values({ ...row, ...nothing })
          .execute();
      });
    }
  }

  /** One more registry on the same database, as another process would be, on another machine if it has a server. */
  async another(): Promise<Pick<SoftRegistry, 'root' | 'registry'>> {
    const directory = mkdtempSync(join(tmpdir(), 'rootca-'));
    cpSync(join(this.directory, 'config.yaml'), join(directory, 'config.yaml'));
    const isShared = this.root.config.database !== undefined;
    const root = await this.#openRoot(isShared ? directory : this.directory);
    this.#others.push(async () => {
      await root.close();
      rmSync(directory, { recursive: true });
    });
    return { root, registry: await Registry.open(root) };
  }

  async #openRoot(directory: string): Promise<RootCa> {
    const surroundings = { clock: () => this.now, logger: createLogger('silent'), random: randomBytes };
    const root = await RootCa.open(directory, surroundings);
    jest.spyOn(root, 'signerOf').mockResolvedValue(this.world.registry);
    return root;
  }

  async #keep(
    kind: DocumentKind,
    subject: string,
    version: number,
    bytes: Buffer,
    sha256: string,
  ): Promise<void> {
    await this.root.store.transaction((tx) =>
      keepDocument(this.root, tx, { kind, subject, version, bytes, sha256 }),
    );
  }

  originOf(epoch: Epoch): string {
    return originOf({ registry: REGISTRY_NAME, node: this.nodeId, epoch });
  }

  /** The opening of a journal and its grant, at NOW. */
  opening(epoch: Epoch, sealed?: Seal): readonly Entry[] {
    const grant = this.grants[epoch];
    const { sha256 } = documentOf(grant);
    const time = NOW.toISOString();
    const { caSpkiSha256 } = grant.keys;
    return [
      {
        type: 'open',
        time,
        node: this.nodeId,
        epoch,
        caSpkiSha256,
        grantSha256: sha256,
        ...(sealed && { sealed }),
      },
      { type: 'grant', time, grantId: grant.grantId, version: grant.version, sha256 },
    ];
  }

  /** An intent for the next place of a journal, or one further on, and its signature. */
  async certificate(
    epoch: Epoch,
    changes: Partial<EntryOf<'intent'>> = {},
    leaf: LeafChanges = {},
    further = 0,
  ): Promise<readonly [EntryOf<'intent'>, EntryOf<'issued'>]> {
    const index = this.taken[epoch].length + further;
    const world = { ...this.world, subCa: this.cas[epoch] };
    const tbs = leafDer(world, { serialNumber: this.serialAt(epoch, index), issuer: NAMES[epoch], ...leaf });
    const time = changes.time ?? NOW.toISOString();
    const asked = { service: 'issue', profile: 'individual', request: 'ab'.repeat(32) } as const;
    const signature = (await this.cas[epoch].signer.sign(tbs)).toString('base64');
    return [
      { type: 'intent', time, ...asked, tbs: tbs.toString('base64'), ...changes },
      { type: 'issued', time, intent: index, signature },
    ];
  }

  serialAt(epoch: Epoch, index: number): string {
    return serialNumberAt({ epoch, index }, Buffer.alloc(10, 0x5a));
  }

  /** The head of what the registry has taken. */
  seal(epoch: Epoch, size = this.taken[epoch].length): Seal {
    const { head } = appendLeaves(EMPTY_TREE, this.taken[epoch].slice(0, size).map(leafHash));
    return { size, rootHash: rootHash(head).toString('hex') };
  }

  /** Submits what follows on that which was taken. */
  async send(epoch: Epoch, ...entries: readonly (Entry | Buffer)[]): Promise<Receipt> {
    const bytes = entries.map((entry) => (Buffer.isBuffer(entry) ? entry : encodeEntry(entry)));
    const { receipt } = await this.registry.take(await this.submission(epoch, bytes));
    if (receipt.problem === undefined) this.taken[epoch].push(...bytes);
    return receipt;
  }

  /** Entries after the first `from`, which are those that were taken or among them, as the node would send them. */
  async submission(
    epoch: Epoch,
    entries: readonly Buffer[],
    from: readonly Buffer[] = this.taken[epoch],
  ): Promise<Submission> {
    const origin = this.originOf(epoch);
    const before = appendLeaves(EMPTY_TREE, from.map(leafHash)).head;
    const after = appendLeaves(before, entries.map(leafHash)).head;
    const signer = this.world.journal;
    const sign = (head: typeof before): Promise<string> =>
      signCheckpoint({ origin, size: head.size, rootHash: rootHash(head) }, { name: origin, signer });
    const status: NodeStatus = {
      origin,
      size: after.size,
      trustVersion: 1,
      grantVersion: this.grants[epoch].version,
      lastDirective: 0,
      crl: { number: 0, nextUpdate: null },
      rootCrlSha256: null,
      clock: this.now.toISOString(),
      software: 'test',
    };
    return {
      base: await sign(before),
      checkpoint: await sign(after),
      entries,
      status: await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(status), [signer]),
    };
  }

  /** What is held against the node, in no order, once all that the root holds was found in order. */
  async held(): Promise<readonly string[]> {
    await verifyRoot(this.root);
    const rows = await this.root.store.read
      .selectFrom('findings')
      .innerJoin('journals', 'journals.id', 'findings.journal')
      .select(['origin', 'entryIndex', 'code'])
      .execute();
    return rows
      .map(({ origin, entryIndex, code }) => `${origin.slice(-2)} ${String(entryIndex ?? '—')} ${code}`)
      .sort();
  }

  async remove(): Promise<void> {
    for (const close of this.#others) await close();
    await this.root.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The next version of a grant, for the next CA key. */
function secondGrant(first: Grant, { signer }: SoftCa): Grant {
  const keys = { ...first.keys, caSpkiSha256: sha256Hex(signer.spki), epoch: 2 };
  return { ...first, version: 2, previous: documentOf(first).sha256, keys };
}
