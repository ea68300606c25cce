/** The opened root side: configuration, database, tokens and surroundings, for as long as a command or service runs. */
import { existsSync } from 'node:fs';
import { readYamlFile } from '../config';
import {
  commonTables,
  databasePlace,
  openStore,
  readDocuments,
  readKey,
  readKeys,
  readNewestDocument,
  rootMigrations,
  type CommonSchema,
  type Database,
  type RootSchema,
  type Store,
} from '../db';
import { openTrustStatements, type SignedDocument, type TrustStatement } from '../delegation';
import type { VerificationKey } from '../envelope';
import { TokenRack, type PinSource } from '../hsm';
import { storedSigner } from '../keyring';
import type { Signer } from '../signer';
import type { Surroundings } from '../surroundings';
import { readCertificate, type Certificate } from '../x509';
import { rootConfigSchema, rootPaths, type RootConfig, type RootPaths } from './config';
import { RootError } from './errors';

export class RootCa {
  private constructor(
    readonly paths: RootPaths,
    readonly config: RootConfig,
    readonly store: Store<RootSchema>,
    readonly tokens: TokenRack,
    readonly surroundings: Surroundings,
  ) {}

  /** @throws RootError `NOT_INITIALISED`; ConfigError, DbError */
  static async open(directory: string, surroundings: Surroundings): Promise<RootCa> {
    const paths = rootPaths(directory);
    if (!existsSync(paths.config)) throw new RootError('NOT_INITIALISED', { directory });
    const config = await readYamlFile(paths.config, rootConfigSchema);
    const place = databasePlace(config.database, directory, paths.database);
    const store = await openStore<RootSchema>({ ...place, migrations: rootMigrations });
    const { clock, logger, askPin } = surroundings;
    const { refusedPins } = paths;
    const options = { directory, refusedPins, clock, logger, ...(askPin && { prompt: askPin }) };
    return new RootCa(paths, config, store, new TokenRack(config.hsm, options), surroundings);
  }

  get read(): Database<CommonSchema> {
    return commonTables(this.store.read);
  }

  now(): Date {
    return this.surroundings.clock();
  }

  /** A signer for one of the recorded keys, pinned to its public half. @throws RootError `KEY_MISSING`; HsmError */
  async signer(role: string, pin?: PinSource): Promise<Signer> {
    const key = await readKey(this.read, role);
    if (key === undefined) throw new RootError('KEY_MISSING', { role });
    return storedSigner(this.store, this.tokens, key, pin);
  }

  /** A signer for the recorded key with this public half. @throws RootError `KEY_MISSING`; HsmError */
  async signerOf({ name, spki }: VerificationKey, pin?: PinSource): Promise<Signer> {
    const key = (await readKeys(this.read)).find((known) => known.spki.equals(spki));
    if (key === undefined) throw new RootError('KEY_MISSING', { role: name });
    return storedSigner(this.store, this.tokens, key, pin);
  }

  /** @throws RootError `NOT_INITIALISED` when "rootca init" was cut off */
  async certificate(): Promise<Certificate> {
    const stored = await readNewestDocument(this.read, 'root-certificate');
    if (stored === undefined) throw new RootError('NOT_INITIALISED', { directory: this.paths.directory });
    return readCertificate(stored.bytes, 'root certificate');
  }

  /** Every trust statement, oldest first, each held to the one before it. */
  async trustStatements(): Promise<readonly SignedDocument<TrustStatement>[]> {
    const stored = await readDocuments(this.read, 'trust-statement');
    return openTrustStatements(
      stored.map(({ bytes }) => bytes),
      await this.certificate(),
      undefined,
    );
  }

  /** The trust statement in force. @throws RootError `NO_TRUST_STATEMENT` */
  async trust(): Promise<SignedDocument<TrustStatement>> {
    const trust = (await this.trustStatements()).at(-1);
    if (trust === undefined) throw new RootError('NO_TRUST_STATEMENT', {});
    return trust;
  }

  async close(): Promise<void> {
    await this.tokens.close();
    await this.store.close();
  }
}
