/** Phrases that errors quote: each one in the sources has its Vietnamese. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Asn1Error } from '../../src/asn1/errors';
import { failureText } from '../../src/cli/failure';
import { schemaIssues } from '../../src/encoding';
import { inVietnamese } from '../../src/i18n';
import { rootcaOversightTexts } from '../../src/i18n/messages/rootcaOversight';
import type { StoredJournal } from '../../src/ledger';
import { forkOf } from '../../src/root/findings';

const SOURCES = join(__dirname, '..', '..', 'src');
/** Where a phrase becomes the reason of an error, or what it is about. */
const QUOTES = [
  /\breason(?:: string)?(?::| =)\s*(['"`])((?:(?!\1).)*)\1/g,
  /\b(?:malformed|differs|damaged)\(\s*(?:[\w.]+,\s*)?(['"`])((?:(?!\1).)*)\1/g,
  /\bsignChecked\([\w.]+, \w+, (['"`])((?:(?!\1).)*)\1[,)]/g,
  /\bread(?:Certificate|Crl)\([^()]*, (['"`])((?:(?!\1).)*)\1\)/g,
];
/** Codes have words of their own in their tables; names stay what they are. */
const NO_PHRASE =
  /^[A-Z_]+$|^certificateHold$|^CRL$|^softhsm2-util|^libsofthsm2|^HTTP|^(party|name)$|^TBSCertificate$|^keys\[|^\$\{check\}/;

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('i18n'))
    .map((name) => join(folder, name));
}

const phrases = [
  ...new Set(
    filesUnder(SOURCES).flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      return QUOTES.flatMap((quote) => [...text.matchAll(quote)].map((found) => found[2] ?? ''));
    }),
  ),
].filter((phrase) => !NO_PHRASE.test(phrase));

test('every phrase in the sources has its Vietnamese', () => {
  expect(phrases.length).toBeGreaterThan(80);
  // A value like no word of either language.
  const filled = phrases.map((phrase) => phrase.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '77'));
  expect(filled.filter((phrase) => inVietnamese(phrase) === phrase)).toEqual([]);
});

/** Lines that say what a schema or a check would allow, and the sentences in them. */
const ALLOWING = /\.(?:regex|refine)\(|^\s+'[^']+',?$|\b(?:allowed: |outside\(|named\()/;
const SENTENCE = /(['`])((?:(?!\1)[^\\])*?[a-z]{2,} [a-z]+(?:(?!\1)[^\\])*)\1/g;
/** Command lines, SQL and the documents' own words. */
const NO_SENTENCE =
  /^(?:subca|rootca|select|insert|delete|update|create|pragma|--)\b|^--|^, |^(?:start|end) of a step$|lease not renewed$/i;

test('what a schema allows is told in Vietnamese too', () => {
  const rooms = /^(?:config|delegation|x509|node|root|sync|hsm|ceremony|backup|proof|db)$/;
  const sentences = filesUnder(SOURCES)
    .filter(
      (file) =>
        rooms.test(file.slice(SOURCES.length + 1).split('/')[0] ?? '') || /encoding|values/.test(file),
    )
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => ALLOWING.test(line))
    .flatMap((line) => [...line.matchAll(SENTENCE)].map((found) => found[2] ?? ''))
    .filter((sentence) => !NO_SENTENCE.test(sentence));
  expect(sentences.length).toBeGreaterThan(40);
  const filled = sentences.map((sentence) => sentence.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '77'));
  expect(filled.filter((sentence) => inVietnamese(sentence) === sentence)).toEqual([]);
});

test('a file of another kind is called so, not by all that it lacks', () => {
  const refused = z.strictObject({ type: z.literal('subca-reply'), part: z.string(), size: z.int() });
  const reasonFor = (value: unknown): string =>
    schemaIssues(refused.safeParse(value).error ?? new z.ZodError([]));
  expect(inVietnamese(reasonFor({ type: 'subca-submission' }))).toBe('là tệp loại khác');
  expect(inVietnamese(reasonFor({ type: 'subca-reply', size: 'x' }))).toBe(
    'part: còn thiếu; size: phải là số',
  );
});

test('values stay what they are, and phrases in their places are put into Vietnamese too', () => {
  expect(inVietnamese('entry 12 is missing')).toBe('thiếu mục 12');
  expect(inVietnamese('sub-CA certificate, validity')).toBe('chứng thư CA cấp dưới, thời hạn');
  expect(inVietnamese('SỞ NỘI VỤ')).toBe('SỞ NỘI VỤ');
  expect(inVietnamese(`row ${'9'.repeat(1000)}`)).toHaveLength(1004);
});

test.each([
  ['0a1b: none', '0a1b: không có'],
  ['0a1b: revoked (superseded)', '0a1b: đã thu hồi (superseded)'],
  ['issued, suspended', 'có hiệu lực, tạm dừng'],
  ['revoked (keyCompromise) by now', 'đã bị thu hồi (keyCompromise) từ trước'],
  ['applied, impossible', 'đã thực hiện, không còn gì để thực hiện'],
  ['withdrawn by directive 2', 'đã thu hồi ủy quyền theo chỉ thị 2'],
])('what a finding says of a status or an order is Vietnamese: %s', (found, vi) => {
  expect(inVietnamese(found)).toBe(vi);
});

test('what a fork is told with is Vietnamese, in the table of findings and after an import', () => {
  const journal = { state: { size: 7 }, rootHash: Buffer.alloc(32, 0xab) } as StoredJournal;
  const head = { note: '', origin: 'registry.test/15-1/e1', size: 5, rootHash: Buffer.alloc(32, 0xcd) };
  const { where, found, allowed } = forkOf(journal, head).problem;
  expect([where, found, allowed].map(inVietnamese)).toEqual([
    'đầu nhật ký gồm 5 mục',
    'cd'.repeat(32),
    `nối tiếp 7 mục, giá trị băm gốc ${'ab'.repeat(32)}`,
  ]);
  const reason = "the signed head of 5 entries contradicts the root's";
  expect(rootcaOversightTexts.importProblem.vi({ reason, file: '15-1.reply' })).toBe(
    'Không chấp nhận: đầu nhật ký 5 mục đã ký trái với bản CA gốc giữ. Tệp trả lời 15-1.reply sẽ báo cho nút.',
  );
});

test('a Vietnamese error quotes Vietnamese, an English one what it was given', () => {
  const error = new Asn1Error('NOT_DER', { what: 'root CRL', reason: 'nested deeper than 32' });
  expect(failureText(error, 'vi')).toContain('CRL của CA gốc không phải DER hợp lệ: lồng sâu quá 32 mức.');
  expect(failureText(error, 'en')).toContain('root CRL is not valid DER: nested deeper than 32.');
  expect(error.params).toEqual({ what: 'root CRL', reason: 'nested deeper than 32' });
});
