/**
 * How far a re-reading has come, kept in a file, so that one that was cut off need not check every signature again. What
 * was read then is read again, judged and hashed: only the signatures are taken as checked, and only where the entries
 * are those of that reading, by the hash of the tree.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError, readFileBounded, writeFileDurably } from '../config';
import { sha256HexSchema } from '../encoding';
import { rootHash, type TreeHead } from '../journal';
import { rootHashAt } from './proofs';
import type { LedgerDatabase, StoredJournal } from './rows';

const MAX = 16 * 1024 * 1024;
/** How often the file is written. */
const INTERVAL_MS = 5000;

/** By origin, the tree up to which every signature held. */
const schema = z.record(
  z.string().max(300),
  z.strictObject({ size: z.int().min(0), rootHash: sha256HexSchema }),
);

export class VerifyProgress {
  readonly #noted: Record<string, { size: number; rootHash: string }>;
  #written = -Infinity;

  private constructor(
    private readonly file: string,
    noted: z.infer<typeof schema>,
  ) {
    this.#noted = noted;
  }

  /** @param resume whether to go on from what the file tells; without it, or without a readable file, from the beginning */
  static async open(file: string, { resume }: { readonly resume: boolean }): Promise<VerifyProgress> {
    return new VerifyProgress(file, resume ? await readNoted(file) : {});
  }

  /** @returns the index before which every signature was checked already */
  async checkedBefore(db: LedgerDatabase, journal: StoredJournal): Promise<number> {
    const noted = this.#noted[journal.origin];
    if (noted === undefined || noted.size > journal.state.size) return 0;
    return (await rootHashAt(db, journal, noted.size)) === noted.rootHash ? noted.size : 0;
  }

  /** Tells that a journal holds up to a head; written now and then. */
  async note(origin: string, head: TreeHead): Promise<void> {
    const earlier = this.#noted[origin]?.size ?? 0;
    if (head.size <= earlier) return;
    this.#noted[origin] = { size: head.size, rootHash: rootHash(head).toString('hex') };
    const now = performance.now();
    if (now - this.#written < INTERVAL_MS) return;
    this.#written = now;
    try {
      await writeFileDurably(this.file, `${JSON.stringify(this.#noted)}\n`, 0o600);
    } catch (error) {
      // A full disk must not keep anybody from checking what is on it.
      if (!(error instanceof ConfigError)) throw error;
    }
  }

  /** Everything was read: the next reading begins from the beginning. */
  async finish(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

async function readNoted(file: string): Promise<z.infer<typeof schema>> {
  if (!existsSync(file)) return {};
  try {
    return schema.parse(JSON.parse((await readFileBounded(file, MAX)).toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}
