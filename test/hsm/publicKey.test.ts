/** Public keys as tokens describe them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ecPublicKey, rsaPublicKey } from '../../src/hsm/publicKey';

function spkiOf(key: KeyObject | undefined): string | undefined {
  return key?.export({ format: 'der', type: 'spki' }).toString('hex');
}

test('an RSA key, with and without leading zeros', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const modulus = Buffer.from(n, 'base64url');
  const exponent = Buffer.from(e, 'base64url');
  const zero = Buffer.alloc(1);
  expect(spkiOf(rsaPublicKey(modulus, exponent))).toBe(spkiOf(publicKey));
  expect(spkiOf(rsaPublicKey(Buffer.concat([zero, modulus]), Buffer.concat([zero, exponent])))).toBe(
    spkiOf(publicKey),
  );
});

describe.each([
  ['prime256v1', '06082a8648ce3d030107'],
  ['secp384r1', '06052b81040022'],
])('an EC key on %s', (namedCurve, params) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const bare = Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const wrapped = Buffer.concat([Uint8Array.of(4, bare.length), bare]);
  const curve = Buffer.from(params, 'hex');

  test('with a bare and with a wrapped point', () => {
    expect(spkiOf(ecPublicKey(curve, bare))).toBe(spkiOf(publicKey));
    expect(spkiOf(ecPublicKey(curve, wrapped))).toBe(spkiOf(publicKey));
  });

  test('refused with a compressed, cut or wrongly wrapped point', () => {
    const compressed = Buffer.concat([Uint8Array.of(2), bare.subarray(1, 1 + (bare.length - 1) / 2)]);
    const miscounted = Buffer.from(wrapped);
    miscounted[1] = bare.length - 1;
    for (const point of [compressed, bare.subarray(0, -1), miscounted, Buffer.alloc(0)]) {
      expect(ecPublicKey(curve, point)).toBeUndefined();
    }
  });

  test('refused with a point that is not on the curve', () => {
    const off = Buffer.from(bare);
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    expect(() => ecPublicKey(curve, off)).toThrow();
  });

  test('refused with the parameters of another curve', () => {
    expect(ecPublicKey(Buffer.from('06052b8104000a', 'hex'), bare)).toBeUndefined();
  });
});
