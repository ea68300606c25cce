/** An envelope taken apart for programs that know nothing of DSSE: the very bytes that were signed, and each signature. */

export interface OpensslParts {
  /** DSSE's pre-authentication encoding (DSSE protocol, "PAE"). */
  readonly signedBytes: Buffer;
  /** In the envelope's order: RSA octets, or DER for ECDSA. */
  readonly signatures: readonly Buffer[];
}

/** @param envelope one that was opened before: it is not judged here */
export function opensslParts(envelope: Buffer): OpensslParts {
  const { payload, payloadType, signatures } = JSON.parse(envelope.toString('utf8')) as {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
  const body = Buffer.from(payload, 'base64');
  const head = `DSSEv1 ${String(Buffer.byteLength(payloadType))} ${payloadType} ${String(body.length)} `;
  return {
    signedBytes: Buffer.concat([Buffer.from(head, 'utf8'), body]),
    signatures: signatures.map(({ sig }) => Buffer.from(sig, 'base64')),
  };
}
