/** Everything a party holds, in a form to compare: what a refused command must leave exactly as it was. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RawDatabase } from './rawDatabase';

/** Left out: the database itself, of which the rows are told; locks of processes; and the memory of wrong PINs. */
const NO_HOLDINGS = /\.db(-wal|-shm)?$|^run\/|^refused-pins\.json$/;

/** Each table with its number of rows and a digest of them, each file of the directory with a digest of its bytes. */
export async function holdings(
  directory: string,
  database: 'subca.db' | 'rootca.db',
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  const db = await RawDatabase.open(join(directory, database));
  try {
    for (const { name } of await db.rows<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    )) {
      const rows = await db.rows(`SELECT * FROM "${name}"`);
      found[`table ${name}`] = `${String(rows.length)} rows ${digest(JSON.stringify(rows))}`;
    }
  } finally {
    await db.close();
  }
  for (const [name, bytes] of filesUnder(directory)) {
    if (!NO_HOLDINGS.test(name)) found[name] = digest(bytes);
  }
  return found;
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
