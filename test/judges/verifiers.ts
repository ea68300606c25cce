/**
 * Programs nobody here wrote, asked for their verdict on certificate chains as of now: OpenSSL, GnuTLS, NSS, Java and
 * Node. Each is given the same files and answers in words of its own.
 */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the leaf is to be used for. */
export type Usage = 'client' | 'server' | 'email' | 'ocsp' | 'timestamp';

export interface Chain {
  /** Letters, digits and hyphens. */
  readonly name: string;
  /** The trusted root, DER. */
  readonly root: Buffer;
  /** From the leaf up, without the root, DER. */
  readonly certificates: readonly Buffer[];
  /** Of the root and of each CA of the chain, DER. */
  readonly crls: readonly Buffer[];
  readonly usage: Usage;
}

export interface Verifier {
  readonly name: string;
  /** The Debian package that brings it. */
  readonly package: string;
  isInstalled(): boolean;
  /** Whether it has a notion of the leaf's use. */
  judges(chain: Chain): boolean;
  /** @returns by chain name, why it is refused; undefined where it is accepted */
  verify(chains: readonly Chain[]): ReadonlyMap<string, string | undefined>;
}

function run(command: string, args: readonly string[], cwd?: string): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 120_000 });
}

function starts(command: string, ...args: readonly string[]): boolean {
  return run(command, args).error === undefined;
}

