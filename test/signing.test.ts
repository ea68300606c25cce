/** What a token gives as a signature is looked at before it leaves, whatever it is on. */
import { sealEnvelope, signNote } from '../src/envelope';
import { publicKeyFromSpki, verifySignature, type Signer } from '../src/signer';
import { signChecked, SigningError } from '../src/signing';
import { buildRequest, parseName } from '../src/x509';
import { expectCode } from './support/matchers';
import { softSigner } from './support/softSigner';

const message = Buffer.from('message');

/** One bit of each signature is another: what a fault in a device does. */
function failing(signer: Signer): Signer {
  return {
    ...signer,
    sign: async (octets) => {
      const signature = await signer.sign(octets);
      signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
      return signature;
    },
  };
}

test.each(['rsa-sha256', 'rsa-pss-sha256', 'ecdsa-sha256'] as const)(
  '%s: a wrong one is refused',
  async (algorithm) => {
    const good = softSigner(algorithm === 'ecdsa-sha256' ? 'p-256' : 'rsa-2048', algorithm);
    const signature = await signChecked(good, message, 'a message');
    expect(verifySignature(algorithm, publicKeyFromSpki(good.spki), message, signature)).toBe(true);
    const error = await expectCode(
      signChecked(failing(good), message, 'a message'),
      SigningError,
      'SIGNATURE_WRONG',
    );
    expect(error).toMatchObject({ category: 'integrity', params: { what: 'a message' } });
  },
);

test.each<readonly [string, (signer: Signer) => Promise<unknown>]>([
  ['an envelope', (signer) => sealEnvelope('application/test+json', message, [signer])],
  ['a note', (signer) => signNote('text\n', { name: 'subca.example', signer })],
  ['a certificate request', (signer) => buildRequest(parseName('CN=Sub-CA'), signer)],
])('none stands on %s', async (_, sign) => {
  const signer = softSigner('p-256');
  await expect(sign(signer)).resolves.toBeDefined();
  await expectCode(sign(failing(signer)), SigningError, 'SIGNATURE_WRONG');
});
