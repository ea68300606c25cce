/**
 * A whole world for system tests: a root with two operators and one provincial node, each command run as the built
 * program in a process of its own, on SoftHSM2 tokens in a temporary directory.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRequest, encodePem } from '../../src/x509';
import { quickStart } from './quickStart';
import { softSigner } from './softSigner';
import { copyTemplate, keepTemplate } from './worldTemplates';

const PROJECT = join(__dirname, '..', '..');
const ROOT_SUBJECT = 'C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm';

/** How a command ended: `json` is its one object on stdout. */
export interface Ran {
  readonly code: number | null;
  readonly json: Record<string, unknown> & {
    readonly error?: {
      readonly code: string;
      readonly category: string;
      readonly params: Readonly<Record<string, unknown>>;
      readonly problems: readonly { where: string; found: string; allowed: string }[];
    };
  };
  readonly stderr: string;
}

export interface WorldOptions {
  readonly caKey?: string;
  readonly caSignature?: string;
  readonly rootKey?: string;
  readonly rootSignature?: string;
  /** Extra tokens, made at the beginning. */
  readonly tokens?: readonly string[];
  /** Extra arguments of `rootca init`. */
  readonly rootInit?: (world: World) => readonly string[];
  /** Extra arguments of `subca init`. */
  readonly init?: (world: World) => readonly string[];
  /** Makes the node's keys, after `subca init --ceremony` and before `subca apply`. */
  readonly ceremony?: (world: World) => Promise<void>;
  /** Extra arguments of `subca apply`. */
  readonly apply?: readonly string[];
}