/** One refusal in a line. */
function reasonOf({ stdout, stderr }: SpawnSyncReturns<string>): string {
  return `${stdout}\n${stderr}`.trim().replace(/\s+/g, ' ');
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const certificatesPem = (ders: readonly Buffer[]): string =>
  ders.map((der) => pem('CERTIFICATE', der)).join('');
const crlsPem = (ders: readonly Buffer[]): string => ders.map((der) => pem('X509 CRL', der)).join('');

/** Does something in a folder of its own. */
function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'judge-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks once per chain, in the chain's own folder. */
function oneByOne(
  chains: readonly Chain[],
  ask: (chain: Chain, folder: string) => string | undefined,
): ReadonlyMap<string, string | undefined> {
  return inFolder(
    (folder) =>
      new Map(
        chains.map((chain) => {
          const own = join(folder, chain.name);
          mkdirSync(own);
          return [chain.name, ask(chain, own)];
        }),
      ),
  );
}

const openSsl: Verifier = {
  name: 'OpenSSL',
  package: 'openssl',
  isInstalled: () => starts('openssl', 'version'),
  judges: () => true,
  verify: (chains) =>
    oneByOne(chains, ({ root, certificates: [leaf, ...cas], crls, usage }, folder) => {
      if (leaf === undefined) throw new Error('no leaf');
      writeFileSync(join(folder, 'root.pem'), certificatesPem([root]));
      writeFileSync(join(folder, 'cas.pem'), certificatesPem(cas));
      writeFileSync(join(folder, 'leaf.pem'), certificatesPem([leaf]));
      writeFileSync(join(folder, 'crls.pem'), crlsPem(crls));
      const purpose = { client: 'sslclient', server: 'sslserver', email: 'smimesign', ocsp: 'ocsphelper' };
      const verified = run(
        'openssl',
        [
          ...['verify', '-x509_strict', '-policy_check', '-crl_check_all', '-CRLfile', 'crls.pem'],
          ...['-purpose', usage === 'timestamp' ? 'timestampsign' : purpose[usage]],
          ...['-CAfile', 'root.pem', '-untrusted', 'cas.pem', 'leaf.pem'],
        ],
        folder,
      );
      return verified.status === 0 ? undefined : reasonOf(verified);
    }),
};

const gnuTls: Verifier = {
  name: 'GnuTLS',
  package: 'gnutls-bin',
  isInstalled: () => starts('certtool', '--version'),
  judges: () => true,
  verify: (chains) =>
    oneByOne(chains, ({ root, certificates, crls }, folder) => {
      writeFileSync(join(folder, 'root.pem'), certificatesPem([root]));
      writeFileSync(join(folder, 'chain.pem'), certificatesPem(certificates));
      writeFileSync(join(folder, 'crls.pem'), crlsPem(crls));
      const verified = run(
        'certtool',
        [
          ...['--verify', '--load-ca-certificate', 'root.pem', '--load-crl', 'crls.pem'],
          ...['--infile', 'chain.pem'],
        ],
        folder,
      );
      return verified.status === 0 ? undefined : reasonOf(verified);
    }),
};

const NSS_USAGE = { client: '0', server: '1', email: '4', ocsp: '10', timestamp: '' } as const;

const nss: Verifier = {
  name: 'NSS',
  package: 'libnss3-tools',
  isInstalled: () => starts('vfychain'),
  // It does not know timestamping, and wants keyEncipherment of a server's RSA key, for which TLS 1.3 has no use.
  judges: ({ usage, certificates: [leaf] }) =>
    usage !== 'timestamp' &&
    !(usage === 'server' && leaf && new X509Certificate(leaf).publicKey.asymmetricKeyType === 'rsa'),
  verify: (chains) =>
    inFolder((folder) => {
      const databases = new Map<string, string>();
      return new Map(
        chains.map(({ name, root, certificates: [leaf, ...cas], crls, usage }) => {
          if (leaf === undefined) throw new Error('no leaf');
          const known = [root, ...cas, ...crls].map((der) => der.toString('base64')).join();
          const database = databases.get(known) ?? nssDatabase(folder, root, cas, crls);
          databases.set(known, database);
          writeFileSync(join(folder, name), leaf);
          const verified = run(
            'vfychain',
            [
              ...['-d', database, '-u', NSS_USAGE[usage], '-pp', '-g', 'leaf', '-h', 'testLocalInfoFirst'],
              ...['-m', 'crl', '-s', 'forbidFetching', name],
            ],
            folder,
          );
          return [name, verified.status === 0 ? undefined : reasonOf(verified)];
        }),
      );
    }),
};

/** A database that trusts the root and knows CAs and CRLs. */
function nssDatabase(folder: string, root: Buffer, cas: readonly Buffer[], crls: readonly Buffer[]): string {
  const own = mkdtempSync(join(folder, 'nss-'));
  const database = `sql:${own}`;
  const tool = (command: string, action: string, file: Buffer | undefined, ...args: readonly string[]) => {
    if (file !== undefined) writeFileSync(join(own, 'input'), file);
    const input = file === undefined ? [] : ['-i', 'input'];
    return run(command, [action, '-d', database, ...args, ...input], own);
  };
  const must = (...args: Parameters<typeof tool>): void => {
    const ran = tool(...args);
    if (ran.status !== 0) throw new Error(`${args[0]} ${args[1]}: ${reasonOf(ran)}`);
  };
  must('certutil', '-N', undefined, '--empty-password');
  must('certutil', '-A', root, '-n', 'root', '-t', 'CT,C,C');
  for (const [at, ca] of cas.entries()) must('certutil', '-A', ca, '-n', `ca${String(at)}`, '-t', ',,');
  // Refused where a chain that is broken on purpose lacks the CA.
  for (const crl of crls) tool('crlutil', '-I', crl, '-t', '1');
  return database;
}

const JAVA_SOURCE = join(__dirname, 'VerifyChains.java');

const java: Verifier = {
  name: 'Java',
  package: 'default-jdk-headless',
  // Running a source file takes the compiler, which the mere runtime lacks.
  isInstalled: () =>
    starts('java', '--version') && run('java', ['--list-modules']).stdout.includes('jdk.compiler'),
  judges: () => true,
  verify: (chains) =>
    inFolder((folder) => {
      const lines = chains.map(({ name, root, certificates, crls }) => {
        const put = (kind: string, ders: readonly Buffer[]): string =>
          ders
            .map((der, at) => {
              const file = `${name}-${kind}-${String(at)}`;
              writeFileSync(join(folder, file), der);
              return file;
            })
            .join(',');
        const files = [put('root', [root]), put('certificate', certificates), put('crl', crls)];
        return [name, ...files].join('\t');
      });
      writeFileSync(join(folder, 'chains'), `${lines.join('\n')}\n`);
      const ran = run('java', [JAVA_SOURCE, join(folder, 'chains')]);
      if (ran.status !== 0) throw new Error(reasonOf(ran));
      return new Map(
        ran.stdout
          .trim()
          .split('\n')
          .map((line): [string, string | undefined] => {
            const [name = '', verdict] = line.split('\t');
            return [name, verdict === 'OK' ? undefined : verdict];
          }),
      );
    }),
};

/** Node checks signatures, names of issuers and times; it neither builds paths nor reads constraints or CRLs. */
const node: Verifier = {
  name: 'Node',
  package: 'nodejs',
  isInstalled: () => true,
  judges: () => true,
  verify: (chains) =>
    new Map(
      chains.map(({ name, root, certificates }) => {
        const path = [...certificates, root].map((der) => new X509Certificate(der));
        const refusal = path.slice(0, -1).flatMap((certificate, at) => {
          const issuer = path[at + 1];
          const inTime =
            Date.parse(certificate.validFrom) <= Date.now() && Date.now() <= Date.parse(certificate.validTo);
          if (issuer === undefined || !certificate.checkIssued(issuer)) return ['not issued by the next'];
          if (!certificate.verify(issuer.publicKey)) return ['signature'];
          return inTime ? [] : ['time'];
        });
        return [name, refusal[0]];
      }),
    ),
};

export const VERIFIERS: readonly Verifier[] = [openSsl, gnuTls, nss, java, node];
