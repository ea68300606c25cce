/** The printed script: every step in both languages, every page with the hash and its number, every letter printable. */
import { makeScript, planSchema, type PinnedScript } from '../../src/ceremony';
import { scriptMarkdown } from '../../src/ceremony/markdown';
import { paperOf } from '../../src/ceremony/paper';
import { scriptPdf } from '../../src/ceremony/pdf';
import { readYaml } from '../../src/config';
import { pdfText } from './pdfText';
import { NEXT_KEY_PLAN, NODE_PLAN, ROOT_PLAN } from './plans';

const SOFTWARE = { name: 'subca-kit', version: '1.2.3' };
const LANGS = ['vi', 'en'] as const;
/** Every Vietnamese letter with every mark. */
const LETTERS = 'aàáạảãâầấậẩẫăằắặẳẵeèéẹẻẽêềếệểễiìíịỉĩoòóọỏõôồốộổỗơờớợởỡuùúụủũưừứựửữyỳýỵỷỹđ';

function scriptOf(text: string, rehearsal = false): PinnedScript {
  return makeScript(readYaml(text, planSchema, 'plan.yaml'), SOFTWARE, rehearsal);
}

const spaceless = (text: string): string => text.replace(/\s+/g, '');

describe.each([
  ['a node', scriptOf(NODE_PLAN)],
  ['a node’s next CA key', scriptOf(NEXT_KEY_PLAN)],
  ['the root', scriptOf(ROOT_PLAN)],
])('%s', (_, pinned) => {
  const { steps, plan } = pinned.script;

  test.each(LANGS)('Markdown, %s', (lang) => {
    const markdown = scriptMarkdown(paperOf(pinned, lang));
    const plain = markdown.replace(/\\([\\`*_[\]<>|#~!])/g, '$1');
    for (const { number, text, expected, commands } of steps) {
      expect(markdown).toContain(`\n### ${String(number)}.\n`);
      for (const part of [text[lang], expected[lang], ...commands]) expect(plain).toContain(part);
    }
    for (const { name } of plan.people) expect(plain).toContain(name);
    expect(markdown.split(pinned.sha256)).toHaveLength(3);
  });

  test.each(LANGS)('PDF, %s', async (lang) => {
    const pdf = await scriptPdf(paperOf(pinned, lang));
    const pages = pdfText(pdf);
    const whole = spaceless(pages.flat().join(''));
    for (const { text, expected, commands } of steps) {
      for (const part of [text[lang], expected[lang], ...commands]) expect(whole).toContain(spaceless(part));
    }
    for (const { name } of plan.people) expect(whole).toContain(spaceless(name));
    expect(pages.length).toBeGreaterThan(1);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(pinned.sha256);
      const [number, count] = [String(index + 1), String(pages.length)];
      expect(page).toContain(lang === 'vi' ? `trang ${number}/${count}` : `page ${number} of ${count}`);
    }
    expect(whole).not.toContain('\ufffd');
  });
});

test('a script for the next CA key says so, and that the key in use stays', () => {
  const { steps } = scriptOf(NEXT_KEY_PLAN).script;
  expect(steps.flatMap(({ act }) => ('role' in act ? [`${act.kind} ${act.role}`] : []))).toEqual(
    ['generate', 'attributes', 'public-key'].map((kind) => `${kind} ca-e2`),
  );
  const [vi, en] = LANGS.map((lang) => scriptMarkdown(paperOf(scriptOf(NEXT_KEY_PLAN), lang)));
  expect(vi).toContain('mục đích: sinh khóa CA kế tiếp, thế hệ 2, của nút đang hoạt động');
  expect(vi).toContain('khóa mới và khóa nhật ký của nút ký biên bản');
  expect(en).toContain('purpose: the next CA key of a working node, generation 2');
  expect(en).toContain('Nothing is changed at the key in use');
  expect(scriptMarkdown(paperOf(scriptOf(NODE_PLAN), 'en'))).not.toContain('purpose');
});

test('every Vietnamese letter is printed, large and small, in each font it may stand in', async () => {
  const title = `${LETTERS} ${LETTERS.toLocaleUpperCase('vi')}`;
  const pinned = scriptOf(
    NODE_PLAN.replace('Lễ sinh khóa thử nghiệm', title)
      .replace('Phòng máy chủ', LETTERS)
      .replace('Trưởng phòng', LETTERS.toLocaleUpperCase('vi')),
  );
  const pages = pdfText(await scriptPdf(paperOf(pinned, 'vi')));
  const whole = spaceless(pages.flat().join(''));
  expect(whole).toContain(spaceless(title));
  expect(whole.split(LETTERS).length).toBeGreaterThan(2);
  expect(whole).not.toContain('\ufffd');
});

test('a letter that no font has would be seen', async () => {
  const pinned = scriptOf(NODE_PLAN.replace('Phòng máy chủ', 'Phòng 漢'));
  expect(
    pdfText(await scriptPdf(paperOf(pinned, 'vi')))
      .flat()
      .join(''),
  ).toContain('Phòng \ufffd');
});

test('the same script gives the same bytes', async () => {
  const paper = paperOf(scriptOf(NODE_PLAN), 'vi');
  expect((await scriptPdf(paper)).equals(await scriptPdf(paper))).toBe(true);
});

test('a rehearsal’s is marked, on every page', async () => {
  const rehearsal = paperOf(scriptOf(NODE_PLAN, true), 'vi');
  expect(scriptMarkdown(rehearsal)).toContain('DIỄN TẬP');
  const pages = pdfText(await scriptPdf(rehearsal));
  expect(pages.every((page) => page.some((piece) => piece.includes('DIỄN TẬP')))).toBe(true);
  const real = paperOf(scriptOf(NODE_PLAN), 'vi');
  expect(scriptMarkdown(real)).not.toContain('DIỄN TẬP');
});

test('names are text, not markup', () => {
  const pinned = scriptOf(NODE_PLAN.replace('Trưởng phòng', '"| a | `b` <script> **c**"'));
  const row = scriptMarkdown(paperOf(pinned, 'en'))
    .split('\n')
    .find((line) => line.includes('Trần Thị Bình') && line.startsWith('|'));
  expect(row).toContain('\\| a \\| \\`b\\` \\<script\\> \\*\\*c\\*\\*');
});

test('a crowd fits on the paper', async () => {
  const witnesses = Array.from(
    { length: 20 },
    (_, index) =>
      `  - { id: w${String(index)}, name: ${'Người Chứng Kiến '.repeat(4)}${String(index)}, role: witness }`,
  );
  const pinned = scriptOf(NODE_PLAN.replace('tokens:', `${witnesses.join('\n')}\ntokens:`));
  const pages = pdfText(await scriptPdf(paperOf(pinned, 'vi')));
  expect(pages.every((page) => page.includes(pinned.sha256))).toBe(true);
  expect(pages.every((page) => page.length > 3)).toBe(true);
});
