/** A signer over a soft key, for unit tests of the pure rooms only: in the product every private key lies in a token. */
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  signatureAlgorithmOf,
  type KeyAlgorithm,
  type SignatureAlgorithm,
  type Signer,
} from '../../src/signer';

export interface SoftSigner extends Signer {
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

const CURVES = { 'p-256': 'P-256', 'p-384': 'P-384' } as const;

export function softSigner(
  keyAlgorithm: KeyAlgorithm,
  algorithm: SignatureAlgorithm = signatureAlgorithmOf(keyAlgorithm),
): SoftSigner {
  const { publicKey, privateKey } =
    keyAlgorithm === 'p-256' || keyAlgorithm === 'p-384'
      ? generateKeyPairSync('ec', { namedCurve: CURVES[keyAlgorithm] })
      : generateKeyPairSync('rsa', { modulusLength: Number(keyAlgorithm.slice('rsa-'.length)) });
  const hash = algorithm.endsWith('sha384') ? 'sha384' : 'sha256';
  return {
    algorithm,
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    publicKeyPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    sign: async (message) => sign(hash, message, keyFor(algorithm, privateKey)),
  };
}

function keyFor(algorithm: SignatureAlgorithm, key: KeyObject) {
  if (!algorithm.startsWith('rsa-pss')) return key;
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
