/**
 * A PostgreSQL server of the tests' own: a cluster in a temporary directory, run by an unprivileged user, reached by its
 * socket alone. Most tests share one, started when the first of them asks for it and stopped after the last test file.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { DatabaseConfig } from '../../src/db';

const SHARED = 'POSTGRES_CLUSTER';
const OWNER = 'POSTGRES_CLUSTER_OWNER';
/** Runs a server as long as its owner lives: a run of tests that is killed clears nothing up by itself. */
const WATCHED = `
  owner=$1 directory=$2; shift 2
  "$@" & server=$!
  while [ -d /proc/$owner ] && [ -d /proc/$server ]; do sleep 1; done
  [ -d /proc/$owner ] || { kill -QUIT $server; sleep 1; rm -rf "$directory"; }
`;
const USER = 'subca';
/** The server refuses to be run by root. */
export const SERVER_UID = 65_534;
const START_WITHIN_MS = 60_000;

function program(name: string): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, 'bin', name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${name} not found: install the package postgresql`);
  return found;
}

export class PostgresCluster {
  /** @param settings of the server, such as `fsync=off` */
  private constructor(
    readonly directory: string,
    private readonly settings: readonly string[] = [],
    private readonly port = 5432,
  ) {}

  /** @param port of its socket, and of the addresses where the settings let it listen */
  static async start(settings: readonly string[] = [], port?: number): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(mkdtempSync(join(tmpdir(), 'subca-pg-')), settings, port);
    await cluster.#make();
    return cluster;
  }

  /** The one that test files share, whether or not it runs. */
  static ofAll(): PostgresCluster | undefined {
    const directory = process.env[SHARED];
    return directory === undefined ? undefined : new PostgresCluster(directory);
  }

  /** As `ofAll`; started by whoever asks first. */
  static async shared(): Promise<PostgresCluster> {
    const cluster = PostgresCluster.ofAll();
    if (cluster === undefined) throw new Error('Jest has not made a place for the cluster');
    const outcome = join(cluster.directory, 'outcome');
    if (tryMake(join(cluster.directory, 'taken'))) {
      const failure = await cluster.#make().catch((cause: unknown) => String(cause));
      writeFileSync(`${outcome}.new`, failure ?? '');
      renameSync(`${outcome}.new`, outcome);
    }
    const until = Date.now() + START_WITHIN_MS;
    while (!existsSync(outcome)) {
      if (Date.now() > until) throw new Error('the shared cluster has not come up');
      await sleep(50);
    }
    const failure = readFileSync(outcome, 'utf8');
    if (failure !== '') throw new Error(failure);
    return cluster;
  }

  async #make(): Promise<void> {
    // ICU's order of letters is not that of their bytes, which a program that forgot its collation would notice.
    const options = [
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=icu',
      '--icu-locale=vi',
    ];
    mkdirSync(this.#data, { mode: 0o700 });
    if (process.getuid?.() === 0)
      for (const path of [this.directory, this.#data]) chownSync(path, SERVER_UID, SERVER_UID);
    execFileSync(
      program('initdb'),
      ['--pgdata', this.#data, '--username=postgres', '--no-sync', ...options],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        ...this.#unprivileged,
      },
    );
    // One role is known by a password, as over a network.
    const hba = join(this.#data, 'pg_hba.conf');
    writeFileSync(hba, `local all with_password scram-sha-256\n${readFileSync(hba, 'utf8')}`);
    await this.up();
    await this.sql(`CREATE ROLE ${USER} LOGIN`);
  }

  /** Starts the server again, and returns when it answers. */
  async up(): Promise<void> {
    const settings = [
      'listen_addresses=',
      `port=${String(this.port)}`,
      `unix_socket_directories=${this.directory}`,
      'max_connections=300',
      'shared_buffers=32MB',
      ...this.settings,
    ];
    const log = openSync(join(this.directory, 'log'), 'a');
    const server = spawn(
      'sh',
      [
        ...[
          '-c',
          WATCHED,
          'sh',
          process.env[OWNER] ?? String(process.pid),
          this.directory,
          program('postgres'),
        ],
        ...['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])],
      ],
      { stdio: ['ignore', log, log], detached: true, ...this.#unprivileged },
    );
    server.unref();
    const until = Date.now() + START_WITHIN_MS;
    for (;;) {
      try {
        await this.sql('SELECT 1');
        return;
      } catch (cause) {
        if (Date.now() > until || server.exitCode !== null)
          throw new Error(readFileSync(join(this.directory, 'log'), 'utf8'), { cause });
      }
      await sleep(30);
    }
  }

  /** Stops the server: lines are cut, open transactions undone. */
  down(): void {
    this.#stop('fast');
  }

  remove(): void {
    // Nothing is kept: what is still to be written to the disk need not be.
    this.#stop('immediate');
    rmSync(this.directory, { recursive: true, force: true });
  }

  #stop(mode: 'fast' | 'immediate'): void {
    if (!existsSync(join(this.#data, 'postmaster.pid'))) return;
    const stop = ['stop', '--pgdata', this.#data, `--mode=${mode}`, '--silent'];
    const stopped = spawnSync(program('pg_ctl'), stop, { encoding: 'utf8', ...this.#unprivileged });
    if (stopped.status !== 0) throw new Error(stopped.stderr);
  }

  /** Asks as the superuser. */
  async sql<T = Readonly<Record<string, unknown>>>(
    text: string,
    database = 'postgres',
  ): Promise<readonly T[]> {
    const client = new Client({
      host: this.directory,
      port: this.port,
      user: 'postgres',
      database,
      ssl: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows as T[];
    } finally {
      await client.end();
    }
  }

  /** A new database, as a party's configuration names it. @param user who is to own it */
  async newDatabase(user = USER): Promise<DatabaseConfig> {
    const name = `t_${randomBytes(6).toString('hex')}`;
    await this.sql(`CREATE DATABASE ${name} OWNER ${user} TEMPLATE template0`);
    return { url: `postgresql:///${name}?host=${this.directory}&user=${user}` };
  }

  get #data(): string {
    return join(this.directory, 'data');
  }

  get #unprivileged(): { readonly cwd: string; readonly uid?: number; readonly gid?: number } {
    return { cwd: '/', ...(process.getuid?.() === 0 && { uid: SERVER_UID, gid: SERVER_UID }) };
  }
}

/** Before all tests: a place for the shared cluster, which the workers inherit. */
export function makeClusterFolder(): void {
  process.env[SHARED] = mkdtempSync(join(tmpdir(), 'subca-pg-'));
  process.env[OWNER] = String(process.pid);
}

export function removeSharedCluster(): void {
  PostgresCluster.ofAll()?.remove();
}

function tryMake(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