export class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'subca-world-'));
  readonly env: NodeJS.ProcessEnv;
  readonly #children = new Set<ChildProcess>();
  #requests = 0;
  /** Whether this test file has a world of the template's ports. */
  static #hasUsual = false;

  constructor() {
    mkdirSync(this.path('tokens'));
    mkdirSync(this.path('pins'));
    const conf = this.path('softhsm2.conf');
    writeFileSync(
      conf,
      `directories.tokendir = ${this.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n`,
    );
    this.env = {
      ...process.env,
      ...quickStart(),
      SOFTHSM2_CONF: conf,
      ROOTCA_DIR: this.path('root'),
      SUBCA_DIR: this.path('node'),
      LANG: 'en_US.UTF-8',
    };
  }

  /** A path inside the world. */
  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** Makes a token and the file with its PIN. */
  token(label: string): void {
    const pin = `pin-${label}`;
    writeFileSync(this.path('pins', label), `${pin}\n`, { mode: 0o600 });
    execFileSync(
      'softhsm2-util',
      ['--init-token', '--free', '--label', label, '--so-pin', 'so-12345678', '--pin', pin],
      { env: this.env, stdio: 'ignore' },
    );
  }

  subca(...args: readonly string[]): Ran {
    return this.#run('subca', args);
  }

  rootca(...args: readonly string[]): Ran {
    return this.#run('rootca', args);
  }

  /** As `subca`, and the command must succeed. */
  async subcaOk(...args: readonly string[]): Promise<Ran['json']> {
    return mustSucceed('subca', args, this.subca(...args));
  }

  async rootcaOk(...args: readonly string[]): Promise<Ran['json']> {
    return mustSucceed('rootca', args, this.rootca(...args));
  }

  #run(program: string, args: readonly string[]): Ran {
    const ran = spawnSync(join(PROJECT, 'bin', program), [...args, '--json'], {
      cwd: this.directory,
      env: this.env,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      timeout: 240_000,
    });
    return { code: ran.status, json: parse(ran.stdout), stderr: ran.stderr };
  }

  /** What a command says to a person rather than to a program, in that person's environment. */
  told(
    program: 'subca' | 'rootca',
    env: NodeJS.ProcessEnv,
    ...args: readonly string[]
  ): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
    const ran = spawnSync(join(PROJECT, 'bin', program), args, {
      cwd: this.directory,
      env: { ...this.env, ...env },
      encoding: 'utf8',
      timeout: 240_000,
    });
    return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  }

  /** As `subca` and `rootca`, beside whatever else runs. */
  async runAside(program: 'subca' | 'rootca', ...args: readonly string[]): Promise<Ran> {
    const child = this.start(program, ...args, '--json');
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, json: parse(stdout), stderr };
  }

  /** Starts a command that goes on; `remove` ends it. Its stdout and stderr are piped. */
  start(program: 'subca' | 'rootca', ...args: readonly string[]): ChildProcess {
    const child = spawn(join(PROJECT, 'bin', program), args, {
      cwd: this.directory,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Starts a service and waits until it says on stderr that it stands ready. */
  async serve(program: 'subca' | 'rootca'): Promise<ChildProcess> {
    const child = this.start(program, 'serve');
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (part: Buffer) => {
        said += part.toString('utf8');
        if (said.includes('http://')) resolve();
      });
      child.once('exit', (code) => {
        reject(new Error(`${program} serve ended with ${String(code)}: ${said}`));
      });
    });
    return child;
  }

  /** Root, operators, trust statement, node, application, approvals, grant and activation. */
  static activated(options: WorldOptions = {}): Promise<World> {
    return World.#at('activated', options, async () => {
      const world = await World.granted(options);
      await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
      return world;
    });
  }

  /** As `activated`, but the node has not taken its grant yet. */
  static granted(options: WorldOptions = {}): Promise<World> {
    return World.#at('granted', options, async () => {
      const world = await World.applied(options);
      await world.approved();
      return world;
    });
  }

  /** Root side ready, node initialised, application written; nobody has approved it. */
  static applied(options: WorldOptions = {}): Promise<World> {
    return World.#at('applied', options, () => World.#made(options));
  }

  /** A world of the usual kind is copied where one was made before; a second one in a file needs ports of its own. */
  static async #at(stage: string, options: WorldOptions, make: () => Promise<World>): Promise<World> {
    if (World.#hasUsual || Object.keys(options).length > 0) return make();
    const copy = new World();
    if (copyTemplate(stage, copy.directory)) {
      World.#hasUsual = true;
      return copy;
    }
    copy.remove();
    const world = await make();
    keepTemplate(stage, world.directory);
    World.#hasUsual = true;
    return world;
  }

  /** Both operators approve the application, and the grant is issued. */
  async approved(): Promise<void> {
    for (const operator of ['an', 'binh']) {
      const approve = ['application', 'approve', 'application.dsse', '--yes', '--operator', operator];
      await this.rootcaOk(...approve, '--pin-file', this.path('pins', operator));
    }
    await this.rootcaOk('grant', 'issue', 'application.dsse', '--out', 'grant.bundle');
  }

  /** The node takes its next CA key, under a grant that both operators approve. */
  async rollOver(): Promise<void> {
    await this.subcaOk('rollover', 'begin');
    await this.subcaOk('rollover', 'apply', '--out', 'rollover.dsse');
    for (const name of ['an', 'binh']) {
      const pin = this.path('pins', name);
      const approve = ['application', 'approve', 'rollover.dsse', '--yes', '--operator', name];
      await this.rootcaOk(...approve, '--pin-file', pin);
    }
    await this.rootcaOk('grant', 'issue', 'rollover.dsse', '--out', 'rollover.bundle');
    await this.subcaOk('rollover', 'activate', 'rollover.bundle');
  }

  static async #made({
    caKey = 'p-256',
    caSignature,
    rootKey = 'p-256',
    rootSignature,
    tokens = [],
    rootInit = () => [],
    init = () => [],
    apply = [],
    ceremony,
  }: WorldOptions = {}): Promise<World> {
    const world = new World();
    for (const label of ['root', 'registry', 'an', 'binh', 'node', ...tokens]) world.token(label);
    const [registryPort, sitePort, publicPort] = await freePorts(3);
    const pin = (label: string): string => world.path('pins', label);
    await world.rootcaOk(
      ...['init', '--name', 'registry.test', '--subject', ROOT_SUBJECT],
      ...['--host', '127.0.0.1', '--port', String(registryPort), '--public-port', String(sitePort)],
      ...['--module', softHsmModule()],
      ...['--root-token', 'root', '--root-pin-file', pin('root'), '--registry-token', 'registry'],
      ...['--registry-pin-file', pin('registry'), '--root-key', rootKey],
      ...(rootSignature === undefined ? [] : ['--root-signature', rootSignature]),
      ...rootInit(world),
    );
    for (const operator of ['an', 'binh']) {
      await world.rootcaOk('operator', 'add', operator, '--token', operator, '--pin-file', pin(operator));
    }
    await world.rootcaOk('trust', 'sign', '--yes', '--threshold', '2');
    await world.subcaOk(
      ...[
        'init',
        '--organisation',
        '15',
        '--host',
        `127.0.0.1:${String(publicPort)}`,
        '--module',
        softHsmModule(),
      ],
      ...['--token', 'node', '--pin-file', pin('node'), '--ca-key', caKey],
      ...(caSignature === undefined ? [] : ['--ca-signature', caSignature]),
      ...['--registry', `https://127.0.0.1:${String(registryPort)}`, '--public-port', String(publicPort)],
      ...(ceremony === undefined ? [] : ['--ceremony']),
      ...init(world),
    );
    await ceremony?.(world);
    await world.subcaOk('apply', '--out', 'application.dsse', '--email-domain', 'laocai.gov.vn', ...apply);
    return world;
  }

  /** SHA-256 fingerprint of the root certificate, as OpenSSL prints it. */
  get fingerprint(): string {
    return new X509Certificate(this.read('root', 'published', 'root.pem')).fingerprint256;
  }

  /** Runs `openssl`, which must succeed. @returns its stdout */
  openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, {
      cwd: this.directory,
      env: this.env,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 1 << 26,
    });
  }

  /** A request made by OpenSSL; `key` in its `-newkey` form. */
  csr(name: string, subject: string, key: readonly string[] = EC_KEY): string {
    const file = `${name}.csr`;
    const files = ['-keyout', `${name}.key`, '-out', file];
    this.openssl('req', '-new', '-newkey', ...key, '-nodes', ...files, '-utf8', '-subj', subject);
    return file;
  }

  /** A request with a P-256 key of its own, made in this process: for tests that need many. @returns its file */
  async newCsr(): Promise<string> {
    this.#requests += 1;
    const file = `own-key-${String(this.#requests)}.csr`;
    const request = await buildRequest([{ type: 'CN', value: 'THUÊ BAO' }], softSigner('p-256'));
    writeFileSync(this.path(file), encodePem('CERTIFICATE REQUEST', request));
    return file;
  }

  /** Puts a copy of a file or folder in the place of another, which is gone before. */
  copy(from: string, to: string): void {
    rmSync(this.path(to), { recursive: true, force: true });
    cpSync(this.path(from), this.path(to), { recursive: true });
  }

  /** Runs the registry for the time of the work. */
  async withRegistry<T>(work: () => Promise<T> | T): Promise<T> {
    const registry = await this.serve('rootca');
    try {
      return await work();
    } finally {
      registry.kill('SIGTERM');
      await once(registry, 'exit');
    }
  }

  read(...parts: readonly string[]): Buffer {
    return readFileSync(this.path(...parts));
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const EC_KEY = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] as const;
export const RSA_KEY = ['rsa:2048'] as const;

function mustSucceed(program: string, args: readonly string[], ran: Ran): Ran['json'] {
  if (ran.code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${String(ran.code)}: ${JSON.stringify(ran.json)} ${ran.stderr}`,
    );
  }
  return ran.json;
}

function parse(stdout: string): Ran['json'] {
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Ran['json']);
}

export function softHsmModule(): string {
  const folders = [
    '/usr/lib',
    ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`),
    '/usr/local/lib',
  ];
  const module = folders
    .map((folder) => join(folder, 'softhsm', 'libsofthsm2.so'))
    .find((file) => existsSync(file));
  if (module === undefined) throw new Error('libsofthsm2.so not found: install the package softhsm2');
  return module;
}

/** Ports nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
