/** Everything a party holds, in a form to compare: what a refused command must leave exactly as it was. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Client } from 'pg';
import { parse } from 'yaml';
import { readServerUrl, type DatabaseConfig } from '../../src/db';
import { RawDatabase } from './rawDatabase';

/** Left out: the database itself, of which the rows are told; locks of processes; and the memory of wrong PINs. */
const NO_HOLDINGS = /\.db(-wal|-shm)?$|^run\/|^refused-pins\.json$/;

/** Each table with its number of rows and a digest of them, each file of the directory with a digest of its bytes. */
export async function holdings(
  directory: string,
  database: 'subca.db' | 'rootca.db',
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { name, rows } of await tablesOf(directory, database))
    found[`table ${name}`] = `${String(rows.length)} rows ${digest(JSON.stringify(rows))}`;
  for (const [name, bytes] of filesUnder(directory)) {
    if (!NO_HOLDINGS.test(name)) found[name] = digest(bytes);
  }
  return found;
}

interface Table {
  readonly name: string;
  readonly rows: readonly unknown[];
}

/** Where the configuration says that they lie. */
async function tablesOf(directory: string, file: string): Promise<readonly Table[]> {
  const { database } = parse(readFileSync(join(directory, 'config.yaml'), 'utf8')) as {
    database?: DatabaseConfig;
  };
  if (database !== undefined) return tablesOnServer(database);
  const db = await RawDatabase.open(join(directory, file));
  try {
    const tables = await db.rows<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    );
    return await Promise.all(
      tables.map(async ({ name }) => ({ name, rows: await db.rows(`SELECT * FROM "${name}"`) })),
    );
  } finally {
    await db.close();
  }
}

async function tablesOnServer({ url }: DatabaseConfig): Promise<readonly Table[]> {
  const { name: database, ...server } = readServerUrl(url) ?? { name: '' };
  const client = new Client({ ...server, database, ssl: false });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
    );
    const found: Table[] = [];
    for (const { name } of tables)
      found.push({ name, rows: (await client.query(`SELECT * FROM "${name}" AS t ORDER BY t::text`)).rows });
    return found;
  } finally {
    await client.end();
  }
}

/**
 * What SoftHSM keeps of its tokens as such, and when it was written: it writes there at each failed login and at the
 * first good one after it.
 */
export function tokenState(tokens: string): string {
  return filesUnder(tokens)
    .filter(([name]) => name.endsWith('token.object'))
    .map(([name, bytes]) => `${name} ${digest(bytes)} ${String(statSync(join(tokens, name)).mtimeMs)}`)
    .join('\n');
}

function filesUnder(directory: string): readonly (readonly [string, Buffer])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(directory, path), readFileSync(path)]);
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
