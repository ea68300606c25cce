/** What a node knows of bad keys beside its journal: its own keys, and lists of weak ones. */
import { resolve } from 'node:path';
import { readKeys } from '../db';
import { sha256Hex } from '../signer';
import type { SubjectPublicKey } from '../x509';
import { NodeError } from './errors';
import type { SubCaNode } from './node';
import { WeakKeyLists } from './weakKeys';

export class KeyChecks {
  private constructor(
    /** Roles by the SHA-256 of the public key. */
    private readonly own: ReadonlyMap<string, string>,
    private readonly weak: WeakKeyLists,
  ) {}

  static async open(node: SubCaNode): Promise<KeyChecks> {
    const keys = await readKeys(node.read);
    const lists = node.config.keyChecks?.weakKeys.map((list) => resolve(node.paths.directory, list));
    return new KeyChecks(
      new Map(keys.map(({ spki, role }) => [sha256Hex(spki), role])),
      new WeakKeyLists(lists),
    );
  }

  /**
   * Refuses a key no subscriber may have a certificate for.
   * @throws NodeError `KEY_OF_NODE`, `KEY_KNOWN_WEAK`, `WEAK_KEYS_UNREADABLE`
   */
  requireSubscribersKey(key: SubjectPublicKey): void {
    const role = this.own.get(key.spkiSha256);
    if (role !== undefined) throw new NodeError('KEY_OF_NODE', { role });
    const list = this.weak.find(key);
    if (list !== undefined) throw new NodeError('KEY_KNOWN_WEAK', { list });
  }
}
