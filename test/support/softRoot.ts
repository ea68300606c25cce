/**
 * A root over a real directory and database, whose tokens are soft: for tests of what it decides, signs and journals. A
 * token that is taken away is absent, as a lost one is.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPLICATION_PAYLOAD_TYPE, payloadOf, type FirstApplication } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import { HsmError, type Token } from '../../src/hsm';
import { createLogger } from '../../src/logger';
import {
  addOperator,
  draftTrust,
  initRoot,
  receiveApplication,
  RootCa,
  signTrust,
  type RootInitOptions,
} from '../../src/root';
import { buildRequest } from '../../src/x509';
import { NOW } from './delegationFixture';
import { newDatabase, type EngineName } from './engines';
import { readinessOf, sealReadiness } from './readiness';
import { softSigner, type SoftSigner } from './softSigner';

const PIN = { env: 'UNUSED' } as const;
const OPTIONS: RootInitOptions = {
  name: 'registry.test',
  subject: 'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm',
  module: '/nowhere/libpkcs11.so',
  rootToken: 'root',
  rootPin: PIN,
  registryToken: 'registry',
  registryPin: PIN,
  rootKey: 'p-256',
  host: '127.0.0.1',
  port: 8443,
  publicPort: 8081,
};

/** As a token says of a key that it has made. */
const MADE_HERE = {
  ...{ token: true, private: true, local: true, sensitive: true, alwaysSensitive: true },
  ...{ extractable: false, neverExtractable: true, sign: true, decrypt: false, unwrap: false, derive: false },
};

/** CKA_ID, as a token has one for each key. */
const keyIdOf = (label: string): string => Buffer.from(label, 'utf8').toString('hex');

/** As much of a token as the root uses. */
class SoftToken {
  readonly #keys = new Map<string, SoftSigner>();
  readonly facts = { serial: randomBytes(8).toString('hex') };

  async findKey(label: string): Promise<object | undefined> {
    const signer = this.#keys.get(label);
    if (signer === undefined) return undefined;
    const { spki } = signer;
    return { label, id: keyIdOf(label), algorithm: 'p-256', spki, attributes: MADE_HERE };
  }

  async generateKeyPair({ label }: { readonly label: string }): Promise<object | undefined> {
    if (this.#keys.has(label)) throw new HsmError('KEY_EXISTS', { token: 'soft', label });
    this.#keys.set(label, softSigner('p-256'));
    return this.findKey(label);
  }

  async signer(label: string): Promise<SoftSigner> {
    const signer = this.#keys.get(label);
    if (signer === undefined) throw new Error(`no key ${label}`);
    return signer;
  }
}

export class SoftRoot {
  /** What its clock says; a test may set it. */
  now = NOW;
  readonly directory = mkdtempSync(join(tmpdir(), 'rootca-soft-'));
  readonly #tokens = new Map<string, SoftToken>();
  root!: RootCa;

  /** With the operators an and binh, both needed, and the first trust statement. */
  static async ready(engine?: EngineName): Promise<SoftRoot> {
    const soft = new SoftRoot();
    const open = RootCa.open.bind(RootCa);
    const surroundings = { clock: () => soft.now, logger: createLogger('silent'), random: randomBytes };
    const spy = jest.spyOn(RootCa, 'open').mockImplementation(async (...given) => {
      const root = await open(...given);
      jest.spyOn(root.tokens, 'token').mockImplementation((label) => soft.#token(label));
      return root;
    });
    await initRoot(soft.directory, { ...OPTIONS, ...(await newDatabase(engine)) }, surroundings);
    soft.root = await RootCa.open(soft.directory, surroundings);
    spy.mockRestore();
    for (const name of ['an', 'binh']) await soft.addOperator(name);
    await soft.signTrust(2);
    return soft;
  }

  async addOperator(name: string, token = name): Promise<void> {
    await addOperator(this.root, name, token, PIN);
  }

  async signTrust(threshold?: number, validDays = 730): ReturnType<typeof signTrust> {
    return signTrust(this.root, await draftTrust(this.root, { threshold, validDays }));
  }

  /** An application of a new node is received. @returns its id */
  async applied(nodeId = '15-1', changes: Partial<FirstApplication> = {}): Promise<string> {
    const [ca, journal] = [softSigner('p-256'), softSigner('p-256')];
    const organisation = { code: '15', name: 'Ủy ban nhân dân tỉnh Lào Cai', place: 'Lào Cai' };
    const request = await buildRequest(
      [
        { type: 'C', value: 'VN' },
        { type: 'L', value: organisation.place },
        { type: 'O', value: organisation.name.toLocaleUpperCase('vi') },
        { type: 'CN', value: `CA ${organisation.name.toLocaleUpperCase('vi')}` },
      ],
      ca,
    );
    const application: FirstApplication = {
      createdAt: this.now.toISOString(),
      organisation,
      nodeId,
      host: 'ca.laocai.gov.vn',
      epoch: 1,
      request: request.toString('base64'),
      journalSpki: journal.spki.toString('base64'),
      wanted: {
        services: ['issue', 'revoke'],
        profiles: ['individual', 'ocsp-responder'],
        emailDomains: ['laocai.gov.vn'],
        dnsDomains: [],
        perYear: 100,
      },
      shown: { personnel: [], papers: [], need: null },
      readiness: (await sealReadiness(readinessOf(nodeId), journal)).toString('base64'),
      mends: null,
      software: { name: 'subca-kit', version: '0.1.0' },
      ...changes,
    };
    return receiveApplication(
      this.root,
      await sealEnvelope(APPLICATION_PAYLOAD_TYPE, payloadOf(application), [journal]),
    );
  }

  /** Takes a token away. */
  loseToken(label: string): void {
    this.#tokens.set(label, new LostToken(label));
  }

  async #token(label: string): Promise<Token> {
    const token = this.#tokens.get(label) ?? new SoftToken();
    this.#tokens.set(label, token);
    if (token instanceof LostToken) throw token.absent;
    return token as unknown as Token;
  }

  async remove(): Promise<void> {
    await this.root.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

class LostToken extends SoftToken {
  readonly absent: HsmError;

  constructor(label: string) {
    super();
    const { module } = OPTIONS;
    this.absent = new HsmError('TOKEN_ABSENT', { label, serial: '—', module, found: '—' });
  }
}
