/** Signed notes: what is accepted, and that no byte can be other than it should. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvelopeError, openNote, signNote, type VerificationKey } from '../../src/envelope';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const TEXT = 'nhật ký\n\n42\n';
const ecdsa = softSigner('p-256');
const rsa = softSigner('rsa-2048');
const ecdsaKey: VerificationKey = { name: 'registry.example/a/e1', spki: ecdsa.spki };
const rsaKey: VerificationKey = { name: 'registry.example/b', spki: rsa.spki };
const keys = [ecdsaKey, rsaKey];

/** One note with the signature lines of several. */
function joined(...notes: readonly string[]): string {
  return TEXT + '\n' + notes.map((note) => note.slice(TEXT.length + 1)).join('');
}

async function signedByBoth(): Promise<string> {
  const first = await signNote(TEXT, { name: ecdsaKey.name, signer: ecdsa });
  return joined(first, await signNote(TEXT, { name: rsaKey.name, signer: rsa }));
}

describe('a good note', () => {
  test('opens to its text, as a string or as bytes, blank lines inside it or not', async () => {
    for (const text of [TEXT, 'a\n', 'a\n\n', '\n']) {
      const note = await signNote(text, { name: ecdsaKey.name, signer: ecdsa });
      expect(openNote(note, keys)).toBe(text);
      expect(openNote(Buffer.from(note), keys)).toBe(text);
    }
    expect(openNote(await signedByBoth(), keys)).toBe(TEXT);
  });

  test('has the form of C2SP: em dash, name, and base64 of key id and signature', async () => {
    for (const [key, signer] of [[ecdsaKey, ecdsa] as const, [rsaKey, rsa] as const]) {
      const note = await signNote(TEXT, { name: key.name, signer });
      expect(note.startsWith(`${TEXT}\n\u2014 ${key.name} `)).toBe(true);
      const octets = Buffer.from(note.trimEnd().split(' ').at(-1)!, 'base64');
      expect(octets.subarray(0, 4)).toEqual(createHash('sha256').update(key.spki).digest().subarray(0, 4));
    }
  });

  test('carries a signature OpenSSL verifies over the text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'note-'));
    try {
      const at = (name: string) => join(folder, name);
      for (const signer of [ecdsa, rsa]) {
        const note = await signNote(TEXT, { name: 'n', signer });
        writeFileSync(at('text'), TEXT);
        writeFileSync(at('key'), signer.publicKeyPem);
        writeFileSync(at('sig'), Buffer.from(note.trimEnd().split(' ').at(-1)!, 'base64').subarray(4));
        const args = ['dgst', '-sha256', '-verify', at('key'), '-signature', at('sig'), at('text')];
        expect(execFileSync('openssl', args).toString()).toContain('Verified OK');
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a changed note', () => {
  test('is refused whichever bit of whichever byte was changed', async () => {
    const note = Buffer.from(await signedByBoth());
    const accepted: string[] = [];
    for (let at = 0; at < note.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(note);
        changed[at] = changed[at]! ^ (1 << bit);
        try {
          openNote(changed, keys);
          accepted.push(`byte ${at}, bit ${bit}`);
        } catch (error) {
          if (!(error instanceof EnvelopeError)) throw error;
        }
      }
    }
    expect(accepted).toEqual([]);
  });

  test('is refused when shortened or lengthened', async () => {
    const note = Buffer.from(await signNote(TEXT, { name: ecdsaKey.name, signer: ecdsa }));
    for (let at = 0; at <= note.length; at += 1) {
      expect(() => openNote(note.subarray(0, at - 1), keys)).toThrow(EnvelopeError);
      for (const inserted of ['\n', ' ', 'A']) {
        const longer = Buffer.concat([note.subarray(0, at), Buffer.from(inserted), note.subarray(at)]);
        expect(() => openNote(longer, keys)).toThrow(EnvelopeError);
      }
    }
  });

  test('says what is wrong', async () => {
    const note = await signNote(TEXT, { name: ecdsaKey.name, signer: ecdsa });
    const line = note.slice(TEXT.length + 1);
    const cases: [string, string | Buffer][] = [
      ['NOTE_MALFORMED', ''],
      ['NOTE_MALFORMED', TEXT],
      ['NOTE_MALFORMED', 'a\n\n'],
      ['NOTE_MALFORMED', note.slice(0, -1)],
      ['NOTE_MALFORMED', note.replace('42', '4\t2')],
      ['NOTE_MALFORMED', note.replace('42', '4\u007f2')],
      ['NOTE_MALFORMED', note.replaceAll('\n', '\r\n')],
      ['NOTE_MALFORMED', Buffer.from(note, 'latin1')],
      ['NOTE_MALFORMED', note.replace('\u2014', '-')],
      ['NOTE_MALFORMED', `${note}\u2014 name AAAA\n`],
      ['NOTE_MALFORMED', `${note}\u2014 na+me AAAAAAAA\n`],
      ['NOTE_MALFORMED', note + line],
      ['NOTE_MALFORMED', note + line.repeat(16)],
      ['SIGNER_UNKNOWN', `${note}\u2014 name AAAAAAAA\n`],
      ['SIGNER_UNKNOWN', note.replace(ecdsaKey.name, rsaKey.name)],
      ['SIGNATURE_INVALID', note.replace('42', '43')],
      ['TOO_LARGE', 'a'.repeat(65_537)],
    ];
    for (const [code, changed] of cases) {
      expect(changed).not.toBe(note);
      await expectCode(() => openNote(changed, keys), EnvelopeError, code);
    }
  });
});

test('bytes that are no UTF-8 are refused even where decoding would replace them by what was signed', async () => {
  const note = Buffer.from(await signNote('a\ufffdb\n', { name: ecdsaKey.name, signer: ecdsa }));
  expect(openNote(note, keys)).toBe('a\ufffdb\n');
  const changed = Buffer.concat([Buffer.of(0x61, 0xff), note.subarray(4)]);
  expect(changed.toString('utf8')).toBe(note.toString('utf8'));
  await expectCode(() => openNote(changed, keys), EnvelopeError, 'NOTE_MALFORMED');
});

describe('whose signatures count', () => {
  test('a line of an unknown key is refused even beside a good one', async () => {
    const note = await signedByBoth();
    expect(openNote(note, keys)).toBe(TEXT);
    await expectCode(() => openNote(note, [ecdsaKey]), EnvelopeError, 'SIGNER_UNKNOWN');
    await expectCode(() => openNote(note, []), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('a known name with another key is unknown', async () => {
    const note = await signNote(TEXT, { name: ecdsaKey.name, signer: softSigner('p-256') });
    await expectCode(() => openNote(note, keys), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('two valid lines of one key are refused', async () => {
    const signer = { name: ecdsaKey.name, signer: ecdsa };
    const twice = joined(await signNote(TEXT, signer), await signNote(TEXT, signer));
    await expectCode(() => openNote(twice, keys), EnvelopeError, 'NOTE_MALFORMED');
  });

  test('16 signatures are accepted, 17 are not', async () => {
    const signers = Array.from({ length: 17 }, (_, i) => ({ name: `k${i}`, signer: softSigner('p-256') }));
    const known = signers.map(({ name, signer }) => ({ name, spki: signer.spki }));
    const notes = await Promise.all(signers.map((signer) => signNote(TEXT, signer)));
    expect(openNote(joined(...notes.slice(0, 16)), known)).toBe(TEXT);
    await expectCode(() => openNote(joined(...notes), known), EnvelopeError, 'NOTE_MALFORMED');
  });
});

describe('what is not signed', () => {
  test.each([
    ['no final newline', 'a'],
    ['nothing', ''],
    ['a carriage return', 'a\r\n'],
    ['half a surrogate pair', 'a\ud800\n'],
  ])('a text with %s', async (_, text) => {
    await expectCode(signNote(text, { name: 'n', signer: ecdsa }), EnvelopeError, 'NOTE_MALFORMED');
  });

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\nb', 'a\u0085', 'a'.repeat(256)])(
    'with the name %j',
    async (name) => {
      await expectCode(signNote(TEXT, { name, signer: ecdsa }), EnvelopeError, 'NOTE_MALFORMED');
    },
  );

  test('a note past 64 KiB', async () => {
    const signer = { name: 'n', signer: ecdsa };
    await expectCode(signNote(`${'a'.repeat(65_536)}\n`, signer), EnvelopeError, 'TOO_LARGE');
  });
});
