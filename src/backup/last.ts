/** The last backup that was made of a directory, remembered beside its database. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileBounded, writeFileDurably } from '../config';
import { instantSchema, sha256HexSchema } from '../encoding';

const FILE = 'last-backup.json';
const MAX = 64 * 1024;

const lastBackupSchema = z.strictObject({
  /** Absolute. */
  file: z.string(),
  sha256: sha256HexSchema,
  bytes: z.int(),
  time: instantSchema,
  /** SHA-256 of their public keys. */
  recipients: z.array(sha256HexSchema),
});

export type LastBackup = z.infer<typeof lastBackupSchema>;

export async function rememberBackup(directory: string, backup: LastBackup): Promise<void> {
  await writeFileDurably(join(directory, FILE), `${JSON.stringify(backup)}\n`, 0o600);
}

/** @returns `null` if none was made, or what tells of it cannot be read */
export async function readLastBackup(directory: string): Promise<LastBackup | null> {
  const file = join(directory, FILE);
  if (!existsSync(file)) return null;
  try {
    const parsed = lastBackupSchema.safeParse(
      JSON.parse((await readFileBounded(file, MAX)).toString('utf8')),
    );
    return parsed.data ?? null;
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}
