/** Signature algorithms: which fits which key, and that each verifies its own signatures and nobody else's. */
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  KEY_ALGORITHMS,
  publicKeyFromSpki,
  SIGNATURE_ALGORITHMS,
  signatureAlgorithmOf,
  signatureAlgorithmsOf,
  verifySignature,
  verifySignatureAside,
  type SignatureAlgorithm,
} from '../src/signer';
import { softSigner } from './support/softSigner';

const MESSAGE = Buffer.from('message');
const RSA = ['rsa-sha256', 'rsa-pss-sha256', 'rsa-pss-sha384'] as const;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

async function isValid(algorithm: SignatureAlgorithm, key: KeyObject, signature: Buffer): Promise<boolean> {
  const [now, aside] = [
    verifySignature(algorithm, key, MESSAGE, signature),
    await verifySignatureAside(algorithm, key, MESSAGE, signature),
  ];
  expect(aside).toBe(now);
  return now;
}

it('gives each key type its algorithms, the usual one first', () => {
  expect(KEY_ALGORITHMS.map((key) => [key, ...signatureAlgorithmsOf(key)])).toEqual([
    ['rsa-2048', ...RSA],
    ['rsa-3072', ...RSA],
    ['rsa-4096', ...RSA],
    ['p-256', 'ecdsa-sha256'],
    ['p-384', 'ecdsa-sha384'],
  ]);
  expect(KEY_ALGORITHMS.every((key) => signatureAlgorithmsOf(key)[0] === signatureAlgorithmOf(key))).toBe(
    true,
  );
});

it.each(SIGNATURE_ALGORITHMS)('verifies what was signed with %s under that name alone', async (algorithm) => {
  const key = algorithm.startsWith('rsa') ? 'rsa-2048' : algorithm === 'ecdsa-sha256' ? 'p-256' : 'p-384';
  const signer = softSigner(key, algorithm);
  const own = publicKeyFromSpki(signer.spki);
  const signature = await signer.sign(MESSAGE);
  for (const other of SIGNATURE_ALGORITHMS) {
    expect([other, await isValid(other, own, signature)]).toEqual([other, other === algorithm]);
  }
  expect(await isValid(algorithm, own, Buffer.alloc(signature.length))).toBe(false);
  expect(await isValid(algorithm, publicKey, signature)).toBe(false);
});

it.each([
  ['rsa-pss-sha256', 'sha256', 32],
  ['rsa-pss-sha384', 'sha384', 48],
] as const)('%s takes no salt but that of its hash', async (algorithm, hash, length) => {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const valid = async (saltLength: number): Promise<boolean> =>
    isValid(algorithm, publicKey, sign(hash, MESSAGE, { key: privateKey, padding, saltLength }));
  expect(await valid(length)).toBe(true);
  for (const other of [0, 20, length - 1, length + 1, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
    expect([other, await valid(other)]).toEqual([other, false]);
  }
});
