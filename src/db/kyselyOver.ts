/** The dialect that runs kysely's queries on our connections. */
import { Kysely, type Dialect, type Driver } from 'kysely';
import type { Language } from './engine';
import type { HeldConnection } from './heldConnection';

/** Where queries get their connection from, and where it goes back to. */
export interface ConnectionSource {
  acquire(): Promise<HeldConnection>;
  release(held: HeldConnection): Promise<void>;
}

/** An engine's language over the given connections, which stay the caller's to close. */
export function kyselyOver<Schema>(source: ConnectionSource, language: Language): Kysely<Schema> {
  const driver: Driver = {
    init: async () => {},
    acquireConnection: () => source.acquire(),
    beginTransaction: (held: HeldConnection) => held.begin(),
    commitTransaction: (held: HeldConnection) => held.commit(),
    rollbackTransaction: (held: HeldConnection) => held.rollback(),
    releaseConnection: (held: HeldConnection) => source.release(held),
    destroy: async () => {},
  };
  const { plugins = [], ...dialect } = language;
  return new Kysely<Schema>({
    dialect: { ...dialect, createDriver: () => driver } satisfies Dialect,
    plugins,
  });
}
