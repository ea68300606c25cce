/** Permissions bind everybody but root, and tests may well be run by root. */
import { chownSync } from 'node:fs';

const NOBODY = 65534;

/** Does the work as a user who owns the folder and its files, and whom their modes therefore bind. */
export async function asOrdinaryUser(
  folder: string,
  files: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  for (const path of [folder, ...files]) chownSync(path, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
