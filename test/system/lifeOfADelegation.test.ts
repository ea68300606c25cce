/**
 * Random lives of a delegation against a model of it: grants widened and narrowed, certificates issued and revoked,
 * orders given, exchanges that come through, get lost or come again, processes that die and are opened anew, CA keys that
 * follow one another, some of them lost before they are used; at the end the node is put back to an old copy of itself,
 * and recovers.
 *
 *   model:  what the node holds (version, quota, services, stopped or not)   what the root has signed beyond that
 *   after each step:    the node issues exactly when the model says so
 *   after each exchange: both ends verify, nothing is held against the node, both count alike, every order is carried out
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCodedError } from '../../src/errors';
import { quotaKeys } from '../../src/delegation';
import { findJournal, readQuota, type LedgerDatabase } from '../../src/ledger';
import {
  abandonOrphans,
  acceptReply,
  activate,
  Issuer,
  NodeError,
  nodeStatus,
  publishCrls,
  recoverJournals,
  republish,
  revoke,
  synchronise,
  verifyNode,
  type Carrier,
  type SubCaNode,
} from '../../src/node';
import {
  draftUpdate,
  issueGrant,
  listDirectives,
  listFindings,
  RootError,
  signUpdate,
  verifyRoot,
} from '../../src/root';
import { decodeReply } from '../../src/sync';
import { NODE_ID } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { randomNumbers } from '../support/random';
import { SoftNode, type OpenNode } from '../support/softNode';

const STEPS = 45;
const BY = { kind: 'local', request: '1/CV' } as const;
/** What a node's database consists of. */
const FILES = ['subca.db', 'subca.db-wal', 'subca.db-shm'];

/** What one end thinks is allowed. */
interface Terms {
  readonly total: number;
  readonly issues: boolean;
  readonly stopped: boolean;
}

class Life {
  /** The node's process, until it dies. */
  open: OpenNode;
  atNode: Terms;
  atRoot: Terms;
  used = 0;
  orders = 0;
  readonly live: string[] = [];
  /** For another reason than an exposed key. */
  readonly revoked: string[] = [];
  /** Revoked once more, because the key was exposed. */
  readonly exposed: string[] = [];
  readonly replies: Buffer[] = [];
  readonly happened: string[] = [];
  readonly #opened: OpenNode[];

  constructor(
    readonly soft: SoftNode,
    readonly root: GrantingRoot,
    readonly random: (below: number) => number,
    total: number,
  ) {
    this.open = soft;
    this.#opened = [soft];
    this.atNode = { total, issues: true, stopped: false };
    this.atRoot = this.atNode;
  }

  async step(): Promise<void> {
    const steps = [
      () => this.issue(),
      () => this.issue(),
      () => this.issue(),
      () => this.revoke(),
      () => this.expose(),
      () => this.changeQuota(),
      () => this.changeServices(),
      () => this.order(),
      () => this.sync(),
      () => this.sync(),
      () => this.loseReply(),
      () => this.repeatReply(),
      () => this.die(),
      () => this.rollOver(),
    ];
    await steps[this.random(steps.length)]?.();
  }

  async issue(): Promise<void> {
    const { total, issues, stopped } = this.atNode;
    const expected = issues && !stopped && this.used < total;
    const { node, journal } = this.open;
    let issued = false;
    try {
      const issuer = await Issuer.open(node, journal);
      const subject = [
        { type: 'OU', value: 'Sở Tài chính' },
        { type: 'E', value: 'anhnt@lamdong.gov.vn' },
      ] as const;
      const plan = issuer.plan('individual', {
        service: 'issue',
        request: await this.soft.request(),
        subject,
      });
      this.live.push((await issuer.issue(plan)).serialNumber);
      issued = true;
      this.used += 1;
    } catch (error) {
      // Refused by the grant or by an order, and by nothing else.
      if (!isCodedError(error) || error.category !== 'refused') throw error;
    }
    this.happened.push(issued ? 'issued' : 'refused');
    expect([this.happened.join(' '), issued]).toEqual([this.happened.join(' '), expected]);
  }

  async revoke(): Promise<void> {
    const serialNumber = this.live.splice(this.random(this.live.length), 1)[0];
    if (serialNumber === undefined) return;
    await revoke(this.open.journal, { serialNumber, reason: 'superseded', by: BY });
    this.revoked.push(serialNumber);
    this.happened.push('revoked');
  }

