/** OCSP responses (RFC 6960, section 4.2): the bytes to be signed, the signed whole, and the unsigned refusals. */
import { der, OID } from '../asn1';
import type { SignatureAlgorithm } from '../signer';
import { encodeExtension } from './extension';
import { sequenceOf } from './fields';
import { reasonCode, type RevocationReason } from './revocationReason';
import { signatureAlgorithmIdentifier } from './signatureAlgorithm';

export type CertStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly at: Date; readonly reason?: RevocationReason }
  | { readonly kind: 'unknown' };

export interface SingleResponse {
  /** The `CertId.der` that was asked. */
  readonly certIdDer: Uint8Array;
  readonly status: CertStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Set where what was revoked is told beyond its end: of certificates that ended then or later. */
  readonly archiveCutoff?: Date;
}

export interface OcspResponseInput {
  /** SHA-1 of the responder's key, as in its subjectKeyIdentifier. */
  readonly responderKeyHash: Uint8Array;
  readonly producedAt: Date;
  readonly responses: readonly SingleResponse[];
  /** The request's, if it had one. */
  readonly nonce?: Uint8Array;
}

/** Refusals (section 2.3); they are not signed. */
const ERROR_STATUS = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;
export type OcspErrorStatus = keyof typeof ERROR_STATUS;

const SUCCESSFUL = 0;

/**
 *     ResponseData ::= SEQUENCE {
 *       responderID CHOICE { byName [1] EXPLICIT Name, byKey [2] EXPLICIT OCTET STRING },
 *       producedAt GeneralizedTime, responses SEQUENCE OF SingleResponse,
 *       responseExtensions [1] EXPLICIT Extensions OPTIONAL }
 *
 * Fractions of a second are dropped from the times.
 * @returns tbsResponseData, DER
 * @throws Asn1Error `UNEXPECTED` if there is no response in it
 */
export function buildOcspResponseData(input: OcspResponseInput): Buffer {
  const { nonce } = input;
  return der.sequence(
    der.explicit(2, der.octetString(input.responderKeyHash)),
    der.generalizedTime(input.producedAt),
    sequenceOf(input.responses.map(encodeSingleResponse), 'responses'),
    ...(nonce === undefined
      ? []
      : [der.explicit(1, der.sequence(encodeExtension(OID.ocspNonce, false, der.octetString(nonce))))]),
  );
}

/**
 *     SingleResponse ::= SEQUENCE { certID CertID, certStatus CertStatus, thisUpdate GeneralizedTime,
 *       nextUpdate [0] EXPLICIT GeneralizedTime OPTIONAL, singleExtensions [1] EXPLICIT Extensions OPTIONAL }
 */
function encodeSingleResponse(single: SingleResponse): Buffer {
  const { certIdDer, status, thisUpdate, nextUpdate, archiveCutoff } = single;
  return der.sequence(
    certIdDer,
    encodeStatus(status),
    der.generalizedTime(thisUpdate),
    der.explicit(0, der.generalizedTime(nextUpdate)),
    ...(archiveCutoff === undefined ? [] : [der.explicit(1, der.sequence(archiveCutoffOf(archiveCutoff)))]),
  );
}

/** RFC 6960, section 4.4.4. */
function archiveCutoffOf(since: Date): Buffer {
  return encodeExtension(OID.ocspArchiveCutoff, false, der.generalizedTime(since));
}

/**
 *     CertStatus ::= CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT NULL }
 *     RevokedInfo ::= SEQUENCE { revocationTime GeneralizedTime, revocationReason [0] EXPLICIT ENUMERATED OPTIONAL }
 */
function encodeStatus(status: CertStatus): Buffer {
  switch (status.kind) {
    case 'good':
      return der.implicitPrimitive(0, Buffer.alloc(0));
    case 'revoked': {
      const code = reasonCode(status.reason);
      return der.implicitConstructed(
        1,
        der.generalizedTime(status.at),
        ...(code === undefined ? [] : [der.explicit(0, der.enumerated(code))]),
      );
    }
    case 'unknown':
      return der.implicitPrimitive(2, Buffer.alloc(0));
  }
}

/**
 * The successful response: what was signed, with its signature as the `Signer` gave it.
 *
 *     OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT SEQUENCE {
 *       responseType OBJECT IDENTIFIER, response OCTET STRING } OPTIONAL }
 *     BasicOCSPResponse ::= SEQUENCE { tbsResponseData ResponseData, signatureAlgorithm AlgorithmIdentifier,
 *       signature BIT STRING, certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
 *
 * @param certificates DER, the responder's first; none if the issuer itself responds
 * @returns DER
 */
export function assembleOcspResponse(
  tbs: Uint8Array,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
  certificates: readonly Uint8Array[],
): Buffer {
  const basic = der.sequence(
    tbs,
    signatureAlgorithmIdentifier(algorithm),
    der.bitString(signature),
    ...(certificates.length === 0 ? [] : [der.explicit(0, der.sequence(...certificates))]),
  );
  return der.sequence(
    der.enumerated(SUCCESSFUL),
    der.explicit(0, der.sequence(der.oid(OID.ocspBasic), der.octetString(basic))),
  );
}

/** An unsigned response that tells why there is no answer. @returns DER */
export function ocspErrorResponse(status: OcspErrorStatus): Buffer {
  return der.sequence(der.enumerated(ERROR_STATUS[status]));
}
