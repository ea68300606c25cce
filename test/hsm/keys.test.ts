/** Keys on SoftHSM2: made as demanded, found again, and refused where they are not what they should be. */
import { MechanismEnum, SessionObject, Slot, type ITemplate, type Session } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import { HsmError, Pin, Token } from '../../src/hsm';
import { generateKeyPairOn } from '../../src/hsm/keyGeneration';
import { signingMethod } from '../../src/hsm/signing';
import { Pace, signOn } from '../../src/hsm/signOn';
import {
  KEY_ALGORITHMS,
  publicKeyFromSpki,
  sha256Hex,
  signatureAlgorithmsOf,
  verifySignature,
  type SignatureAlgorithm,
} from '../../src/signer';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { makeSoftHsm } from '../support/softhsm';

const softHsm = makeSoftHsm();
const openSsl = new OpenSsl();
let token: Token;
/** A session of the token's own pool, to look and meddle without asking the code under test. */
let session: Session;

beforeAll(async () => {
  const { label, pin } = softHsm.createToken('keys');
  const opens = jest.spyOn(Slot.prototype, 'open');
  token = await Token.open({ module: softHsm.module, label }, new Pin(pin), {
    refusedPins: `${softHsm.directory}/refused.json`,
    clock: systemClock,
  });
  session = opens.mock.results[0]?.value as Session;
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await token.close();
  softHsm.remove();
  openSsl.remove();
});

function objects(label: string): SessionObject[] {
  const found = session.find({ label });
  return Array.from({ length: found.length }, (_, index) => found.items(index));
}

/** Makes the token report other attributes than it has. */
function pretend(attributes: Partial<Record<keyof ITemplate, unknown>>): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = SessionObject.prototype.getAttribute as (this: SessionObject, name: string) => unknown;
  jest.spyOn(SessionObject.prototype, 'getAttribute').mockImplementation(function (
    this: SessionObject,
    name: unknown,
  ) {
    const key = name as keyof ITemplate & string;
    return (key in attributes ? attributes[key] : original.call(this, key)) as Buffer;
  });
}

describe.each(KEY_ALGORITHMS)('%s', (algorithm) => {
  const label = `key ${algorithm}`;

  test('is made on the token, never to leave it, for signing only', async () => {
    const record = await token.generateKeyPair({ label, algorithm });
    expect(record).toMatchObject({ label, algorithm, spkiSha256: sha256Hex(record.spki) });
    expect(record.id).toMatch(/^[0-9a-f]{40}$/);
    expect(record.attributes).toEqual({
      token: true,
      private: true,
      local: true,
      sensitive: true,
      alwaysSensitive: true,
      extractable: false,
      neverExtractable: true,
      sign: true,
      decrypt: false,
      unwrap: false,
      derive: false,
      modifiable: false,
    });
    expect(await token.findKey(label)).toEqual(record);
  });

  test('does not give its private value away', () => {
    const privateKey = session.find({ class: 3, label }).items(0);
    const secrets = algorithm.startsWith('rsa') ? ['privateExponent', 'prime1', 'prime2'] : ['value'];
    for (const name of secrets)
      expect(() => privateKey.getAttribute(name) as unknown).toThrow('CKR_ATTRIBUTE_SENSITIVE');
    expect(() => {
      privateKey.setAttribute('extractable', true);
    }).toThrow('CKR_');
  });

  test.each(signatureAlgorithmsOf(algorithm))(
    'signs with %s what node:crypto and OpenSSL accept, and nothing else',
    async (signatureAlgorithm) => {
      const signer = await token.signer(label, { signatureAlgorithm });
      const key = publicKeyFromSpki(signer.spki);
      const message = Buffer.from('what is signed');
      const signature = await signer.sign(message);
      expect(signer.algorithm).toBe(signatureAlgorithm);
      expect(verifySignature(signatureAlgorithm, key, message, signature)).toBe(true);
      expect(verifySignature(signatureAlgorithm, key, Buffer.from('something else'), signature)).toBe(false);

      openSsl.writePem('key.pem', 'PUBLIC KEY', signer.spki);
      openSsl.write('message', message);
      openSsl.write('signature', signature);
      const options = opensslOptions(signatureAlgorithm);
      const judge = (): number | null =>
        openSsl.run('dgst', ...options, '-verify', 'key.pem', '-signature', 'signature', 'message').status;
      expect(judge()).toBe(0);
      openSsl.write('message', 'something else');
      expect(judge()).toBe(1);
    },
  );
});

