/** The database: the only room that knows SQLite and PostgreSQL. */
export { copyDatabase } from './copy';
export { DbError } from './errors';
export { inspectDatabase, inspectServer } from './inspection';
export type { Migrations } from './migrator';
export { acquireLock, inTurn, tryLock, type ProcessLock } from './processLock';
export {
  addressOf,
  databasePlace,
  databaseSchema,
  readServerUrl,
  SERVER_URLS,
  type DatabaseConfig,
  type DatabasePlace,
} from './server';
export { openStore, type Store, type StoreOptions } from './store';
export type { CompiledQuery } from 'kysely';
export { executeCompiled } from './compiled';
export * from './documents';
export * from './keys';
export { nodeMigrations, rootMigrations } from './migrations';
export {
  commonTables,
  type CommonSchema,
  type Database,
  type NodeSchema,
  type QuarantineTable,
  type RootSchema,
} from './schema';
