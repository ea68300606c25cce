/** AlgorithmIdentifier of RSASSA-PSS: the parameters used here, and a description of any others for who is refused. */
import { Asn1Error, der, isContext, OID, readInteger, readOid, readSequence, type DerValue } from '../asn1';
import { readExplicit } from './fields';

const HASHES = {
  sha256: { oid: OID.sha256, length: 32 },
  sha384: { oid: OID.sha384, length: 48 },
  sha512: { oid: OID.sha512, length: 64 },
} as const;

/**
 * The identifiers of RSASSA-PSS with one hash: for the message, in MGF1, and as long as the salt.
 *
 *     RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] HashAlgorithm DEFAULT sha1Identifier,
 *       maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier, saltLength [2] INTEGER DEFAULT 20,
 *       trailerField [3] INTEGER DEFAULT 1 }
 *
 * RFC 4055, section 3.1. The one to write comes first: both hashes with NULL parameters, as the CA/Browser Forum's
 * Baseline Requirements (section 7.1.3.2.1) have it byte for byte, and OpenSSL. In those that follow the parameters of a
 * hash are absent, which section 2.1 makes everybody accept. The trailer field has its default and, in DER, is absent.
 */
export function pssIdentifiers(hash: keyof typeof HASHES): readonly [Buffer, ...Buffer[]] {
  const { oid, length } = HASHES[hash];
  const withNull = der.sequence(der.oid(oid), der.nullValue());
  const without = der.sequence(der.oid(oid));
  const identifier = (message: Buffer, mask: Buffer): Buffer =>
    der.sequence(
      der.oid(OID.rsassaPss),
      der.sequence(
        der.explicit(0, message),
        der.explicit(1, der.sequence(der.oid(OID.mgf1), mask)),
        der.explicit(2, der.integer(length)),
      ),
    );
  return [
    identifier(withNull, withNull),
    identifier(without, without),
    identifier(withNull, without),
    identifier(without, withNull),
  ];
}

const HASH_NAMES: Readonly<Record<string, string>> = {
  [OID.sha1]: 'SHA-1',
  [OID.sha256]: 'SHA-256',
  [OID.sha384]: 'SHA-384',
  [OID.sha512]: 'SHA-512',
};

/**
 * What an RSASSA-PSS identifier asks for, such as `RSASSA-PSS (SHA-256, MGF1 with SHA-256, salt 222)`, with the defaults
 * of what is absent.
 */
export function describePss(identifier: DerValue): string {
  const what = 'RSASSA-PSS-params';
  try {
    const [, parameters] = identifier.children;
    const members = parameters === undefined ? [] : readSequence(parameters, what);
    const member = (tag: number): DerValue | undefined => {
      const found = members.find((candidate) => isContext(candidate, tag));
      return found && readExplicit(found, what);
    };
    const [hash, mask, salt] = [member(0), member(1), member(2)];
    const maskHash = mask && readSequence(mask, what)[1];
    const length = salt === undefined ? '20' : readInteger(salt, what).toString();
    return `RSASSA-PSS (${hashName(hash)}, MGF1 with ${hashName(maskHash)}, salt ${length.slice(0, 20)})`;
  } catch (error) {
    if (error instanceof Asn1Error) return 'RSASSA-PSS (unreadable parameters)';
    throw error;
  }
}

function hashName(identifier: DerValue | undefined): string {
  if (identifier === undefined) return 'SHA-1';
  const oid = readOid(readSequence(identifier, 'hash')[0], 'hash');
  return HASH_NAMES[oid] ?? oid;
}
