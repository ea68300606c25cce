/**
 * The key of a backup, wrapped for each recipient. A recipient is named by the key identifier of the public key, so that a
 * certificate and a bare key are the same.
 *
 *     RecipientInfo ::= CHOICE { ktri KeyTransRecipientInfo, kari [1] KeyAgreeRecipientInfo, … }   RFC 5652, section 6.2
 *
 * RSA keys take RSAES-OAEP with SHA-256 (RFC 4055, section 4.1); EC keys take ephemeral-static ECDH with the X9.63 KDF on
 * SHA-256 and the AES key wrap (RFC 5753, section 3.1).
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  type KeyObject,
} from 'node:crypto';
import { der, OID, readDer, type DerValue } from '../asn1';
import { readFileBounded } from '../config';
import {
  decodePemOrDer,
  keyIdentifier,
  readCertificate,
  readPublicKey,
  type SubjectPublicKey,
} from '../x509';

const MAX_RECIPIENT = 64 * 1024;
/** The first value of RFC 3394, section 2.2.3.1. */
const WRAP_IV = Buffer.alloc(8, 0xa6);
const PADDING = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
const SHA256 = der.sequence(der.oid(OID.sha256), der.nullValue());
const OAEP = der.sequence(
  der.oid(OID.rsaesOaep),
  der.sequence(der.explicit(0, SHA256), der.explicit(1, der.sequence(der.oid(OID.mgf1), SHA256))),
);
const KEY_WRAP = der.sequence(der.oid(OID.aes256Wrap));
const ECDH = der.sequence(der.oid(OID.dhSinglePassStdDhSha256Kdf), KEY_WRAP);
const CURVES = { 'p-256': 'P-256', 'p-384': 'P-384' } as const;

/** The public key in a file: an X.509 certificate, or a SubjectPublicKeyInfo; PEM or DER. @throws X509Error, ConfigError */
export async function readRecipient(file: string): Promise<SubjectPublicKey> {
  const bytes = await readFileBounded(file, MAX_RECIPIENT);
  const content = decodePemOrDer(bytes, ['CERTIFICATE', 'PUBLIC KEY'], file);
  // A certificate has three members, a SubjectPublicKeyInfo two.
  const isCertificate = readDer(content, { what: file }).children.length === 3;
  return isCertificate ? readCertificate(content, file).tbs.publicKey : readPublicKey(content, file);
}

/** RecipientInfo of one recipient. @param key 32 octets */
export function wrapFor({ algorithm, key: recipient, keyId }: SubjectPublicKey, key: Buffer): Buffer {
  if (algorithm !== 'p-256' && algorithm !== 'p-384')
    return keyTransport(keyId, publicEncrypt({ key: recipient, ...PADDING }, key));
  const ephemeral = generateKeyPairSync('ec', { namedCurve: CURVES[algorithm] });
  const cipher = createCipheriv('id-aes256-wrap', wrappingKey(ephemeral.privateKey, recipient), WRAP_IV);
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
  return keyAgreement(keyId, pointOf(ephemeral.publicKey), wrapped);
}

/**
 * The wrapped key, if a RecipientInfo is for this private key, and of the very form that `wrapFor` gives it.
 * @returns `undefined` otherwise
 * @throws Asn1Error, or an error of `node:crypto`, for one that was altered
 */
export function unwrapWith(privateKey: KeyObject, info: DerValue): Buffer | undefined {
  const keyId = keyIdentifier(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  if (privateKey.asymmetricKeyType === 'rsa') {
    const wrapped = info.children[3]?.content ?? Buffer.alloc(0);
    if (!info.der.equals(keyTransport(keyId, wrapped))) return undefined;
    return privateDecrypt({ key: privateKey, ...PADDING }, wrapped);
  }
  const [, originator, , recipients] = info.children;
  const point = originator?.children[0]?.children[1]?.content.subarray(1) ?? Buffer.alloc(0);
  const wrapped = recipients?.children[0]?.children[1]?.content ?? Buffer.alloc(0);
  if (!info.der.equals(keyAgreement(keyId, point, wrapped))) return undefined;
  const curve = point.length === 65 ? OID.prime256v1 : OID.secp384r1;
  const spki = der.sequence(der.sequence(der.oid(OID.ecPublicKey), der.oid(curve)), der.bitString(point));
  const peer = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const decipher = createDecipheriv('id-aes256-wrap', wrappingKey(privateKey, peer), WRAP_IV);
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

/** `SEQUENCE { version 2, [0] subjectKeyIdentifier, keyEncryptionAlgorithm, encryptedKey }` */
function keyTransport(keyId: Buffer, wrapped: Buffer): Buffer {
  return der.sequence(der.integer(2), der.implicitPrimitive(0, keyId), OAEP, der.octetString(wrapped));
}

/**
 * `SEQUENCE { version 3, [0] EXPLICIT [1] OriginatorPublicKey, keyEncryptionAlgorithm, SEQUENCE OF { [0] rKeyId,
 * encryptedKey } }` under the tag `[1]`
 */
function keyAgreement(keyId: Buffer, point: Buffer, wrapped: Buffer): Buffer {
  const originatorKey = [der.sequence(der.oid(OID.ecPublicKey)), der.bitString(point)];
  const recipient = [der.implicitConstructed(0, der.octetString(keyId)), der.octetString(wrapped)];
  return der.implicitConstructed(
    1,
    der.integer(3),
    der.explicit(0, der.implicitConstructed(1, ...originatorKey)),
    ECDH,
    der.sequence(der.sequence(...recipient)),
  );
}

/** The KDF of X9.63 with ECC-CMS-SharedInfo (RFC 5753, section 7.2): 32 octets, which is one round of SHA-256. */
function wrappingKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const secret = diffieHellman({ privateKey, publicKey });
  const keyBits = Buffer.from([0, 0, 1, 0]);
  const sharedInfo = der.sequence(KEY_WRAP, der.explicit(2, der.octetString(keyBits)));
  return createHash('sha256')
    .update(secret)
    .update(Buffer.from([0, 0, 0, 1]))
    .update(sharedInfo)
    .digest();
}

function pointOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}
