/** An opened node: its configuration, database, tokens and surroundings, for as long as a command or service runs. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { readYamlFile } from '../config';
import {
  acquireLock,
  commonTables,
  databasePlace,
  nodeMigrations,
  openStore,
  readKey,
  type CommonSchema,
  type Database,
  type NodeSchema,
  type ProcessLock,
  type Store,
  type StoredKey,
} from '../db';
import type { CodedError } from '../errors';
import { TokenRack, type PinSource } from '../hsm';
import { storedSigner } from '../keyring';
import { JournalMirror } from '../ledger';
import type { Signer } from '../signer';
import type { Surroundings } from '../surroundings';
import { nodeConfigSchema, nodePaths, type NodeConfig, type NodePaths } from './config';
import { delegationState, readDelegation, type Delegation } from './delegation';
import { NodeError } from './errors';

/** The keys a node begins with: each has its own label on the token. */
export const KEY_ROLES = ['ca', 'journal', 'ocsp'] as const;
export type KeyRole = (typeof KEY_ROLES)[number] | `ca-e${number}`;

/** The role of an epoch's CA key. */
export function caRole(epoch: number): KeyRole {
  return epoch === 1 ? 'ca' : `ca-e${epoch}`;
}

/** What an epoch's key is called on the token. */
export function keyLabel(node: string, key: (typeof KEY_ROLES)[number], epoch: number): string {
  return `${node}-${key}-e${String(epoch)}`;
}

export class SubCaNode {
  #delegation: { readonly state: string; readonly value: Delegation } | undefined;
  #life: Promise<ProcessLock> | undefined;
  /** The journals' second copy, where there is to be one. */
  readonly mirror: JournalMirror | undefined;
  /** Why the mirror could not follow the database when it last was to. */
  mirrorFailure: CodedError | undefined;

  private constructor(
    readonly paths: NodePaths,
    readonly config: NodeConfig,
    readonly store: Store<NodeSchema>,
    readonly tokens: TokenRack,
    readonly surroundings: Surroundings,
    /** Where this run takes the PIN of the CA key's token from, instead of the configuration. */
    private readonly pin: PinSource | undefined,
  ) {
    const { directory, run } = paths;
    if (config.journal !== undefined)
      this.mirror = new JournalMirror(resolve(directory, config.journal.mirror), run);
  }

  /** @throws NodeError `NOT_INITIALISED`; ConfigError, DbError */
  static async open(directory: string, surroundings: Surroundings, pin?: PinSource): Promise<SubCaNode> {
    const paths = nodePaths(directory);
    if (!existsSync(paths.config)) throw new NodeError('NOT_INITIALISED', { directory });
    const config = await readYamlFile(paths.config, nodeConfigSchema);
    await mkdir(paths.run, { recursive: true, mode: 0o700 });
    const place = databasePlace(config.database, directory, paths.database);
    const store = await openStore<NodeSchema>({ ...place, migrations: nodeMigrations });
    const { clock, logger, askPin } = surroundings;
    const { refusedPins } = paths;
    const tokens = new TokenRack(config.hsm, {
      directory,
      refusedPins,
      clock,
      logger,
      ...(askPin && { prompt: askPin }),
    });
    return new SubCaNode(paths, config, store, tokens, surroundings, pin);
  }

  /** The common tables, for reading outside a transaction. */
  get read(): Database<CommonSchema> {
    return commonTables(this.store.read);
  }

  now(): Date {
    return this.surroundings.clock();
  }

  /**
   * The delegation as it stands; read again only when another process, or this one, has taken newer documents.
   * @param tx the transaction or snapshot in which it is asked for
   * @throws NodeError `NOT_ACTIVATED`
   */
  async delegation(tx?: Database<CommonSchema>): Promise<Delegation> {
    const state = await delegationState(tx ?? this.read);
    if (this.#delegation?.state === state) return this.#delegation.value;
    const read = (db: Database<CommonSchema>): Promise<Delegation> => readDelegation(db);
    const value = await (tx === undefined ? this.store.snapshot((db) => read(commonTables(db))) : read(tx));
    this.#delegation = { state, value };
    return value;
  }

  /** As `delegation`; `undefined` before activation. */
  async findDelegation(): Promise<Delegation | undefined> {
    return (await this.isActivated()) ? this.delegation() : undefined;
  }

  async isActivated(): Promise<boolean> {
    return (await delegationState(this.read)) !== '';
  }

  /** @throws NodeError `KEY_MISSING` */
  async key(role: KeyRole): Promise<StoredKey> {
    const key = await readKey(this.read, role);
    if (key === undefined) throw new NodeError('KEY_MISSING', { role });
    return key;
  }

  /** Label of the token on which the configuration places a key. */
  tokenOf(role: string): string {
    const { token, tokens } = this.config;
    return (role === 'journal' || role === 'ocsp' ? tokens?.[role] : undefined) ?? token;
  }

  /** A signer for one of the node's keys, pinned to its public half. @throws HsmError, NodeError `KEY_MISSING` */
  async signer(role: KeyRole): Promise<Signer> {
    const key = await this.key(role);
    return storedSigner(this.store, this.tokens, key, this.pinOf(key.tokenLabel));
  }

  /** The PIN given for this run is that of the CA key's token; no other token is tried with it. */
  pinOf(tokenLabel: string): PinSource | undefined {
    return tokenLabel === this.config.token ? this.pin : undefined;
  }

  /** The lock that shows this process alive to others; taken when it first reserves something. */
  life(): Promise<ProcessLock> {
    return (this.#life ??= acquireLock(this.paths.run, `p-${randomBytes(8).toString('hex')}`));
  }

  async close(): Promise<void> {
    await this.tokens.close();
    await this.store.close();
    await (await this.#life)?.release();
  }
}
