/** Text forms at the borders: each has one spelling, and canonical JSON leaves no room for two readings. */
import fc from 'fast-check';
import { z } from 'zod';
import {
  base64Schema,
  decodeBase64,
  instantSchema,
  nameSchema,
  parseCanonicalJson,
  schemaIssues,
  serialNumberSchema,
  sha256HexSchema,
} from '../src/encoding';

const accepts = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;
const parse = (text: string): unknown => parseCanonicalJson(Buffer.from(text, 'utf8'));

describe('base64', () => {
  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(decodeBase64(text)).toEqual(Buffer.from(bytes));
        expect(accepts(base64Schema, text)).toBe(true);
      }),
    );
  });

  test.each(['AA', 'AA=', 'AB==', 'AA==\n', ' AA==', 'A A=', '-_-_', 'AA==AA==', 'AAA=A', 'é', '=', '===='])(
    'another spelling: %j',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
      expect(accepts(base64Schema, text)).toBe(false);
    },
  );

  test('no text', () => {
    expect(accepts(base64Schema, 7)).toBe(false);
  });
});

describe('instants', () => {
  test('any moment of the years 0 to 9999 comes back, and sorts as text', () => {
    const moments = fc.date({
      min: new Date('0000-01-01T00:00:00.000Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, moments, (one, other) => {
        expect(accepts(instantSchema, one.toISOString())).toBe(true);
        expect(one.toISOString() < other.toISOString()).toBe(one < other);
      }),
    );
  });

  test.each([
    '2026-03-02T03:00:00Z',
    '2026-03-02T03:00:00.00Z',
    '2026-03-02T03:00:00.0000Z',
    '2026-03-02T03:00:00.000',
    '2026-03-02T03:00:00.000z',
    '2026-03-02t03:00:00.000Z',
    '2026-03-02 03:00:00.000Z',
    '2026-03-02T10:00:00.000+07:00',
    '2026-03-02',
    '2026-02-29T00:00:00.000Z',
    '2026-03-02T24:00:00.000Z',
    '2026-03-02T23:59:60.000Z',
    '+010000-01-01T00:00:00.000Z',
    '+002026-03-02T03:00:00.000Z',
    '-000001-01-01T00:00:00.000Z',
    '2026-03-02T03:00:00.000Z ',
    'now',
    '',
  ])('no instant: %j', (text) => {
    expect(accepts(instantSchema, text)).toBe(false);
  });
});

test.each([
  ['a'.repeat(64), true],
  ['0123456789abcdef'.repeat(4), true],
  ['A'.repeat(64), false],
  ['a'.repeat(63), false],
  ['a'.repeat(65), false],
  [`${'a'.repeat(64)}\n`, false],
  ['g'.repeat(64), false],
])('SHA-256 in hex: %j is %s', (text, valid) => {
  expect(accepts(sha256HexSchema, text)).toBe(valid);
});

test.each([
  [`01${'0'.repeat(30)}`, true],
  [`7f${'f'.repeat(30)}`, true],
  [`0a${'b'.repeat(30)}`, true],
  [`00${'b'.repeat(30)}`, false],
  [`80${'0'.repeat(30)}`, false],
  [`7F${'0'.repeat(30)}`, false],
  ['01'.repeat(15), false],
  ['01'.repeat(17), false],
  [`${'01'.repeat(16)}\n`, false],
])('serial number: %j is %s', (text, valid) => {
  expect(accepts(serialNumberSchema, text)).toBe(valid);
});

test.each([
  ['a', true],
  ['0-a', true],
  ['lam-dong', true],
  ['a'.repeat(40), true],
  ['a'.repeat(41), false],
  ['', false],
  ['-a', false],
  ['A', false],
  ['a_b', false],
  ['a.b', false],
  ['a/b', false],
  ['lâm', false],
  ['a\n', false],
  ['__proto__', false],
])('name: %j is %s', (text, valid) => {
  expect(accepts(nameSchema, text)).toBe(valid);
});