function opensslOptions(algorithm: SignatureAlgorithm): readonly string[] {
  const hash = algorithm.slice(-'sha256'.length);
  if (!algorithm.startsWith('rsa-pss')) return [`-${hash}`];
  const saltLength = hash === 'sha384' ? '48' : '32';
  const options = ['rsa_padding_mode:pss', `rsa_pss_saltlen:${saltLength}`, `rsa_mgf1_md:${hash}`];
  return [`-${hash}`, ...options.flatMap((option) => ['-sigopt', option])];
}

test('a key is made for a signature algorithm, which must fit it and be offered', async () => {
  const record = await token.generateKeyPair({
    label: 'for-pss',
    algorithm: 'rsa-2048',
    signatureAlgorithm: 'rsa-pss-sha256',
  });
  expect(record.algorithm).toBe('rsa-2048');
  const unfit = { label: 'unfit', algorithm: 'p-256', signatureAlgorithm: 'rsa-pss-sha256' } as const;
  await expectCode(token.generateKeyPair(unfit), HsmError, 'SIGNATURE_NOT_FOR_KEY');
  await expectCode(
    token.signer('for-pss', { signatureAlgorithm: 'ecdsa-sha256' }),
    HsmError,
    'SIGNATURE_NOT_FOR_KEY',
  );
  const mechanisms = new Set([MechanismEnum.RSA_PKCS]);
  const request = {
    label: 'unoffered',
    algorithm: 'rsa-2048',
    signatureAlgorithm: 'rsa-pss-sha384',
  } as const;
  await expectCode(
    generateKeyPairOn(session, { label: 'keys', mechanisms }, request),
    HsmError,
    'MECHANISM_MISSING',
  );
  expect([...objects('unfit'), ...objects('unoffered')]).toEqual([]);
});

test.each([
  ['rsa-pss-sha256', MechanismEnum.SHA256_RSA_PKCS_PSS],
  ['rsa-pss-sha384', MechanismEnum.SHA384_RSA_PKCS_PSS],
] as const)('%s is the same where the token hashes', async (algorithm, mechanism) => {
  const signer = await token.signer('for-pss', { signatureAlgorithm: algorithm });
  const message = Buffer.from('what is signed');
  const method = signingMethod('rsa-2048', algorithm, new Set([mechanism]), 'keys');
  const { handle } = session.find({ class: 3, label: 'for-pss' }).items(0);
  const inputs = [method.input(message)];
  const [signature = Buffer.alloc(0)] = await signOn(session, method, handle, inputs, new Pace(false), true);
  expect(verifySignature(algorithm, publicKeyFromSpki(signer.spki), message, signature)).toBe(true);
});

