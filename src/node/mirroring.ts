/** The mirror at work: it follows each commit, and no certificate is released that it does not hold. */
import { isCodedError, type CodedError } from '../errors';
import { LedgerError, type JournalMirror } from '../ledger';
import type { SubCaNode } from './node';
import { MIRROR_CODES, quarantine } from './quarantine';

/**
 * Lets the mirror follow the database. If it cannot, the node says so and goes on: what must not go on asks
 * `requireMirrored`. A mirror that holds what the database does not quarantines the node.
 */
export async function followMirror(node: SubCaNode): Promise<void> {
  const { mirror } = node;
  if (mirror === undefined) return;
  const before = node.mirrorFailure?.code;
  // Whoever has committed must not be told that nothing was written: also what this needs of the database may fail.
  const failure = await followAll(node, mirror).catch((error: unknown) => {
    if (isCodedError(error)) return error;
    throw error;
  });
  node.mirrorFailure = failure;
  if (failure !== undefined && failure.code !== before) {
    const { code, message: reason } = failure;
    node.surroundings.logger.error({ code, reason }, 'the mirror does not follow the journal');
  }
  if (before !== undefined && failure === undefined)
    node.surroundings.logger.warn({ before }, 'the mirror follows the journal again');
}

/** @returns why the last of the journals that fail does; what is not of the mirror is thrown */
async function followAll(node: SubCaNode, mirror: JournalMirror): Promise<CodedError | undefined> {
  let failure: CodedError | undefined;
  const journals = await node.read.selectFrom('journals').select(['id', 'origin', 'size']).execute();
  for (const { id, origin, size } of journals) {
    if (node.mirrorFailure === undefined && mirror.held(origin) === size) continue;
    try {
      await mirror.follow(node.read, origin);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      failure = error;
      if (MIRROR_CODES.includes(error.code)) await quarantine(node, id, error, null);
    }
  }
  return failure;
}

/** @throws LedgerError, DbError: why the mirror does not follow */
export function requireMirror({ mirrorFailure }: SubCaNode): void {
  if (mirrorFailure !== undefined) throw mirrorFailure;
}

/**
 * Returns when the mirror holds an entry.
 * @throws LedgerError `MIRROR_UNAVAILABLE` and the other reasons why it does not
 */
export async function requireMirrored(node: SubCaNode, origin: string, index: number): Promise<void> {
  const { mirror } = node;
  const isThere = (): boolean => mirror === undefined || mirror.held(origin) > index;
  if (isThere()) return;
  // Another process may have written the entry.
  await followMirror(node);
  if (isThere()) return;
  requireMirror(node);
  throw new LedgerError('MIRROR_UNAVAILABLE', {
    file: mirror?.path(origin) ?? '',
    reason: `entry ${index} is missing`,
  });
}
