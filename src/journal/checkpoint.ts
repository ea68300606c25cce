/** Checkpoints (C2SP tlog-checkpoint): the text in which a journal states its size and root hash, and its signing. */
import { decodeBase64 } from '../encoding';
import { openNote, signNote, type NoteSigner, type VerificationKey } from '../envelope';
import { JournalError } from './errors';
import { emptyRoot, MAX_TREE_SIZE } from './merkle';

/** The state of one journal. */
export interface Checkpoint {
  /** Which journal: see `originOf`. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: number;
  readonly rootHash: Buffer;
}

/** What an origin names: the journal of one node's CA key in one epoch, under one registry. */
export interface Origin {
  readonly registry: string;
  readonly node: string;
  /** 1 to 127: the first octet of the epoch's serial numbers. */
  readonly epoch: number;
}

const ORIGIN = /^([a-z0-9][a-z0-9.-]{0,99})\/([a-z0-9][a-z0-9-]{0,39})\/e([1-9]\d{0,2})$/;
const MAX_EPOCH = 0x7f;

/** The origin's text, `<registry>/<node>/e<epoch>`. @throws JournalError `ORIGIN_MALFORMED` */
export function originOf({ registry, node, epoch }: Origin): string {
  const origin = `${registry}/${node}/e${epoch}`;
  parseOrigin(origin);
  return origin;
}

/** Reads an origin's text; `originOf` of the result is the same text. @throws JournalError `ORIGIN_MALFORMED` */
export function parseOrigin(origin: string): Origin {
  const [, registry = '', node = '', digits = ''] = ORIGIN.exec(origin) ?? [];
  const epoch = Number(digits);
  if (registry === '' || epoch > MAX_EPOCH)
    throw new JournalError('ORIGIN_MALFORMED', { origin: origin.slice(0, 200) });
  return { registry, node, epoch };
}

const ROOT_ORIGIN = /^[a-z0-9][a-z0-9.-]{0,99}\/root$/;

/** The origin of the root's own journal, `<registry>/root`. @throws JournalError `ORIGIN_MALFORMED` */
export function rootOriginOf(registry: string): string {
  const origin = `${registry}/root`;
  requireOrigin(origin);
  return origin;
}

/** A node's journal, or the root's own. */
function requireOrigin(origin: string): void {
  if (!ROOT_ORIGIN.test(origin)) parseOrigin(origin);
}

/**
 * The checkpoint's text: origin, decimal size, base64 root hash, a newline after each.
 * @throws JournalError `CHECKPOINT_MALFORMED`, `ORIGIN_MALFORMED`
 */
export function formatCheckpoint({ origin, size, rootHash }: Checkpoint): string {
  const text = `${origin}\n${size}\n${rootHash.toString('base64')}\n`;
  parseCheckpoint(text);
  return text;
}

/**
 * Reads a checkpoint's text. Only the text `formatCheckpoint` writes is accepted; C2SP's extension lines are not.
 * @throws JournalError `CHECKPOINT_MALFORMED`, `ORIGIN_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n', 5);
  const [origin = '', decimal = '', base64 = '', rest] = lines;
  if (lines.length !== 4 || rest !== '') throw new JournalError('CHECKPOINT_MALFORMED', { reason: 'LINES' });
  requireOrigin(origin);
  const size = Number(decimal);
  if (!/^(0|[1-9]\d{0,12})$/.test(decimal) || size > MAX_TREE_SIZE) {
    throw new JournalError('CHECKPOINT_MALFORMED', { reason: 'SIZE' });
  }
  const rootHash = decodeBase64(base64);
  if (rootHash?.length !== 32 || (size === 0 && !rootHash.equals(emptyRoot()))) {
    throw new JournalError('CHECKPOINT_MALFORMED', { reason: 'ROOT_HASH' });
  }
  return { origin, size, rootHash };
}

/**
 * Signs a checkpoint. A journal signs under its origin as name.
 * @returns the signed note
 * @throws JournalError `CHECKPOINT_MALFORMED`, `ORIGIN_MALFORMED`; EnvelopeError `NOTE_MALFORMED`
 */
export async function signCheckpoint(checkpoint: Checkpoint, noteSigner: NoteSigner): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), noteSigner);
}

/**
 * Checks a signed checkpoint and reads it.
 * @param expectedOrigin the journal it must be of; by default the key's name
 * @throws EnvelopeError as `openNote`; JournalError `CHECKPOINT_MALFORMED`, `ORIGIN_MALFORMED`, `ORIGIN_UNEXPECTED`
 */
export function openCheckpoint(
  note: string | Uint8Array,
  key: VerificationKey,
  expectedOrigin: string = key.name,
): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, [key], `checkpoint of ${expectedOrigin}`));
  if (checkpoint.origin !== expectedOrigin) {
    throw new JournalError('ORIGIN_UNEXPECTED', { found: checkpoint.origin, expected: expectedOrigin });
  }
  return checkpoint;
}
