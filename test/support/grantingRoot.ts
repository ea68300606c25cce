/**
 * The root's side of a soft node, over a real directory and database: its operators and registry sign with soft keys,
 * and the node's submissions go to it without a network.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Order } from '../../src/delegation';
import { createLogger } from '../../src/logger';
import { synchronise, type SyncOutcome } from '../../src/node';
import {
  approveApplication,
  approveDirective,
  draftDirective,
  receiveApplication,
  Registry,
  RootCa,
  type DirectiveView,
} from '../../src/root';
import { recordNode } from '../../src/root/granting';
import { prepareRoot } from '../../src/root/init';
import { keepDocument } from '../../src/root/rootJournal';
import { readCrl, formatName } from '../../src/x509';
import { sha256Hex, type Signer } from '../../src/signer';
import { NODE_ID, REGISTRY_NAME, rootCrlOf } from './delegationFixture';
import { newDatabase, type EngineName } from './engines';
import { ROOT_NAME } from './softCa';
import type { OpenNode, SoftNode } from './softNode';

export class GrantingRoot {
  readonly signers: Record<string, Signer>;
  root!: RootCa;
  registry!: Registry;

  private constructor(
    private readonly soft: SoftNode,
    readonly directory = mkdtempSync(join(tmpdir(), 'subca-root-')),
  ) {
    const { root, registry, operators } = soft.world;
    this.signers = {
      root: root.signer,
      registry,
      'operator-an': operators.an,
      'operator-binh': operators.binh,
    };
  }

  /** Knows the node under each CA key that it has now. Its clock is the node's. */
  static async of(soft: SoftNode, engine?: EngineName): Promise<GrantingRoot> {
    const made = new GrantingRoot(soft);
    await prepareRoot(made.directory, {
      name: REGISTRY_NAME,
      subject: formatName(ROOT_NAME),
      module: '/nowhere/libpkcs11.so',
      rootToken: 'root',
      rootPin: { prompt: true },
      registryToken: 'registry',
      registryPin: { prompt: true },
      rootKey: 'p-256',
      host: 'localhost',
      port: 8443,
      publicPort: 8081,
      ...(await newDatabase(engine)),
    });
    await made.#openRoot();
    const { certificate } = soft.world.root;
    await made.#keep('root-certificate', '', 1, certificate.sha256, certificate.der);
    await made.keepTrust(soft.world.trust);
    const crl = readCrl(await rootCrlOf(soft.world), 'root CRL');
    await made.#keep('root-crl', '', Number(crl.crlNumber), sha256Hex(crl.der), crl.der);
    made.registry = await Registry.open(made.root);
    await made.meet();
    return made;
  }

  /** Opens it once more, as another process would. */
  async open(): Promise<void> {
    await this.#openRoot();
    this.registry = await Registry.open(this.root);
  }

  async #openRoot(): Promise<void> {
    this.root = await RootCa.open(this.directory, {
      clock: () => this.soft.now,
      logger: createLogger('silent'),
      random: randomBytes,
    });
    jest.spyOn(this.root, 'signerOf').mockImplementation(({ spki }) => {
      const signer = Object.values(this.signers).find((one) => one.spki.equals(spki));
      if (signer === undefined) throw new Error('this root has no such key');
      return Promise.resolve(signer);
    });
    jest.spyOn(this.root, 'signer').mockImplementation((role) => {
      const signer = this.signers[role];
      if (signer === undefined) throw new Error(`this root has no key ${role}`);
      return Promise.resolve(signer);
    });
  }

  /** Records what CA keys of the node it does not know yet, as if it had certified them. */
  async meet(): Promise<void> {
    const known = await this.root.store.read.selectFrom('nodes').select('epoch').execute();
    for (const { epoch, grant, caCertificate } of (await this.soft.node.delegation()).generations) {
      if (known.some((one) => one.epoch === epoch)) continue;
      const approved = { application: '', grant, trust: await this.root.trust(), replaced: [] };
      await this.root.store.transaction((tx) => recordNode(this.root, tx, approved, caCertificate));
    }
  }

  /** Both operators approve an application. @returns its id */
  async approve(application: Buffer): Promise<string> {
    const id = await receiveApplication(this.root, application);
    for (const operator of ['an', 'binh'])
      await approveApplication(this.root, id, { operator, pin: undefined });
    return id;
  }

  async keepTrust({ value, sha256, envelope }: SoftNode['world']['trust']): Promise<void> {
    await this.#keep('trust-statement', '', value.version, sha256, envelope);
  }

  /** Synchronises the node with this root. */
  sync({ node, journal }: OpenNode = this.soft): Promise<SyncOutcome> {
    return synchronise(node, journal, (submission) => this.registry.receive(submission), { software: '0' });
  }

  /** Both operators order it. */
  async order(order: Order, reason = 'Theo kết luận kiểm tra'): Promise<DirectiveView> {
    await draftDirective(this.root, NODE_ID, { order, reason }, { operator: 'an', pin: undefined });
    return approveDirective(this.root, NODE_ID, { operator: 'binh', pin: undefined });
  }

  async #keep(
    kind: 'root-certificate' | 'trust-statement' | 'root-crl',
    subject: string,
    version: number,
    sha256: string,
    bytes: Buffer,
  ): Promise<void> {
    await this.root.store.transaction((tx) =>
      keepDocument(this.root, tx, { kind, subject, version, sha256, bytes }),
    );
  }

  async remove(): Promise<void> {
    await this.root.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
