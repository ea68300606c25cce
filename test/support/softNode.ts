/**
 * An activated node over a real directory and database, whose keys are soft: for tests of what happens between the
 * node's signer and its journal.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filledConfig, TEMPLATES } from '../../src/config';
import { announceKey, commonTables, recordKey } from '../../src/db';
import { urlOfEpoch, type BundleParts, type Grant } from '../../src/delegation';
import { createLogger } from '../../src/logger';
import {
  activate,
  applyForSuccession,
  Issuer,
  JournalWriter,
  openNode,
  publishCrl,
  republish,
  type IssuedCertificate,
  type SubCaNode,
} from '../../src/node';
import { pendingKey } from '../../src/node/nextKey';
import { caRole, KEY_ROLES, type KeyRole } from '../../src/node/node';
import { nodeConfigSchema } from '../../src/node/config';
import type { Signer } from '../../src/signer';
import {
  buildRequest,
  readRequest,
  type Certificate,
  type CertificationRequest,
  type Name,
} from '../../src/x509';
import {
  bundleOf,
  grantOf,
  INDIVIDUAL,
  makeWorld,
  NODE_ID,
  NOW,
  sealGrant,
  type World,
} from './delegationFixture';
import { newDatabase, type EngineName } from './engines';
import { PROVINCE, softSubCa, type SoftCa } from './softCa';
import { softSigner } from './softSigner';

/** One process's view of a node. */
export interface OpenNode {
  readonly node: SubCaNode;
  readonly journal: JournalWriter;
}

export interface NextBundle {
  readonly bundle: Buffer;
  readonly fingerprint: string;
}

const NEXT_COMMON_NAME = 'CA tỉnh Lâm Đồng G2';
const NEXT_NAME: Name = [...PROVINCE, { type: 'CN', value: NEXT_COMMON_NAME }];

export class SoftNode implements OpenNode {
  /** What every clock of this node says; a test may set it. */
  now = NOW;
  readonly directory = mkdtempSync(join(tmpdir(), 'subca-node-'));
  readonly signers: Record<'ca' | 'journal' | 'ocsp', Signer> & Partial<Record<KeyRole, Signer>>;
  readonly #open: SubCaNode[] = [];
  node!: SubCaNode;
  journal!: JournalWriter;

  private constructor(readonly world: World) {
    this.signers = { ca: world.subCa.signer, journal: world.journal, ocsp: softSigner('p-256') };
  }

  /**
   * @param quota of the grant; the rest of it is the fixture's
   * @param changes to the fixture's grant
   * @param lease of the grant; a long one if not given
   * @param mirror folder of the journal's second copy
   */
  static async activated(
    quota: Partial<Grant['limits']['quota']> = {},
    changes: Pick<Partial<Grant>, 'services'> &
      Pick<Partial<Grant['limits']>, 'notAfter' | 'retentionYears'> = {},
    lease?: Grant['limits']['lease'],
    mirror?: string,
    engine?: EngineName,
  ): Promise<SoftNode> {
    const world = await makeWorld();
    const soft = new SoftNode(world);
    const config = {
      organisation: { code: '68', name: 'Ủy ban nhân dân tỉnh Lâm Đồng', place: 'Lâm Đồng' },
      node: NODE_ID,
      host: 'ca.lamdong.gov.vn',
      'hsm.module': '/nowhere/libpkcs11.so',
      token: 'node',
      ...(mirror !== undefined && { journal: { mirror } }),
      ...(await newDatabase(engine)),
    };
    const file = join(soft.directory, 'config.yaml');
    writeFileSync(file, await filledConfig(file, 'subca.yaml', config, nodeConfigSchema));
    await cp(join(TEMPLATES, 'profiles'), join(soft.directory, 'profiles'), { recursive: true });
    Object.assign(soft, await soft.open());
    for (const role of KEY_ROLES) await soft.#keepKey(role, soft.signers[role].spki);

    const { limits, scope } = grantOf(world);
    const individual = {
      ...INDIVIDUAL,
      extendedKeyUsage: [...INDIVIDUAL.extendedKeyUsage, 'msSmartcardLogon' as const],
    };
    const { retentionYears, notAfter, ...others } = changes;
    const grant = grantOf(world, {
      ...others,
      limits: {
        ...limits,
        quota: { total: 1000, perDay: 1000, perProfile: {}, ...quota },
        ...(lease && { lease }),
        ...(retentionYears !== undefined && { retentionYears }),
        ...(notAfter !== undefined && { notAfter }),
      },
      scope: { profiles: [individual, ...scope.profiles.filter(({ id }) => id !== 'individual')] },
    });
    const bundle = await bundleOf(world, { grant: await sealGrant(world, grant) });
    await activate(soft.node, soft.journal, bundle, world.root.certificate.sha256);
    await republish(soft.node);
    await publishCrl(soft.node, soft.journal);
    return soft;
  }