describe('canonical JSON', () => {
  /** Every value JSON has, without what must be refused: half surrogates and members named __proto__. */
  const text = fc.string({ unit: 'binary' });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0)),
      text,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  }));

  test('whatever JSON.stringify writes is read as it was', () => {
    fc.assert(
      fc.property(value, (one) => {
        const written = JSON.stringify(one);
        expect(JSON.stringify(parse(written))).toBe(written);
      }),
      { numRuns: 300 },
    );
  });

  test('no second text gives the same value', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.constantFrom(' ', '\n', '\t', '\r'), (one, place, blank) => {
        const written = JSON.stringify(one);
        const at = place % (written.length + 1);
        // By way of bytes: the blank may have come to stand inside a letter.
        const bytes = Buffer.from(written.slice(0, at) + blank + written.slice(at));
        const wider = bytes.toString('utf8');
        const read = parseCanonicalJson(bytes);
        // A blank inside a string makes another value, anywhere else no value at all.
        expect(read === undefined || JSON.stringify(read) === wider).toBe(true);
        expect(read === undefined || wider !== written).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['null', null],
    ['0', 0],
    ['1e+21', 1e21],
    ['0.1', 0.1],
    ['""', ''],
    ['"\\n\\u0001\\\\u"', '\n\u0001\\u'],
    ['"\\\\ud800"', '\\ud800'],
    ['"\\"__proto__\\":"', '"__proto__":'],
    ['["__proto__"]', ['__proto__']],
    ['"\u{1f512}ễ\u2028"', '\u{1f512}ễ\u2028'],
    ['{"b":1,"a":2}', { b: 1, a: 2 }],
    ['{"constructor":1}', { constructor: 1 }],
  ])('%s', (written, expected) => {
    expect(parse(written)).toEqual(expected);
  });

  test.each([
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice, the second escaped', '{"a":1,"\\u0061":1}'],
    ['members of numbers out of order', '{"2":1,"1":1}'],
    ['a blank before', ' 1'],
    ['a line end after', '1\n'],
    ['a blank inside', '{"a": 1}'],
    ['a member __proto__', '{"__proto__":1}'],
    ['a member __proto__ with members', '{"a":1,"__proto__":{"admin":true}}'],
    ['a member __proto__ deep down', '[{"a":{"__proto__":[]}}]'],
    ['a member __proto__, escaped', '{"\\u005f_proto__":1}'],
    ['minus nothing', '-0'],
    ['minus nothing inside', '[-0]'],
    ['a power of ten', '1e3'],
    ['a fraction of nothing', '1.0'],
    ['a plus', '+1'],
    ['a leading zero', '01'],
    ['more than a number can be', '1e400'],
    ['more digits than a number has', '9007199254740993'],
    ['a huge number', '1'.repeat(10_000)],
    ['half a letter', '"\\ud800"'],
    ['the other half', '"\\udc00"'],
    ['the halves in the wrong order', '"\\udc00\\ud800"'],
    ['half a letter after a backslash', '"\\\\\\ud800"'],
    ['half a letter as a name', '{"\\ud83d":1}'],
    ['a letter in two escapes', '"\\ud83d\\ude00"'],
    ['an escape that need not be', '"\\u0041"'],
    ['an escaped slash', '"\\/"'],
    ['an escape in capitals', '"\\u001F"'],
    ['a byte order mark', '\ufeff1'],
    ['a comment', '1//'],
    ['a comma too many', '[1,]'],
    ['a word', 'undefined'],
    ['no number', 'NaN'],
    ['two values', '1 1'],
    ['half a value', '{"a":'],
    ['nothing', ''],
    ['a control character', '"\u0001"'],
  ])('%s is refused', (_, written) => {
    expect(parse(written)).toBeUndefined();
  });

  test.each([
    ['a half letter in UTF-8', 'eda080'],
    ['an overlong quote', 'c0a2'],
    ['a torn letter', 'e1bb'],
    ['no UTF-8', 'ff'],
    ['UTF-16', '31003200'],
  ])('%s is refused', (_, hex) => {
    const bytes = Buffer.concat([Buffer.from('"'), Buffer.from(hex, 'hex'), Buffer.from('"')]);
    expect(parseCanonicalJson(bytes)).toBeUndefined();
  });

  test('nesting of any depth is read or refused, never an exception', () => {
    for (const depth of [100, 10_000, 500_000]) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const whole = `${open.repeat(depth)}1${close.repeat(depth)}`;
        expect(() => parse(whole)).not.toThrow();
        expect(parse(open.repeat(depth))).toBeUndefined();
      }
    }
  });

  test('long runs of backslashes are no burden', () => {
    const start = performance.now();
    const one = '\\'.repeat(200_000);
    expect(parse(JSON.stringify(one))).toBe(one);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('nothing read can reach the prototype of objects', () => {
    for (const text_ of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']) {
      parse(text_);
    }
    expect('polluted' in {}).toBe(false);
  });
});

test('a schema’s refusal is told in one line, five reasons at most', () => {
  const { error } = z.strictObject({ a: z.number(), b: z.strictObject({ c: z.number() }) }).safeParse({
    b: { c: 'x', d: 1 },
  });
  const told = error && schemaIssues(error);
  expect(told).toMatch(/^a: .*; b\.c: .*; b: /);
  const many = z.array(z.number()).safeParse(Array.from({ length: 9 }, () => 'x'));
  expect(many.error && schemaIssues(many.error).split('; ')).toHaveLength(5);
  const whole = z.number().safeParse('x');
  expect(whole.error && schemaIssues(whole.error)).toMatch(/^value: /);
});
