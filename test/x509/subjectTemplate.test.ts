/** Subject templates: the short form people write, what a name must be to fit, and what is filled in. */
import fc from 'fast-check';
import {
  CHARACTER_SETS,
  fillSubject,
  matchSubject,
  subjectTemplateSchema,
  type Name,
  type NameAttribute,
  type SubjectTemplate,
} from '../../src/x509';

const template: SubjectTemplate = subjectTemplateSchema.parse([
  { type: 'C', value: 'VN' },
  { type: 'L', values: ['Hà Nội', 'Huế'] },
  { type: 'O', required: true },
  { type: 'OU', required: false, max: 2 },
  { type: 'CN' },
]);

const good: Name = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Hà Nội' },
  { type: 'O', value: 'BỘ TÀI CHÍNH' },
  { type: 'OU', value: 'CỤC THUẾ' },
  { type: 'OU', value: 'Phòng 1' },
  { type: 'CN', value: 'Lê Lợi' },
];

const problems = (name: Name): readonly string[] =>
  matchSubject(template, name).map(({ code, where }) => `${code} ${where}`);
const withoutType = (type: string): Name => good.filter((attribute) => attribute.type !== type);
const withValue = (type: string, value: string): Name =>
  good.map((attribute) => (attribute.type === type ? { ...attribute, value } : attribute));

describe('subjectTemplateSchema', () => {
  it('turns the short form into numbers', () => {
    expect(template).toEqual([
      { type: 'C', values: ['VN'], min: 1, max: 1 },
      { type: 'L', values: ['Hà Nội', 'Huế'], min: 1, max: 1 },
      { type: 'O', min: 1, max: 1 },
      { type: 'OU', min: 0, max: 2 },
      { type: 'CN', min: 1, max: 1 },
    ]);
  });

  it('reads back what it gave, and composes letters', () => {
    expect(subjectTemplateSchema.parse(JSON.parse(JSON.stringify(template)))).toEqual(template);
    expect(subjectTemplateSchema.parse([{ type: 'L', value: 'Huế'.normalize('NFD') }])).toEqual([
      { type: 'L', values: ['Huế'], min: 1, max: 1 },
    ]);
    expect(subjectTemplateSchema.parse([{ type: 'OU', min: 3 }])).toEqual([{ type: 'OU', min: 3, max: 3 }]);
  });

  it.each([
    ['no place', []],
    ['an unknown type', [{ type: 'DC' }]],
    ['an unknown key', [{ type: 'O', optional: true }]],
    ['a type twice', [{ type: 'OU' }, { type: 'OU' }]],
    ['value and values', [{ type: 'O', value: 'a', values: ['b'] }]],
    ['no values', [{ type: 'O', values: [] }]],
    ['a value no certificate may hold', [{ type: 'O', value: 'a\u202eb' }]],
    ['one such among values', [{ type: 'C', values: ['VN', 'vn'] }]],
    ['required and min', [{ type: 'O', required: true, min: 1 }]],
    ['min above max', [{ type: 'O', min: 3, max: 2 }]],
    ['max of none', [{ type: 'O', max: 0 }]],
    ['max of many', [{ type: 'O', max: 11 }]],
    ['half an attribute', [{ type: 'O', max: 1.5 }]],
  ])('refuses %s', (_, value) => {
    expect(subjectTemplateSchema.safeParse(value).success).toBe(false);
  });
});

