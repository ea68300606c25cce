/** What a backup has to know of the party whose directory it copies. */
import { relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { openStore, type Database, type Migrations, type NodeSchema } from '../db';
import type { BackedUpJournal } from './manifest';

/** The configuration of backups, alike for both parties. */
export const backupConfigSchema = z.strictObject({
  /** Certificates or public keys of those who may restore one; paths from the data directory. */
  recipients: z.array(z.string().min(1).max(500)).min(1).max(20),
});

export interface PartyKind {
  readonly program: 'subca' | 'rootca';
  /** Name of the database's file in the directory. */
  readonly database: string;
  readonly migrations: Migrations;
}

export interface Party extends PartyKind {
  /** Node id, or the registry's name. */
  readonly name: string;
  readonly directory: string;
  /** Whether a file or folder of the directory is copied; the database is in any case. */
  readonly contains: (name: string) => boolean;
  /** Absolute paths that are never copied: where PINs are read from. */
  readonly secrets: readonly string[];
}

/**
 * What a directory's backup has besides the database.
 * @param own names of files and folders that every such directory may have
 * @param configured paths in the configuration of what is read when the party works
 */
export function contentsOf(
  directory: string,
  own: readonly string[],
  configured: readonly string[],
): Party['contains'] {
  const inside = configured.flatMap((path) => {
    const [top = '..'] = relative(directory, resolve(directory, path)).split(sep);
    return top === '..' || top === '' ? [] : [top];
  });
  const names = new Set([CONFIG, ...own, ...inside]);
  return (name) => names.has(name) || PAPERS.test(name);
}

/** Reports, and what was signed and exchanged. */
const PAPERS = /^device-report-|\.(dsse|bundle)$/;

/** The configuration's file: a directory that has it holds a party. */
export const CONFIG = 'config.yaml';

/** Every journal of a database as it stands, and how far the root had confirmed a node's. */
export async function readJournals(
  { program }: PartyKind,
  db: Database<NodeSchema>,
): Promise<readonly BackedUpJournal[]> {
  const rows = await db
    .selectFrom('journals')
    .select(['id', 'origin', 'size', 'rootHash'])
    .orderBy('origin')
    .execute();
  const receipts =
    program === 'rootca'
      ? []
      : await db
          .selectFrom('receipts')
          .select((row) => [
            'journal',
            row.fn.max<number>('size').as('size'),
            row.fn.max<string>('time').as('time'),
          ])
          .groupBy('journal')
          .execute();
  return rows.map(({ id, origin, size, rootHash }) => {
    const receipt = receipts.find(({ journal }) => journal === id);
    const confirmed = receipt === undefined ? null : { size: receipt.size, time: receipt.time };
    return { origin, size, rootHash: rootHash.toString('hex'), receipt: confirmed };
  });
}

/** Opens a database that nobody else uses, for the time of the work; a root's has only the tables that both have. */
export async function withDatabase<T>(
  file: string,
  migrations: Migrations,
  work: (db: Database<NodeSchema>) => Promise<T>,
): Promise<T> {
  const store = await openStore<NodeSchema>({ file, migrations });
  try {
    return await work(store.read);
  } finally {
    await store.close();
  }
}
