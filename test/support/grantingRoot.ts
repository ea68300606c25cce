/**
 * The root's side of a soft node, over a real directory and database: its operators and registry sign with soft keys,
 * and the node's submissions go to it without a network.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../src/logger';
import { synchronise, type SyncOutcome } from '../../src/node';
import { Registry, RootCa } from '../../src/root';
import { recordNode } from '../../src/root/granting';
import { prepareRoot } from '../../src/root/init';
import { keepDocument } from '../../src/root/rootJournal';
import { sha256Hex, type Signer } from '../../src/signer';
import { REGISTRY_NAME, rootCrlOf } from './delegationFixture';
import type { OpenNode, SoftNode } from './softNode';

export class GrantingRoot {
  readonly directory = mkdtempSync(join(tmpdir(), 'subca-root-'));
  root!: RootCa;
  registry!: Registry;

  private constructor(private readonly soft: SoftNode) {}

  /** The root that granted what the node holds. */
  static async of(soft: SoftNode): Promise<GrantingRoot> {
    const made = new GrantingRoot(soft);
    await prepareRoot(made.directory, {
      name: REGISTRY_NAME,
      subject: 'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA',
      host: '127.0.0.1',
      port: 8443,
      publicPort: 8081,
      module: '/nowhere/libpkcs11.so',
      rootToken: 'root',
      rootPin: { prompt: true },
      rootKey: 'p-256',
      registryToken: 'registry',
      registryPin: { prompt: true },
    });
    const { root: ca, trust, operators, registry } = soft.world;
    const signers: readonly Signer[] = [ca.signer, registry, operators.an, operators.binh];
    made.root = await RootCa.open(made.directory, {
      clock: () => soft.now,
      logger: createLogger('silent'),
      random: randomBytes,
    });
    jest.spyOn(made.root, 'signerOf').mockImplementation(({ name, spki }) => {
      const signer = signers.find((one) => one.spki.equals(spki));
      if (signer === undefined) throw new Error(`this root has no key of ${name}`);
      return Promise.resolve(signer);
    });
    await made.#store(trust.envelope, trust.sha256);
    made.registry = await Registry.open(made.root);
    return made;
  }

  async #store(trust: Buffer, sha256: string): Promise<void> {
    const { root, soft } = this;
    const { certificate } = soft.world.root;
    const crl = await rootCrlOf(soft.world);
    const { grant, caCertificate } = await soft.node.delegation();
    await root.store.transaction(async (tx) => {
      const own = { subject: '', version: 1 };
      const documents = [
        { ...own, kind: 'root-certificate', sha256: certificate.sha256, bytes: certificate.der },
        { ...own, kind: 'trust-statement', sha256, bytes: trust },
        { ...own, kind: 'root-crl', version: 7, sha256: sha256Hex(crl), bytes: crl },
      ] as const;
      for (const document of documents) await keepDocument(root, tx, document);
    });
    const approved = { application: '', grant, trust: await root.trust() };
    await root.store.transaction((tx) => recordNode(root, tx, approved, caCertificate));
  }

  /** Synchronises the node with this root. */
  sync({ node, journal }: OpenNode = this.soft): Promise<SyncOutcome> {
    return synchronise(node, journal, (submission) => this.registry.receive(submission), { software: '0' });
  }

  async remove(): Promise<void> {
    await this.root.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
