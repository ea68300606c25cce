/** DSSE envelopes: what is accepted, and that no byte, key or signature can be other than it should. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  addSignature,
  EnvelopeError,
  keyId,
  openEnvelope,
  payloadTypeOf,
  readUnverified,
  sealEnvelope,
  type EnvelopeExpectation,
  type VerificationKey,
} from '../../src/envelope';
import type { SignatureAlgorithm } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const TYPE = payloadTypeOf('grant');
const PAYLOAD = Buffer.from('{"grantId":"yen-bai","name":"TỈNH YÊN BÁI"}');
const an = softSigner('p-256');
const binh = softSigner('rsa-2048');
const chi = softSigner('p-384');
const keys: readonly VerificationKey[] = [
  { name: 'an', spki: an.spki },
  { name: 'binh', spki: binh.spki },
  { name: 'chi', spki: chi.spki },
];

function expecting(changes: Partial<EnvelopeExpectation> = {}): EnvelopeExpectation {
  return { payloadType: TYPE, keys, threshold: 1, what: 'grant', ...changes };
}

function withText(envelope: Buffer, change: (text: string) => string): Buffer {
  const changed = change(envelope.toString('utf8'));
  expect(changed).not.toBe(envelope.toString('utf8'));
  return Buffer.from(changed, 'utf8');
}

interface EnvelopeJson {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

function withJson(envelope: Buffer, change: (json: EnvelopeJson) => unknown): Buffer {
  return Buffer.from(JSON.stringify(change(JSON.parse(envelope.toString('utf8')) as EnvelopeJson)));
}

describe('opening what was sealed', () => {
  test('gives the payload and the names of the signers, for every kind of key', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [binh, an, chi]);
    const opened = openEnvelope(envelope, expecting({ threshold: 3 }));
    expect(opened.payload.equals(PAYLOAD)).toBe(true);
    expect(opened.signedBy).toEqual(['binh', 'an', 'chi']);
  });

  test('the text is the one canonical form', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an]);
    const json = JSON.parse(envelope.toString('utf8')) as EnvelopeJson;
    expect(Object.keys(json)).toEqual(['payload', 'payloadType', 'signatures']);
    expect(json.payload).toBe(PAYLOAD.toString('base64'));
    expect(json.payloadType).toBe('application/vnd.subca.grant.v1+json');
    expect(json.signatures.map((signature) => signature.keyid)).toEqual([keyId(an.spki)]);
    expect(envelope.toString('utf8')).toBe(JSON.stringify(json));
  });

  test('any payload comes back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (payload) => {
        const envelope = await sealEnvelope(TYPE, payload, [an]);
        expect(openEnvelope(envelope, expecting()).payload).toEqual(Buffer.from(payload));
        expect(readUnverified(envelope, TYPE, 'grant').payload).toEqual(Buffer.from(payload));
      }),
      { numRuns: 50 },
    );
  });

  test('OpenSSL verifies the signature over the pre-authentication encoding', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [binh, an]);
    const json = JSON.parse(envelope.toString('utf8')) as EnvelopeJson;
    const folder = mkdtempSync(join(tmpdir(), 'dsse-'));
    try {
      const at = (name: string) => join(folder, name);
      writeFileSync(at('signed'), `DSSEv1 35 ${TYPE} ${PAYLOAD.length} ${PAYLOAD.toString('utf8')}`);
      [binh, an].forEach((signer, i) => {
        writeFileSync(at('key'), signer.publicKeyPem);
        writeFileSync(at('sig'), Buffer.from(json.signatures[i]!.sig, 'base64'));
        const args = ['dgst', '-sha256', '-verify', at('key'), '-signature', at('sig'), at('signed')];
        expect(execFileSync('openssl', args).toString()).toContain('Verified OK');
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a changed envelope', () => {
  test('is refused whichever bit of whichever byte was changed', async () => {
    const envelope = await sealEnvelope(TYPE, Buffer.from('{"n":1}'), [binh, an]);
    const accepted: string[] = [];
    for (let at = 0; at < envelope.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(envelope);
        changed[at] = changed[at]! ^ (1 << bit);
        try {
          openEnvelope(changed, expecting());
          accepted.push(`byte ${at}, bit ${bit}`);
        } catch (error) {
          if (!(error instanceof EnvelopeError)) throw error;
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  test('is refused when a byte was left out or put in', async () => {
    const envelope = await sealEnvelope(TYPE, Buffer.from('{"n":1}'), [an]);
    for (let at = 0; at <= envelope.length; at += 1) {
      const [before, after] = [envelope.subarray(0, at), envelope.subarray(at)];
      for (const inserted of [' ', '\n', 'A', '0', '"']) {
        const longer = Buffer.concat([before, Buffer.from(inserted), after]);
        expect(() => openEnvelope(longer, expecting())).toThrow(EnvelopeError);
      }
      if (at < envelope.length) {
        const shorter = Buffer.concat([before, envelope.subarray(at + 1)]);
        expect(() => openEnvelope(shorter, expecting())).toThrow(EnvelopeError);
      }
    }
  });

  test('says what is wrong', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an, binh]);
    const other = Buffer.from('{"grantId":"lao-cai"}').toString('base64');
    const cases: [string, Buffer][] = [
      ['ENVELOPE_MALFORMED', Buffer.from('no JSON')],
      ['ENVELOPE_MALFORMED', Buffer.from('[]')],
      ['ENVELOPE_MALFORMED', Buffer.from('['.repeat(1_000_000))],
      ['ENVELOPE_MALFORMED', withText(envelope, (text) => `${text}\n`)],
      ['ENVELOPE_MALFORMED', withText(envelope, (text) => `\ufeff${text}`)],
      ['ENVELOPE_MALFORMED', withText(envelope, (text) => text.replace('"payload"', '"\\u0070ayload"'))],
      ['ENVELOPE_MALFORMED', withText(envelope, (text) => text.replace('{', '{"payload":"",'))],
      ['ENVELOPE_MALFORMED', withJson(envelope, (json) => ({ ...json, extra: 1 }))],
      ['ENVELOPE_MALFORMED', withJson(envelope, ({ payload, payloadType }) => ({ payload, payloadType }))],
      ['ENVELOPE_MALFORMED', withJson(envelope, (json) => ({ ...json, signatures: [] }))],
      [
        'ENVELOPE_MALFORMED',
        withJson(envelope, ({ payload, payloadType, signatures }) => ({ payloadType, payload, signatures })),
      ],
      ['ENVELOPE_MALFORMED', withJson(envelope, (json) => ({ ...json, payload: `${json.payload}=` }))],
      ['ENVELOPE_TYPE', withJson(envelope, (json) => ({ ...json, payloadType: payloadTypeOf('directive') }))],
      ['SIGNATURE_INVALID', withJson(envelope, (json) => ({ ...json, payload: other }))],
    ];
    for (const [code, changed] of cases) {
      await expectCode(() => openEnvelope(changed, expecting()), EnvelopeError, code);
    }
  });

  test('is refused with set trailing bits in its base64', async () => {
    const envelope = await sealEnvelope(TYPE, Buffer.from('{}'), [an]);
    const changed = withText(envelope, (text) => text.replace('"e30="', '"e31="'));
    expect(Buffer.from('e31=', 'base64').toString()).toBe('{}');
    await expectCode(() => openEnvelope(changed, expecting()), EnvelopeError, 'ENVELOPE_MALFORMED');
  });

  test('is refused when too large, and accepted up to the limit', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an]);
    openEnvelope(envelope, expecting({ maxBytes: envelope.length }));
    await expectCode(
      () => openEnvelope(envelope, expecting({ maxBytes: envelope.length - 1 })),
      EnvelopeError,
      'TOO_LARGE',
    );
    const huge = await sealEnvelope(TYPE, Buffer.alloc(800_000), [an]);
    await expectCode(() => openEnvelope(huge, expecting()), EnvelopeError, 'TOO_LARGE');
    openEnvelope(huge, expecting({ maxBytes: 2_000_000 }));
  });
});

describe('who must sign', () => {
  test('the wrong type of document is refused though its signature is good', async () => {
    const envelope = await sealEnvelope(payloadTypeOf('directive'), PAYLOAD, [an]);
    await expectCode(() => openEnvelope(envelope, expecting()), EnvelopeError, 'ENVELOPE_TYPE');
  });

  test('a signature by a stranger is refused even beside enough good ones', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an, binh, softSigner('p-256')]);
    await expectCode(() => openEnvelope(envelope, expecting()), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('a bad signature is refused even beside enough good ones', async () => {
    const sealed = await sealEnvelope(TYPE, PAYLOAD, [an, binh, chi]);
    const other = await chi.sign(Buffer.from('something else'));
    const { signatures } = JSON.parse(sealed.toString('utf8')) as { signatures: { sig: string }[] };
    const envelope = withText(sealed, (text) =>
      text.replace(signatures[2]?.sig ?? '', other.toString('base64')),
    );
    const error = await expectCode(
      () => openEnvelope(envelope, expecting()),
      EnvelopeError,
      'SIGNATURE_INVALID',
    );
    expect(error.category).toBe('integrity');
  });

  test('signatures swapped between their keys are refused', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an, binh]);
    const swapped = withJson(envelope, (json) => ({
      ...json,
      signatures: json.signatures.map(({ keyid }, i) => ({ keyid, sig: json.signatures[1 - i]!.sig })),
    }));
    await expectCode(() => openEnvelope(swapped, expecting()), EnvelopeError, 'SIGNATURE_INVALID');
  });

  test('the threshold counts distinct keys', async () => {
    const one = await sealEnvelope(TYPE, PAYLOAD, [an]);
    const again = await sealEnvelope(TYPE, PAYLOAD, [an]);
    const twice = withJson(one, (json) => ({
      ...json,
      signatures: [...json.signatures, ...(JSON.parse(again.toString('utf8')) as EnvelopeJson).signatures],
    }));
    const error = await expectCode(
      () => openEnvelope(twice, expecting({ threshold: 2 })),
      EnvelopeError,
      'THRESHOLD_NOT_MET',
    );
    expect(error.params).toEqual({ what: 'grant', got: 1, needed: 2 });
    expect(openEnvelope(twice, expecting()).signedBy).toEqual(['an']);
  });

  test('the threshold counts distinct people, so that two keys of one person are one signature', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an, binh]);
    const oneMan = keys.map((key) => ({ ...key, name: 'an' }));
    expect(openEnvelope(envelope, expecting({ threshold: 2 })).signedBy).toEqual(['an', 'binh']);
    await expectCode(
      () => openEnvelope(envelope, expecting({ threshold: 2, keys: oneMan })),
      EnvelopeError,
      'THRESHOLD_NOT_MET',
    );
  });

  test('one key listed under two names is one signature', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an]);
    const twoNames = [...keys, { name: 'anh', spki: an.spki }];
    await expectCode(
      () => openEnvelope(envelope, expecting({ threshold: 2, keys: twoNames })),
      EnvelopeError,
      'THRESHOLD_NOT_MET',
    );
  });

  test('a threshold that is no number is never met', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [an]);
    await expectCode(
      () => openEnvelope(envelope, expecting({ threshold: Number.NaN })),
      EnvelopeError,
      'THRESHOLD_NOT_MET',
    );
  });

  test('a key for which an algorithm was chosen signs with that one alone', async () => {
    const signer = softSigner('rsa-2048', 'rsa-pss-sha256');
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [signer]);
    const key = { name: 'ca', spki: signer.spki };
    const open = (signatureAlgorithm?: SignatureAlgorithm) =>
      openEnvelope(
        envelope,
        expecting({ keys: [{ ...key, ...(signatureAlgorithm && { signatureAlgorithm }) }] }),
      );
    expect(open('rsa-pss-sha256').signedBy).toEqual(['ca']);
    for (const other of [undefined, 'rsa-sha256', 'rsa-pss-sha384'] as const) {
      await expectCode(() => open(other), EnvelopeError, 'SIGNATURE_INVALID');
    }
    await expectCode(() => open('ecdsa-sha256'), EnvelopeError, 'KEY_UNUSABLE');
  });

  test('a key of another type, damaged, or with bytes after it is not used', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const unusable = [
      publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from('no key'),
      Buffer.concat([an.spki, Buffer.of(0)]),
    ];
    for (const spki of unusable) {
      const sealed = await sealEnvelope(TYPE, PAYLOAD, [an]);
      const envelope = withText(sealed, (text) => text.replace(keyId(an.spki), keyId(spki)));
      await expectCode(
        () => openEnvelope(envelope, expecting({ keys: [{ name: 'an', spki }] })),
        EnvelopeError,
        'KEY_UNUSABLE',
      );
    }
  });
});

describe('signing', () => {
  test('signatures added one after another make the same envelope as sealing at once', async () => {
    const one = await sealEnvelope(TYPE, PAYLOAD, [binh]);
    const two = await addSignature(one, an);
    await expectCode(
      () => openEnvelope(one, expecting({ threshold: 2 })),
      EnvelopeError,
      'THRESHOLD_NOT_MET',
    );
    expect(openEnvelope(two, expecting({ threshold: 2 })).signedBy).toEqual(['binh', 'an']);
    expect(readUnverified(two, TYPE, 'grant').keyIds).toEqual([keyId(binh.spki), keyId(an.spki)]);
  });

  test('one key signs once', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [binh, an]);
    await expectCode(addSignature(envelope, an), EnvelopeError, 'ALREADY_SIGNED');
    await expectCode(sealEnvelope(TYPE, PAYLOAD, [an, an]), EnvelopeError, 'ALREADY_SIGNED');
  });

  test('1 to 16 signatures, in writing and in reading', async () => {
    const many = Array.from({ length: 17 }, () => softSigner('p-256'));
    const sixteen = await sealEnvelope(TYPE, PAYLOAD, many.slice(0, 16));
    const known = many.map((signer, i) => ({ name: `k${i}`, spki: signer.spki }));
    expect(openEnvelope(sixteen, expecting({ keys: known, threshold: 16 })).signedBy).toHaveLength(16);
    await expectCode(addSignature(sixteen, many[16]!), EnvelopeError, 'ENVELOPE_MALFORMED');
    await expectCode(sealEnvelope(TYPE, PAYLOAD, many), EnvelopeError, 'ENVELOPE_MALFORMED');
    await expectCode(sealEnvelope(TYPE, PAYLOAD, []), EnvelopeError, 'ENVELOPE_MALFORMED');
    const seventeen = withJson(sixteen, (json) => ({
      ...json,
      signatures: [...json.signatures, json.signatures[0]],
    }));
    await expectCode(
      () => openEnvelope(seventeen, expecting({ keys: known })),
      EnvelopeError,
      'ENVELOPE_MALFORMED',
    );
  });

  test('nothing is added to what is no envelope', async () => {
    await expectCode(addSignature(Buffer.from('{}'), an), EnvelopeError, 'ENVELOPE_MALFORMED');
  });
});

describe('reading without verifying', () => {
  test('needs the type and the form, but no key', async () => {
    const envelope = await sealEnvelope(TYPE, PAYLOAD, [softSigner('p-256')]);
    expect(readUnverified(envelope, TYPE, 'application').payload).toEqual(PAYLOAD);
    await expectCode(
      () => readUnverified(envelope, payloadTypeOf('application'), 'application'),
      EnvelopeError,
      'ENVELOPE_TYPE',
    );
    await expectCode(
      () => readUnverified(Buffer.concat([envelope, Buffer.from(' ')]), TYPE, 'application'),
      EnvelopeError,
      'ENVELOPE_MALFORMED',
    );
  });
});
