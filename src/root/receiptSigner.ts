/** Signing receipts with the registry key in force: a running registry goes over to the next one by itself. */
import { payloadOf, registryKey, type SignedDocument, type TrustStatement } from '../delegation';
import { sealEnvelope } from '../envelope';
import type { Signer } from '../signer';
import { RECEIPT_PAYLOAD_TYPE, type Receipt } from '../sync';
import { RootError } from './errors';
import type { RootCa } from './root';

export class ReceiptSigner {
  private constructor(
    private readonly root: RootCa,
    private signer: Signer,
  ) {}

  /** @throws RootError `NO_TRUST_STATEMENT`, `KEY_MISSING`; HsmError */
  static async open(root: RootCa): Promise<ReceiptSigner> {
    return new ReceiptSigner(root, await root.signerOf(registryKey((await root.trust()).value)));
  }

  /**
   * @param statements those that go to the node with the receipt, or that it has: it opens the receipt under the last
   * @returns the envelope
   * @throws RootError `NO_TRUST_STATEMENT`, `KEY_MISSING`; HsmError
   */
  async seal(receipt: Receipt, statements: readonly SignedDocument<TrustStatement>[]): Promise<Buffer> {
    const trust = statements.at(-1);
    if (trust === undefined) throw new RootError('NO_TRUST_STATEMENT', {});
    const key = registryKey(trust.value);
    if (!key.spki.equals(this.signer.spki)) this.signer = await this.root.signerOf(key);
    return sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), [this.signer]);
  }
}