  /** The key of what is revoked turns out to have been exposed; the node or the root hears of it first. */
  async expose(): Promise<void> {
    const serialNumber = this.revoked.pop();
    if (serialNumber === undefined) return;
    const exposed = { serialNumber, reason: 'keyCompromise' } as const;
    if (this.random(2) === 0) {
      await revoke(this.open.journal, { ...exposed, by: BY });
    } else {
      await this.root.order({ kind: 'revoke', ...exposed });
      this.orders += 1;
    }
    this.exposed.push(serialNumber);
    this.happened.push('exposed');
  }

  async update(set: readonly (readonly [string, string])[], terms: Partial<Terms>): Promise<void> {
    try {
      await draftUpdate(this.root.root, NODE_ID, { set }, { atOnce: true });
    } catch (error) {
      if (error instanceof RootError && error.code === 'GRANT_UNCHANGED') return;
      throw error;
    }
    for (const operator of ['an', 'binh']) await signUpdate(this.root.root, NODE_ID, operator, undefined);
    this.atRoot = { ...this.atRoot, ...terms };
    this.happened.push(`granted ${JSON.stringify(terms)}`);
  }

  async changeQuota(): Promise<void> {
    const total = Math.max(0, this.used - 3 + this.random(12));
    await this.update([['limits.quota.total', String(total)]], { total });
  }

  async changeServices(): Promise<void> {
    const issues = !this.atRoot.issues;
    const services = issues ? '[issue, renew, revoke]' : '[renew, revoke]';
    await this.update([['services', services]], { issues });
  }

  async order(): Promise<void> {
    const target = this.live[this.random(this.live.length)];
    if (target !== undefined && this.random(3) === 0) {
      this.live.splice(this.live.indexOf(target), 1);
      await this.root.order({ kind: 'revoke', serialNumber: target, reason: 'privilegeWithdrawn' });
      // It is revoked when the node hears of it, if nobody was faster.
    } else {
      const stopped = !this.atRoot.stopped;
      await this.root.order({ kind: stopped ? 'suspend-issuance' : 'resume-issuance' });
      this.atRoot = { ...this.atRoot, stopped };
    }
    this.orders += 1;
    this.happened.push(`ordered ${String(this.orders)}`);
  }

  /** What the registry answers is kept: it may come again. */
  readonly carry: Carrier = async (submission) => {
    const answer = await this.root.registry.receive(submission);
    this.replies.push(answer);
    return answer;
  };

  async sync(): Promise<void> {
    const { node, journal } = this.open;
    await synchronise(node, journal, this.carry, { software: 'test' });
    this.atNode = this.atRoot;
    this.happened.push('synced');
    await this.#agree();
  }

  async loseReply(): Promise<void> {
    const { node, journal } = this.open;
    const lossy: Carrier = async (submission, origin) => {
      await this.carry(submission, origin);
      throw new NodeError('REGISTRY_UNREACHABLE', { url: 'test', reason: 'lost' });
    };
    await expect(synchronise(node, journal, lossy, { software: 'test' })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    // Never received, so never to come again either.
    this.replies.pop();
    this.happened.push('lost');
  }

  /** An old answer once more: nothing of it has an effect. */
  async repeatReply(): Promise<void> {
    const reply = this.replies[this.random(this.replies.length)];
    if (reply === undefined) return;
    const { node, journal } = this.open;
    await acceptReply(node, journal, decodeReply(reply));
    this.happened.push('repeated');
  }

  /** The next CA key is certified; it may be lost before it is used, and then another comes in its place. */
  async rollOver(): Promise<void> {
    // The application follows the newest version.
    await this.sync();
    for (let lost = 0; ; lost += 1) {
      const { node, journal } = this.open;
      const application = await this.soft.applyWithNextKey();
      const { bundle } = await issueGrant(this.root.root, await this.root.approve(application));
      const terms = this.atRoot;
      if (this.random(2) === 0) await this.changeQuota();
      if (lost < 2 && this.random(2) === 0) continue;
      await activate(node, journal, bundle, this.soft.world.root.certificate.sha256);
      await republish(node);
      this.atNode = { ...terms, stopped: this.atNode.stopped };
      this.happened.push(`rolled over, ${String(lost)} lost`);
      break;
    }
    await this.sync();
    this.backUp();
  }

  /** The process dies with a signature on its way; another one takes over. */
  async die(): Promise<void> {
    await this.#reopen();
    await abandonOrphans(this.open.node, this.open.journal);
    this.happened.push('died');
  }

  async #reopen(): Promise<void> {
    this.open = await this.soft.open();
    this.#opened.push(this.open);
  }