describe('a label', () => {
  test('that is taken is refused, and the key left as it is', async () => {
    const label = 'taken';
    const record = await token.generateKeyPair({ label, algorithm: 'p-256' });
    await expectCode(token.generateKeyPair({ label, algorithm: 'p-384' }), HsmError, 'KEY_EXISTS');
    expect(await token.findKey(label)).toEqual(record);
  });

  test('asked for twice at once gives one key', async () => {
    const label = 'twice';
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map(() => token.generateKeyPair({ label, algorithm: 'p-256' })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(objects(label)).toHaveLength(2);
  });

  test('that nobody has is no key, and no signer', async () => {
    expect(await token.findKey('none')).toBeUndefined();
    const error = await expectCode(token.signer('none'), HsmError, 'KEY_ABSENT');
    expect(error.params).toEqual({ token: 'keys', label: 'none' });
  });

  test('that two keys have is ambiguous', async () => {
    const label = 'ambiguous';
    for (const id of ['0a', '0b'].map((hex) => Buffer.from(hex, 'hex'))) {
      session.generateKeyPair('ECDSA_KEY_PAIR_GEN', ec({ label, id }), {
        label,
        id,
        token: true,
        sign: true,
      });
    }
    const error = await expectCode(token.findKey(label), HsmError, 'KEY_AMBIGUOUS');
    expect(error).toMatchObject({ category: 'integrity', params: { count: 2, expected: '—' } });
    const { found } = error.params as { readonly found: string };
    expect(found.split(', ').toSorted()).toEqual(['0a', '0b']);
    // Not even where one of them is the pinned one: somebody made the other.
    const pinned = await expectCode(token.signer(label, { id: '0a' }), HsmError, 'KEY_AMBIGUOUS');
    expect(pinned.params).toMatchObject({ expected: '0a' });
    await expectCode(token.generateKeyPair({ label, algorithm: 'p-256' }), HsmError, 'KEY_EXISTS');
  });
});

function ec(template: ITemplate): ITemplate {
  return { paramsEC: Buffer.from('06082a8648ce3d030107', 'hex'), token: true, verify: true, ...template };
}

describe('what is no pair of ours', () => {
  test('a private key alone', async () => {
    const label = 'half';
    const pair = session.generateKeyPair('ECDSA_KEY_PAIR_GEN', ec({ label }), {
      label,
      token: true,
      sign: true,
    });
    session.destroy(pair.publicKey);
    await expectCode(token.findKey(label), HsmError, 'KEY_INCOMPLETE');
    await expectCode(token.generateKeyPair({ label, algorithm: 'p-256' }), HsmError, 'KEY_EXISTS');
  });

  test('halves with different identifiers', async () => {
    const label = 'mixed';
    const [one, other] = [Buffer.from([1]), Buffer.from([2])];
    session.generateKeyPair('ECDSA_KEY_PAIR_GEN', ec({ label, id: one }), {
      label,
      id: other,
      token: true,
      sign: true,
    });
    await expectCode(token.findKey(label), HsmError, 'KEY_INCOMPLETE');
  });

  test('a key of another size or curve', async () => {
    session.generateKeyPair(
      'RSA_PKCS_KEY_PAIR_GEN',
      {
        label: 'small',
        token: true,
        modulusBits: 1024,
        publicExponent: Buffer.from([1, 0, 1]),
        verify: true,
      },
      { label: 'small', token: true, sign: true },
    );
    const secp521r1 = Buffer.from('06052b81040023', 'hex');
    session.generateKeyPair('ECDSA_KEY_PAIR_GEN', ec({ label: 'p-521', paramsEC: secp521r1 }), {
      label: 'p-521',
      token: true,
      sign: true,
    });
    for (const label of ['small', 'p-521'])
      await expectCode(token.findKey(label), HsmError, 'KEY_UNSUPPORTED');
  });
});

describe('a pinned public key', () => {
  test('that is the token’s gives a signer', async () => {
    const { spkiSha256 } = await token.generateKeyPair({ label: 'pinned', algorithm: 'p-256' });
    expect(sha256Hex((await token.signer('pinned', { spkiSha256 })).spki)).toBe(spkiSha256);
  });

  test('that is another’s does not', async () => {
    const record = await token.generateKeyPair({ label: 'replaced', algorithm: 'p-256' });
    const expected = sha256Hex('another key');
    const error = await expectCode(
      token.signer('replaced', { spkiSha256: expected }),
      HsmError,
      'KEY_MISMATCH',
    );
    expect(error).toMatchObject({ category: 'integrity', params: { found: record.spkiSha256, expected } });
  });
});

test('a pinned CKA_ID is held to, also when the key is signed with already', async () => {
  const { spkiSha256, id } = await token.generateKeyPair({ label: 'identified', algorithm: 'p-256' });
  await token.signer('identified', { spkiSha256, id });
  const other = token.signer('identified', { spkiSha256, id: 'ff' });
  const error = await expectCode(other, HsmError, 'KEY_ID_MISMATCH');
  expect(error.params).toMatchObject({ label: 'identified', found: id, expected: 'ff' });
});

describe('a token that does not do as demanded', () => {
  test.each([
    ['extractable', true, 'CKA_EXTRACTABLE=true'],
    ['neverExtractable', false, 'CKA_NEVER_EXTRACTABLE=false'],
    ['sensitive', false, 'CKA_SENSITIVE=false'],
    ['alwaysSensitive', false, 'CKA_ALWAYS_SENSITIVE=false'],
    ['local', false, 'CKA_LOCAL=false'],
    ['private', false, 'CKA_PRIVATE=false'],
    ['decrypt', true, 'CKA_DECRYPT=true'],
    ['unwrap', true, 'CKA_UNWRAP=true'],
    ['derive', true, 'CKA_DERIVE=true'],
    ['sign', undefined, 'CKA_SIGN=undefined'],
  ] as const)('%s %s: the pair is destroyed', async (name, value, wrong) => {
    const label = `weak ${name}`;
    pretend({ [name]: value });
    const error = await expectCode(
      token.generateKeyPair({ label, algorithm: 'p-256' }),
      HsmError,
      'KEY_ATTRIBUTES_WRONG',
    );
    expect(error).toMatchObject({ category: 'integrity', params: { wrong, destroyed: true } });
    expect(objects(label)).toEqual([]);
  });

  test('an attribute it does not tell counts as not given', async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const original = SessionObject.prototype.getAttribute as (this: SessionObject, name: string) => unknown;
    jest.spyOn(SessionObject.prototype, 'getAttribute').mockImplementation(function (
      this: SessionObject,
      name,
    ) {
      if ((name as unknown) === 'alwaysSensitive') throw new Error('CKR_ATTRIBUTE_TYPE_INVALID');
      return original.call(this, name as unknown as string) as Buffer;
    });
    const made = token.generateKeyPair({ label: 'silent', algorithm: 'p-256' });
    const error = await expectCode(made, HsmError, 'KEY_ATTRIBUTES_WRONG');
    expect(error.params).toMatchObject({ wrong: 'CKA_ALWAYS_SENSITIVE=undefined' });
  });

  test('a pair that remains is told', async () => {
    pretend({ extractable: true });
    jest.spyOn(SessionObject.prototype, 'destroy').mockImplementation(() => {
      throw new Error('CKR_ACTION_PROHIBITED');
    });
    const made = token.generateKeyPair({ label: 'remains', algorithm: 'p-256' });
    const error = await expectCode(made, HsmError, 'KEY_ATTRIBUTES_WRONG');
    expect(error.params).toMatchObject({ destroyed: false });
    expect(objects('remains')).toHaveLength(2);
  });

  test('a public key that is not the private one’s is found out by the test signature', async () => {
    const { publicKey } = session.generateKeyPair('ECDSA_KEY_PAIR_GEN', ec({ token: false }), {
      token: false,
      sign: true,
    });
    pretend({ pointEC: publicKey.getAttribute('pointEC') });
    const made = token.generateKeyPair({ label: 'foreign', algorithm: 'p-256' });
    const error = await expectCode(made, HsmError, 'SIGNATURE_WRONG');
    expect(error.category).toBe('integrity');
    expect(objects('foreign')).toEqual([]);
  });

  test('CKA_MODIFIABLE is done without where the token does not know it', async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method
    const { C_GenerateKeyPair: original } = session.lib;
    const asked: boolean[] = [];
    jest.spyOn(session.lib, 'C_GenerateKeyPair').mockImplementation((...args: unknown[]) => {
      const template = args[3] as { type: number }[];
      const named = template.some(({ type }) => type === 0x170);
      asked.push(named);
      if (named) throw Object.assign(new Error('CKR_ATTRIBUTE_TYPE_INVALID'), { code: 0x12 });
      return (original as (...all: unknown[]) => never).apply(session.lib, args);
    });
    const record = await token.generateKeyPair({ label: 'plain', algorithm: 'p-256' });
    expect(asked).toEqual([true, false]);
    expect(record.attributes.modifiable).toBe(true);
  });
});