  /** Opens the node, or a copy of it in another directory, once more, as another process would. */
  async open(directory = this.directory): Promise<OpenNode> {
    const node = await openNode(directory, {
      clock: () => this.now,
      logger: createLogger('silent'),
      random: randomBytes,
    });
    jest.spyOn(node, 'signer').mockImplementation((role) => Promise.resolve(this.signerOf(role)));
    this.#open.push(node);
    return { node, journal: new JournalWriter(node) };
  }

  /** Makes the CA key of the generation after the newest there is. @returns the application for its certificate */
  async applyWithNextKey(): Promise<Buffer> {
    const delegation = await this.node.delegation();
    const role = caRole(((await pendingKey(this.node, delegation)) ?? delegation).epoch + 1);
    const signer = softSigner('p-256');
    this.signers[role] = signer;
    await this.#keepKey(role, signer.spki);
    return (await applyForSuccession(this.node, { name: 'subca-kit', version: '0' })).envelope;
  }

  /** Makes the next CA key, and the bundle with its certificate, without taking it. */
  async nextBundle({
    subject = NEXT_NAME,
    root = this.world.root,
    parts = {},
  }: {
    readonly subject?: Name;
    /** Who issues it, if not the root. */
    readonly root?: SoftCa;
    readonly parts?: Partial<BundleParts>;
  } = {}): Promise<NextBundle> {
    const { grant, epoch } = await this.node.delegation();
    const next = await softSubCa('p-256', root, undefined, subject);
    const role = caRole(epoch + 1);
    this.signers[role] = next.signer;
    await this.#keepKey(role, next.signer.spki);
    const { spkiSha256 } = next.certificate.tbs.publicKey;
    const { keys, urls, version } = grant.value;
    const value = {
      ...grant.value,
      version: version + 1,
      previous: grant.sha256,
      keys: { ...keys, epoch: epoch + 1, caSpkiSha256: spkiSha256 },
      urls: { ...urls, crl: urls.crl.map((url) => urlOfEpoch(url, epoch + 1)) },
    };
    return this.#bundle(next.certificate, value, parts);
  }

  /** Takes the next CA key. @param commonName of its certificate */
  async rollOver(commonName = NEXT_COMMON_NAME): Promise<void> {
    const subject: Name = [...PROVINCE, { type: 'CN', value: commonName }];
    const { bundle, fingerprint } = await this.nextBundle({ subject });
    await activate(this.node, this.journal, bundle, fingerprint);
    await republish(this.node);
  }

  /** A bundle that follows the grant in force and names the first CA key again. */
  async bundleBack(): Promise<NextBundle> {
    const { grant, generations } = await this.node.delegation();
    const [first] = generations;
    if (first === undefined) throw new Error('no CA key');
    const { version } = grant.value;
    const { keys } = first.grant.value;
    return this.#bundle(first.caCertificate, {
      ...grant.value,
      version: version + 1,
      previous: grant.sha256,
      keys,
    });
  }

  async #bundle(
    caCertificate: Certificate,
    grant: Grant,
    others: Partial<BundleParts> = {},
  ): Promise<NextBundle> {
    const own = { caCertificate: caCertificate.der, grant: await sealGrant(this.world, grant) };
    const parts = { ...own, ...others };
    return {
      bundle: await bundleOf(this.world, parts),
      fingerprint: this.world.root.certificate.sha256,
    };
  }

  signerOf(role: KeyRole): Signer {
    const signer = this.signers[role];
    if (signer === undefined) throw new Error(`this node has no key ${role}`);
    return signer;
  }

  /** A certificate for a person with a key of its own. */
  async issue(by?: Issuer): Promise<IssuedCertificate> {
    const issuer = by ?? (await Issuer.open(this.node, this.journal));
    const subject = [
      { type: 'CN', value: 'Nguyễn Thị Ánh' },
      { type: 'E', value: 'anh@lamdong.gov.vn' },
    ] as const;
    const request = await this.request();
    return issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
  }

  /** A request for a person's certificate with a key of its own. */
  async request(): Promise<CertificationRequest> {
    const name = [{ type: 'CN', value: 'Nguyễn Thị Ánh' }] as const;
    return readRequest(await buildRequest(name, softSigner('p-256')));
  }

  async #keepKey(role: string, spki: Buffer): Promise<void> {
    const place = { role, label: role, tokenLabel: 'node', tokenSerial: '1' };
    const key = {
      ...place,
      algorithm: 'p-256',
      signatureAlgorithm: 'ecdsa-sha256',
      spki,
      ckaId: '01',
    } as const;
    await this.node.store.transaction(async (tx) => {
      await announceKey(commonTables(tx), key);
      await recordKey(commonTables(tx), key, {});
    });
  }

  async remove(): Promise<void> {
    for (const node of this.#open) await node.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
