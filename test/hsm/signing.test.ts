/** The form of signatures, and the choice of a mechanism. */
import { createHash, generateKeyPairSync, privateEncrypt, constants, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { MechanismEnum } from 'graphene-pk11';
import { HsmError } from '../../src/hsm';
import { ecdsaSigValue, signingMethod } from '../../src/hsm/signing';
import { readDer, readInteger, readSequence } from '../../src/asn1';
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
  const method = signingMethod('p-256', ALL, 'ca');
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
  const method = signingMethod('rsa-2048', ALL, 'ca');
  const message = Buffer.from('message');
  expect(method.mechanism).toBe(MechanismEnum.RSA_PKCS);
  const input = method.input(message);
  const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, input);
  expect(verify('sha256', message, publicKey, method.output(signature) ?? Buffer.alloc(0))).toBe(true);
  expect(method.output(signature.subarray(1))).toBeUndefined();
});

test('a token that insists on hashing gets the whole message', () => {
  const method = signingMethod('rsa-3072', new Set([MechanismEnum.SHA256_RSA_PKCS]), 'ca');
  expect(method.mechanism).toBe(MechanismEnum.SHA256_RSA_PKCS);
  expect(method.input(Buffer.from('message'))).toEqual(Buffer.from('message'));
});

test('the hash fits the curve', () => {
  const message = Buffer.from('message');
  const digest = (name: string): Buffer => createHash(name).update(message).digest();
  expect(signingMethod('p-256', ALL, 'ca').input(message)).toEqual(digest('sha256'));
  expect(signingMethod('p-384', ALL, 'ca').input(message)).toEqual(digest('sha384'));
});

test('a token without the mechanism is told', async () => {
  for (const algorithm of ['rsa-2048', 'p-256', 'p-384'] as const) {
    await expectCode(() => signingMethod(algorithm, new Set(), 'ca'), HsmError, 'MECHANISM_MISSING');
  }
});