  /** A copy of the database as it stands; nothing is being written. */
  backUp(): void {
    for (const file of FILES)
      if (existsSync(join(this.soft.directory, file)))
        cpSync(join(this.soft.directory, file), join(this.soft.directory, 'backup', file));
  }

  /** Put back to the copy, it gets everything back from the root, and this CA key issues no more. */
  async restore(): Promise<void> {
    const entries = await sizeOf(this.open.node);
    for (const { node } of this.#opened) await node.close();
    for (const file of FILES) rmSync(join(this.soft.directory, file), { force: true });
    cpSync(join(this.soft.directory, 'backup'), this.soft.directory, { recursive: true });
    await this.#reopen();
    const { node, journal } = this.open;
    const isOlder = (await sizeOf(node)) < entries;
    // Only a later word than the one that was found lost lifts the quarantine.
    this.soft.now = new Date(this.soft.now.getTime() + 1000);
    await recoverJournals(node, this.carry, 'test');
    await abandonOrphans(node, journal);
    await republish(node);
    await publishCrls(node, journal);
    await this.sync();
    this.happened.push('restored');
    if (isOlder) await expect(Issuer.open(node, journal)).rejects.toMatchObject({ code: 'HISTORY_LOST' });
  }

  async #agree(): Promise<void> {
    const { node } = this.open;
    await verifyNode(node);
    await verifyRoot(this.root.root);
    expect(await listFindings(this.root.root)).toEqual([]);
    expect(await counted(node.read, await this.#place())).toBe(this.used);
    expect(await counted(this.root.root.read, await this.#place())).toBe(this.used);
    for (const db of [node.read, this.root.root.read])
      expect(await exposedIn(db)).toEqual([...this.exposed].sort());
    const directives = await listDirectives(this.root.root, NODE_ID);
    expect(directives.map(({ directive }) => directive.sequence)).toEqual(
      Array.from({ length: this.orders }, (_, at) => at + 1),
    );
    for (const { state } of directives) expect(['applied', 'impossible']).toContain(state);
    expect(await nodeStatus(node)).toMatchObject({ directives: { last: this.orders } });
  }

  async #place(): Promise<{ readonly origin: string; readonly key: string }> {
    const { origin, grant } = await this.open.node.delegation();
    return { origin, key: quotaKeys(grant.value.grantId, '', this.soft.now).total };
  }
}

/** Entries that the database holds. */
async function sizeOf(node: SubCaNode): Promise<number> {
  const { origin } = await node.delegation();
  return (await findJournal(node.read, origin))?.state.size ?? 0;
}

async function exposedIn(db: LedgerDatabase): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('certificates')
    .select('serialNumber')
    .where('status', '=', 'revoked')
    .where('reason', '=', 'superseded')
    .where('exposureTime', 'is not', null)
    .orderBy('serialNumber')
    .execute();
  return rows.map(({ serialNumber }) => serialNumber);
}

async function counted(
  db: LedgerDatabase,
  { origin, key }: { readonly origin: string; readonly key: string },
): Promise<number> {
  const journal = await findJournal(db, origin);
  return (await readQuota(db, journal?.id ?? 0, [key])).get(key) ?? 0;
}

afterEach(() => {
  jest.restoreAllMocks();
});

test.each([1, 2, 3, 4])('life %i', async (seed) => {
  const total = 12;
  const soft = await SoftNode.activated({ total }, { services: ['issue', 'renew', 'revoke'] });
  const root = await GrantingRoot.of(soft);
  try {
    const life = new Life(soft, root, randomNumbers(seed * 7919), total);
    for (let step = 0; step < STEPS; step += 1) {
      soft.now = new Date(soft.now.getTime() + 1000);
      await life.step();
      if (step === STEPS / 3) life.backUp();
    }
    await life.sync();
    await life.restore();
    expect(new Set(life.happened.map((one) => one.split(' ')[0])).size).toBeGreaterThan(6);
  } finally {
    await root.remove();
    await soft.remove();
  }
});
