/** The form of signatures, and the choice of a mechanism. */
import { createHash, generateKeyPairSync, privateEncrypt, constants, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { MechanismEnum } from 'graphene-pk11';
import { HsmError } from '../../src/hsm';
import { ecdsaSigValue, signingMethod } from '../../src/hsm/signing';
import { readDer, readInteger, readSequence } from '../../src/asn1';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS, signatureAlgorithmsOf } from '../../src/signer';
import { expectCode } from '../support/matchers';

const ALL = new Set<number>([MechanismEnum.RSA_PKCS, MechanismEnum.SHA256_RSA_PKCS, MechanismEnum.ECDSA]);

test('r and s become shortest positive INTEGERs', () => {
  const half = fc.uint8Array({ minLength: 48, maxLength: 48 });
  fc.assert(
    fc.property(half, half, fc.nat(47), fc.nat(47), (r, s, zerosR, zerosS) => {
      r.fill(0, 0, zerosR);
      s.fill(0, 0, zerosS);
      const der = ecdsaSigValue(Buffer.concat([r, s]));
      const [first, second, ...more] = readSequence(readDer(der, { what: 'signature' }), 'signature');
      expect(more).toEqual([]);
      expect(readInteger(first, 'r')).toBe(BigInt(`0x${Buffer.from(r).toString('hex')}`));
      expect(readInteger(second, 's')).toBe(BigInt(`0x${Buffer.from(s).toString('hex')}`));
    }),
  );
});

test('a signature in the form of tokens verifies as DER', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const method = signingMethod('p-256', 'ecdsa-sha256', ALL, 'ca');
  for (let turn = 0; turn < 50; turn += 1) {
    const message = Buffer.from(`message ${turn}`);
    const raw = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const signature = method.output(raw);
    expect(signature && verify('sha256', message, publicKey, signature)).toBe(true);
  }
  expect(method.output(Buffer.alloc(63))).toBeUndefined();
  expect(method.output(Buffer.alloc(96))).toBeUndefined();
});

test('the input of CKM_RSA_PKCS is the DigestInfo that makes a SHA-256 signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const method = signingMethod('rsa-2048', 'rsa-sha256', ALL, 'ca');
  const message = Buffer.from('message');
  expect(method.mechanism).toEqual({ mechanism: MechanismEnum.RSA_PKCS });
  const input = method.input(message);
  const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, input);
  expect(verify('sha256', message, publicKey, method.output(signature) ?? Buffer.alloc(0))).toBe(true);
  expect(method.output(signature.subarray(1))).toBeUndefined();
});

test('a token that insists on hashing gets the whole message', () => {
  const method = signingMethod('rsa-3072', 'rsa-sha256', new Set([MechanismEnum.SHA256_RSA_PKCS]), 'ca');
  expect(method.mechanism).toEqual({ mechanism: MechanismEnum.SHA256_RSA_PKCS });
  expect(method.input(Buffer.from('message'))).toEqual(Buffer.from('message'));
});

test('the hash fits the curve', () => {
  const message = Buffer.from('message');
  const digest = (name: string): Buffer => createHash(name).update(message).digest();
  expect(signingMethod('p-256', 'ecdsa-sha256', ALL, 'ca').input(message)).toEqual(digest('sha256'));
  expect(signingMethod('p-384', 'ecdsa-sha384', ALL, 'ca').input(message)).toEqual(digest('sha384'));
});

test.each([
  ['rsa-pss-sha256', 'sha256', 32, MechanismEnum.SHA256, 2, MechanismEnum.SHA256_RSA_PKCS_PSS],
  ['rsa-pss-sha384', 'sha384', 48, MechanismEnum.SHA384, 3, MechanismEnum.SHA384_RSA_PKCS_PSS],
] as const)(
  '%s goes to the token with hash, mask and salt, and as a hash where that is enough',
  (algorithm, hash, saltLen, hashAlg, mgf, hashing) => {
    const message = Buffer.from('message');
    const parameter = expect.objectContaining({ hashAlg, mgf, saltLen }) as object;
    const bare = signingMethod('rsa-3072', algorithm, new Set([MechanismEnum.RSA_PKCS_PSS, hashing]), 'ca');
    expect(bare.mechanism).toEqual({ mechanism: MechanismEnum.RSA_PKCS_PSS, parameter });
    expect(bare.input(message)).toEqual(createHash(hash).update(message).digest());
    const whole = signingMethod('rsa-3072', algorithm, new Set([hashing]), 'ca');
    expect(whole.mechanism).toEqual({ mechanism: hashing, parameter });
    expect(whole.input(message)).toEqual(message);
    expect(whole.output(Buffer.alloc(384))).toHaveLength(384);
    expect(whole.output(Buffer.alloc(256))).toBeUndefined();
  },
);

test.each(KEY_ALGORITHMS)('a key of type %s signs with what fits it, and with nothing else', async (key) => {
  for (const algorithm of SIGNATURE_ALGORITHMS) {
    const choose = (): unknown => signingMethod(key, algorithm, new Set(), 'ca');
    const fits = signatureAlgorithmsOf(key).includes(algorithm);
    const error = await expectCode(choose, HsmError, fits ? 'MECHANISM_MISSING' : 'SIGNATURE_NOT_FOR_KEY');
    if (!fits) expect(error.params).toMatchObject({ key, signature: algorithm });
  }
});
