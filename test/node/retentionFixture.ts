/** A node and the root it belongs to, with certificates whose time runs out. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prune, revoke, synchronise, verifyNode, type Carrier } from '../../src/node';
import { listFindings, pruneCopies, verifyRoot } from '../../src/root';
import { DAY, NOW } from '../support/delegationFixture';
import { keepCopy, type EngineName } from '../support/engines';
import { GrantingRoot } from '../support/grantingRoot';
import { SoftNode } from '../support/softNode';

const NAME = Buffer.from('Nguyễn Thị Ánh', 'utf8');

export class RetentionFixture {
  /** Serial numbers of three certificates, the second of which is revoked. */
  readonly issued: string[] = [];

  private constructor(
    readonly soft: SoftNode,
    readonly side: GrantingRoot,
    /** On which the mirror is. */
    readonly disk: string,
  ) {}

  static async on(engine: EngineName): Promise<RetentionFixture> {
    const disk = mkdtempSync(join(tmpdir(), 'second-disk-'));
    const mirror = join(disk, 'subca');
    mkdirSync(mirror);
    const lease = { maxOfflineDays: 7, graceDays: 23 };
    const terms = { retentionYears: 2, notAfter: new Date(NOW.getTime() + 3650 * DAY).toISOString() };
    const soft = await SoftNode.activated({}, terms, lease, mirror, engine);
    return new RetentionFixture(soft, await GrantingRoot.of(soft, engine), disk);
  }

  async remove(): Promise<void> {
    await this.side.remove();
    await this.soft.remove();
    rmSync(this.disk, { recursive: true });
  }

  readonly carry: Carrier = (submission) => this.side.registry.receive(submission);

  /** Three certificates, of which the root knows. */
  async begin(): Promise<void> {
    const { soft, issued } = this;
    for (let count = 0; count < 3; count += 1) issued.push((await soft.issue()).serialNumber);
    const [, serialNumber = ''] = issued;
    await revoke(soft.journal, { serialNumber, reason: 'superseded', by: { kind: 'local', request: '1' } });
    await this.sync();
  }

  async sync(): Promise<void> {
    const { soft } = this;
    soft.now = new Date(soft.now.getTime() + 1000);
    await synchronise(soft.node, soft.journal, this.carry, { software: '0.1.0' });
  }

  /** Until the last certificate has ended, and its time is over by the root's clock. */
  async timePasses(): Promise<void> {
    const { soft } = this;
    const records = await soft.node.read.selectFrom('certificates').select('notAfter').execute();
    const last = Math.max(...records.map(({ notAfter }) => Date.parse(notAfter)));
    soft.now = new Date(last + 2 * 366 * DAY);
    await this.sync();
  }

  /** Keeps the database as it is. @returns what puts it back */
  async keepOld(): Promise<() => Promise<void>> {
    const { soft } = this;
    const { config, paths } = soft.node;
    await soft.node.close();
    const put = await keepCopy(config.database, paths.database);
    Object.assign(soft, await soft.open());
    return async () => {
      await soft.node.close();
      await put();
      Object.assign(soft, await soft.open());
    };
  }

  /** All that either end has done: announced, confirmed, removed. */
  async pruneBoth(): Promise<void> {
    const { node, journal } = this.soft;
    await this.timePasses();
    await prune(node, journal);
    await this.sync();
    await prune(node, journal);
    await pruneCopies(this.side.root);
  }

  /** Whether a subscriber's name is in any file of a folder. */
  namesIn(folder: string): boolean {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(NAME),
    );
  }

  async bothEndsHold(): Promise<void> {
    expect(await listFindings(this.side.root)).toEqual([]);
    await verifyNode(this.soft.node);
    await verifyRoot(this.side.root);
  }
}
