/** Serial numbers name their place, and only those of the right form name one. */
import fc from 'fast-check';
import { serialNumberSchema } from '../../src/encoding';
import {
  JournalError,
  MAX_JOURNAL_SIZE,
  placeOfSerialNumber,
  SERIAL_RANDOM_OCTETS,
  serialNumberAt,
} from '../../src/journal';
import { expectCode } from '../support/matchers';

const RANDOM = Buffer.from('00112233445566778899', 'hex');

test.each([
  [1, 0, '010000000000'],
  [1, 2, '010000000002'],
  [127, MAX_JOURNAL_SIZE - 1, '7fffffffffff'],
  [16, 2 ** 32, '100100000000'],
])('epoch %i, index %i', (epoch, index, prefix) => {
  const serialNumber = serialNumberAt({ epoch, index }, RANDOM);
  expect(serialNumber).toBe(prefix + RANDOM.toString('hex'));
  expect(placeOfSerialNumber(serialNumber)).toEqual({ epoch, index });
});

test('every place comes back, in a number of the right form', () => {
  const places = fc.record({
    epoch: fc.integer({ min: 1, max: 127 }),
    index: fc.integer({ min: 0, max: MAX_JOURNAL_SIZE - 1 }),
  });
  const random = fc.uint8Array({ minLength: SERIAL_RANDOM_OCTETS, maxLength: SERIAL_RANDOM_OCTETS });
  fc.assert(
    fc.property(places, random, (place, octets) => {
      const serialNumber = serialNumberAt(place, octets);
      expect(placeOfSerialNumber(serialNumber)).toEqual(place);
      expect(serialNumberSchema.safeParse(serialNumber).success).toBe(true);
    }),
  );
});

test.each([
  [0, 0],
  [128, 0],
  [-1, 0],
  [1.5, 0],
  [Number.NaN, 0],
  [1, -1],
  [1, 0.5],
  [1, MAX_JOURNAL_SIZE],
  [1, Number.NaN],
  [1, Number.POSITIVE_INFINITY],
])('no serial number for epoch %d, index %d', async (epoch, index) => {
  const error = await expectCode(
    () => serialNumberAt({ epoch, index }, RANDOM),
    JournalError,
    'SERIAL_PLACE',
  );
  expect(error.params).toEqual({ epoch, index });
});

test.each([0, 9, 11])('no serial number with %d octets of randomness', async (length) => {
  const place = { epoch: 1, index: 0 };
  await expectCode(() => serialNumberAt(place, Buffer.alloc(length)), JournalError, 'SERIAL_PLACE');
});

test.each([
  '',
  '01',
  `00${'0'.repeat(30)}`,
  `80${'0'.repeat(30)}`,
  `ff${'0'.repeat(30)}`,
  `0A${'0'.repeat(30)}`,
  `01${'0'.repeat(29)}`,
  `01${'0'.repeat(31)}`,
  `01${'0'.repeat(30)}\n`,
  `0x${'1'.repeat(30)}`,
])('%j names no place', (serialNumber) => {
  expect(placeOfSerialNumber(serialNumber)).toBeUndefined();
});