describe('matchSubject', () => {
  it('lets a name through that fits, with or without what is optional', () => {
    expect(problems(good)).toEqual([]);
    expect(problems(withoutType('OU'))).toEqual([]);
    expect(problems(withValue('L', 'Huế'))).toEqual([]);
  });

  it.each([
    ['a missing attribute', withoutType('O'), ['MISSING subject.O']],
    [
      'an empty name',
      [],
      ['MISSING subject.C', 'MISSING subject.L', 'MISSING subject.O', 'MISSING subject.CN'],
    ],
    ['a value other than the fixed one', withValue('C', 'LA'), ['BAD_VALUE subject.C']],
    ['a fixed value in another case', withValue('L', 'HUẾ'), ['BAD_VALUE subject.L']],
    [
      'a fixed value in letters and marks apart',
      withValue('L', 'Huế'.normalize('NFD')),
      ['BAD_VALUE subject.L'],
    ],
    ['a fixed value in full-width letters', withValue('L', 'Ｈuế'), ['BAD_VALUE subject.L']],
    ['a value not in the list', withValue('L', 'Đà Nẵng'), ['BAD_VALUE subject.L']],
    ['a lookalike of a fixed value', withValue('L', 'Нuế'), ['BAD_VALUE subject.L', 'BAD_VALUE subject.L']],
    ['an attribute without a place', [...good, { type: 'T', value: 'x' }], ['BAD_VALUE subject.T']],
    ['too many', [...good, { type: 'CN', value: 'x' }], ['BAD_VALUE subject.CN']],
    ['another order', [...good.slice(1), ...good.slice(0, 1)], ['BAD_VALUE subject']],
    ['attributes of one type apart', [...good.slice(0, 4), good[5]!, good[4]!], ['BAD_VALUE subject']],
    ['a value no certificate may hold', withValue('CN', 'Lê  Lợi'), ['BAD_VALUE subject.CN']],
  ] as const)('catches %s', (_, name, expected) => {
    expect(problems(name)).toEqual(expected);
  });

  it('tells what was found and what is allowed', () => {
    expect(matchSubject(template, withValue('L', 'Đà Nẵng'), 'issuer')).toEqual([
      { code: 'BAD_VALUE', where: 'issuer.L', found: 'Đà Nẵng', allowed: 'Hà Nội | Huế' },
    ]);
    expect(matchSubject(template, withoutType('C'))).toEqual([
      { code: 'MISSING', where: 'subject.C', found: '0 ×', allowed: '1 × | VN' },
    ]);
  });
});

describe('fillSubject', () => {
  it('orders what is given and fills in the one fixed value', () => {
    const given = [...good].reverse().filter(({ type }) => type !== 'C');
    const filled = fillSubject(template, given);
    expect(problems(filled)).toEqual([]);
    // Attributes of one type keep the order in which they were given.
    expect(filled.map(({ value }) => value)).toEqual([
      'VN',
      'Hà Nội',
      'BỘ TÀI CHÍNH',
      'Phòng 1',
      'CỤC THUẾ',
      'Lê Lợi',
    ]);
  });

  it('spells fixed values as the template does, and composes others', () => {
    const given: Name = [
      { type: 'L', value: ' HÀ  NỘI' },
      { type: 'CN', value: 'Lê'.normalize('NFD') },
    ];
    expect(fillSubject(template, given)).toEqual([
      { type: 'C', value: 'VN' },
      { type: 'L', value: 'Hà Nội' },
      { type: 'CN', value: 'Lê' },
    ]);
  });

  it('hides nothing: what does not fit stays and is found by matchSubject', () => {
    const given: Name = [
      { type: 'C', value: 'LA' },
      { type: 'T', value: 'x' },
    ];
    expect(fillSubject(template, given)).toEqual(given);
    expect(problems(fillSubject(template, given))).toContain('BAD_VALUE subject.C');
  });

  it('leaves alone optional fixed values, and places with several', () => {
    const optional = subjectTemplateSchema.parse([
      { type: 'C', value: 'VN', required: false },
      { type: 'L', values: ['Hà Nội', 'Huế'] },
    ]);
    expect(fillSubject(optional, [])).toEqual([]);
  });

  it('loses and invents nothing but fixed values, and is done after once', () => {
    const attributes = fc.array(
      fc.record({
        type: fc.constantFrom('C', 'L', 'O', 'OU', 'CN', 'T'),
        value: fc.constantFrom('VN', 'Huế', 'a', 'b'),
      }) satisfies fc.Arbitrary<NameAttribute>,
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(attributes, (given) => {
        const once = fillSubject(template, given);
        expect(fillSubject(template, once)).toEqual(once);
        for (const attribute of given) expect(once).toContainEqual(attribute);
        const added = once.length - given.length;
        expect(added).toBe(given.some(({ type }) => type === 'C') ? 0 : 1);
        expect(matchSubject(template, once).filter(({ where }) => where === 'subject')).toEqual([]);
      }),
    );
  });
});

