/** Checkpoints and origins: one spelling each, signed under the journal's own name. */
import fc from 'fast-check';
import { EnvelopeError, signNote } from '../../src/envelope';
import {
  formatCheckpoint,
  openCheckpoint,
  originOf,
  parseCheckpoint,
  parseOrigin,
  signCheckpoint,
  type Checkpoint,
} from '../../src/journal/checkpoint';
import { JournalError } from '../../src/journal/errors';
import { emptyRoot, leafHash, MAX_TREE_SIZE } from '../../src/journal/merkle';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const ORIGIN = 'registry.ca.gov.vn/yen-bai-01/e1';
const ROOT = leafHash(Buffer.from('x'));
const checkpoint: Checkpoint = { origin: ORIGIN, size: 20_852_163, rootHash: ROOT };
const TEXT = `${ORIGIN}\n20852163\n${ROOT.toString('base64')}\n`;

describe('origins', () => {
  test('name registry, node and epoch, and come back', () => {
    const origin = { registry: 'registry.ca.gov.vn', node: 'yen-bai-01', epoch: 1 };
    expect(originOf(origin)).toBe(ORIGIN);
    expect(parseOrigin(ORIGIN)).toEqual(origin);
    expect(parseOrigin('r/n/e127')).toEqual({ registry: 'r', node: 'n', epoch: 127 });
  });

  test.each([
    '',
    'r/n',
    'r/n/1',
    'r/n/e0',
    'r/n/e01',
    'r/n/e128',
    'r/n/e1/',
    'r/n/e1\n',
    'r/n.n/e1',
    'r/../e1',
    '/n/e1',
    'r//e1',
    'R/n/e1',
    'r/n o/e1',
    'r/tỉnh/e1',
    `r/${'n'.repeat(41)}/e1`,
  ])('%j is refused', async (origin) => {
    await expectCode(() => parseOrigin(origin), JournalError, 'ORIGIN_MALFORMED');
  });

  test('nothing is made that could not be read', async () => {
    for (const origin of [
      { registry: 'r', node: 'n/m', epoch: 1 },
      { registry: 'r', node: 'n', epoch: 0 },
      { registry: 'r', node: 'n', epoch: 128 },
      { registry: 'r', node: 'n', epoch: 1.5 },
      { registry: 'r\nr', node: 'n', epoch: 1 },
    ]) {
      await expectCode(() => originOf(origin), JournalError, 'ORIGIN_MALFORMED');
    }
  });
});

describe('the text', () => {
  test('is three lines', () => {
    expect(formatCheckpoint(checkpoint)).toBe(TEXT);
    expect(parseCheckpoint(TEXT)).toEqual(checkpoint);
  });

  test('comes back for any size and hash', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_TREE_SIZE }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (size, bytes) => {
          const any = { origin: ORIGIN, size, rootHash: Buffer.from(bytes) };
          expect(parseCheckpoint(formatCheckpoint(any))).toEqual(any);
        },
      ),
    );
  });

  test('of an empty journal has the empty root', async () => {
    const empty = { origin: ORIGIN, size: 0, rootHash: emptyRoot() };
    expect(parseCheckpoint(formatCheckpoint(empty))).toEqual(empty);
    await expectCode(
      () => formatCheckpoint({ ...empty, rootHash: ROOT }),
      JournalError,
      'CHECKPOINT_MALFORMED',
    );
  });

  test.each([
    ['nothing', ''],
    ['a line missing', TEXT.slice(TEXT.indexOf('\n') + 1)],
    ['no final newline', TEXT.slice(0, -1)],
    ['an extension line', `${TEXT}extension\n`],
    ['a blank line after', `${TEXT}\n`],
    ['a leading zero', TEXT.replace('20852163', '020852163')],
    ['a sign', TEXT.replace('20852163', '+20852163')],
    ['an exponent', TEXT.replace('20852163', '1e3')],
    ['no size', TEXT.replace('20852163', '')],
    ['a size past 2^40', TEXT.replace('20852163', String(MAX_TREE_SIZE + 1))],
    ['a size of many digits', TEXT.replace('20852163', '9'.repeat(400))],
    ['a short hash', TEXT.replace(ROOT.toString('base64'), ROOT.subarray(1).toString('base64'))],
    ['base64 without padding', TEXT.replace('=\n', '\n')],
    ['a space', TEXT.replace('20852163', '20852163 ')],
    ['carriage returns', TEXT.replaceAll('\n', '\r\n').replace('\r', '')],
  ])('with %s is refused', async (_, text) => {
    expect(text).not.toBe(TEXT);
    await expectCode(() => parseCheckpoint(text), JournalError, 'CHECKPOINT_MALFORMED');
  });

  test('with a bad origin is refused', async () => {
    const bad = { ...checkpoint, origin: 'somewhere' };
    await expectCode(() => formatCheckpoint(bad), JournalError, 'ORIGIN_MALFORMED');
    await expectCode(
      () => parseCheckpoint(TEXT.replace(ORIGIN, 'somewhere')),
      JournalError,
      'ORIGIN_MALFORMED',
    );
  });

  test.each([-1, 1.5, Number.NaN, 1e21, MAX_TREE_SIZE + 1])('is not made for the size %d', async (size) => {
    await expectCode(() => formatCheckpoint({ ...checkpoint, size }), JournalError, 'CHECKPOINT_MALFORMED');
  });
});

describe('a signed checkpoint', () => {
  const signer = softSigner('rsa-2048');
  const key = { name: ORIGIN, spki: signer.spki };

  test('opens with the key of its journal', async () => {
    const note = await signCheckpoint(checkpoint, { name: ORIGIN, signer });
    expect(note.startsWith(`${TEXT}\n\u2014 ${ORIGIN} `)).toBe(true);
    expect(openCheckpoint(note, key)).toEqual(checkpoint);
    expect(openCheckpoint(Buffer.from(note), key, ORIGIN)).toEqual(checkpoint);
  });

  test('is refused whichever byte was changed', async () => {
    const note = Buffer.from(await signCheckpoint(checkpoint, { name: ORIGIN, signer }));
    for (let at = 0; at < note.length; at += 1) {
      const changed = Buffer.from(note);
      changed[at] = changed[at]! ^ 1;
      expect(() => openCheckpoint(changed, key)).toThrow(EnvelopeError);
    }
  });

  test('of another journal is refused though the signature is good', async () => {
    const other = { ...checkpoint, origin: ORIGIN.replace('e1', 'e2') };
    const note = await signCheckpoint(other, { name: ORIGIN, signer });
    await expectCode(() => openCheckpoint(note, key), JournalError, 'ORIGIN_UNEXPECTED');
    await expectCode(() => openCheckpoint(note, key, ORIGIN), JournalError, 'ORIGIN_UNEXPECTED');
    expect(openCheckpoint(note, key, other.origin)).toEqual(other);
  });

  test('by another key is refused', async () => {
    const note = await signCheckpoint(checkpoint, { name: ORIGIN, signer: softSigner('p-256') });
    await expectCode(() => openCheckpoint(note, key), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('is not made of a bad checkpoint', async () => {
    const bad = { ...checkpoint, size: -1 };
    await expectCode(signCheckpoint(bad, { name: ORIGIN, signer }), JournalError, 'CHECKPOINT_MALFORMED');
  });

  test('is refused when what was signed is no checkpoint', async () => {
    const note = await signNote(`${TEXT}extension\n`, { name: ORIGIN, signer });
    await expectCode(() => openCheckpoint(note, key), JournalError, 'CHECKPOINT_MALFORMED');
  });
});