describe('rules on values', () => {
  const place = (rules: object): SubjectTemplate => subjectTemplateSchema.parse([{ type: 'CN', ...rules }]);
  const found = (rules: object, value: string): readonly (readonly string[])[] =>
    matchSubject(place(rules), [{ type: 'CN', value }]).map(({ where, found: what, allowed }) => [
      where,
      what,
      allowed,
    ]);

  it('count characters, not octets', () => {
    const rules = { minLength: 3, maxLength: 5 };
    for (const value of ['Đức', 'Đứcđứ']) expect(found(rules, value)).toEqual([]);
    expect(found(rules, 'Đỗ')).toEqual([['subject.CN', '2', 'length 3–5']]);
    expect(found(rules, 'Đứcđức')).toEqual([['subject.CN', '6', 'length 3–5']]);
    expect(found({ minLength: 3 }, 'Đỗ')).toEqual([['subject.CN', '2', 'length ≥ 3']]);
  });

  it.each([
    ['vietnamese-name', ['Nguyễn Thị Ánh', "H'Hen Niê", 'Y-Blốc Êban', 'Giàng A Páo'], ['An 2', 'An_An']],
    ['vietnamese-text', ['Phòng 1 (TC/KH)', 'Sở Văn hóa, Thể thao & Du lịch'], ['a@b', 'a|b', '<b>']],
    ['digits', ['0', '012345678901'], ['1a', '1 2', '-1']],
    ['official-code', ['H15.1.2', '000.00.15.H15', 'QT-12/3'], ['h15', 'H15.', '.H15', 'H15..2', 'H 15']],
    ['host-name', ['ca.laocai.gov.vn', 'a'], ['*.a.vn', 'a..b', 'a b', 'ca.làocai.vn']],
    ['e-mail', ['an@laocai.gov.vn'], ['an', 'an@', 'an@x']],
  ] as const)('%s', (characters, inside, outside) => {
    for (const value of inside) expect(found({ characters }, value)).toEqual([]);
    for (const value of outside) {
      expect(found({ characters }, value)).toContainEqual([
        'subject.CN',
        value,
        expect.stringMatching(`^${characters}: `),
      ]);
    }
  });

  it('take no longer for a long hostile value', () => {
    const began = performance.now();
    for (const characters of CHARACTER_SETS) {
      for (const one of ['A', 'A.', 'a@', '-', ' ', "'"]) {
        matchSubject(place({ characters }), [{ type: 'CN', value: `${one.repeat(50_000)}\u0001` }]);
      }
    }
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each([
    ['more than the most', { minLength: 5, maxLength: 4 }],
    ['no character at all', { minLength: 0 }],
    ['a pattern', { characters: '(a+)+$' }],
    ['a fixed value that is too long', { value: 'abc', maxLength: 2 }],
    ['a fixed value of other characters', { values: ['12', '1a'], characters: 'digits' }],
  ])('are not %s', (_, rules) => {
    expect(subjectTemplateSchema.safeParse([{ type: 'CN', ...rules }]).success).toBe(false);
  });

  it('read back as they were', () => {
    const rules = { minLength: 2, maxLength: 9, characters: 'official-code' };
    expect(place(rules)).toEqual([{ type: 'CN', min: 1, max: 1, ...rules }]);
    expect(subjectTemplateSchema.parse(JSON.parse(JSON.stringify(place(rules))))).toEqual(place(rules));
  });
});
