/** The printable script as PDF: A4, room for times and initials, and the script's hash at the foot of every page. */
import type PDFDocument from 'pdfkit';
import { paperSentences, paperTexts as texts } from '../i18n/messages/ceremonyPaper';
import type { Paper, PaperStep, PaperTable } from './paper';

type Document = InstanceType<typeof PDFDocument>;

/** In points, of which an inch has 72. */
const MARGIN = 48;
const FOOT = 64;
const GAP = 6;
const NUMBER_WIDTH = 26;
const INITIALS_WIDTH = 150;
const LINE_OF_INITIALS = 17;
const EMPTY_ROW = 26;
/** Room to write a hash by hand: groups of four on so many lines. */
const GROUPS = 16;
const LINE_OF_HASH = 18;

const FONTS = { plain: 'plain', bold: 'bold', mono: 'mono' } as const;
const SIZES = { title: 15, heading: 11, body: 9, small: 7.5 } as const;

/** The same paper gives the same bytes. The library is loaded here, because few commands need it. */
export async function scriptPdf(paper: Paper): Promise<Buffer> {
  const pdfkit = await import('pdfkit');
  const document = new pdfkit.default({
    size: 'A4',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: FOOT },
    bufferPages: true,
    lang: paper.lang,
    info: { Title: paper.title, Subject: paper.kind, CreationDate: new Date(`${paper.date}T00:00:00Z`) },
  });
  document.registerFont(FONTS.plain, require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'));
  document.registerFont(FONTS.bold, require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf'));
  // It has no Vietnamese letters.
  document.registerFont(FONTS.mono, require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf'));
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const written = new Promise<Buffer>((resolve, reject) => {
    document.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    document.on('error', reject);
  });
  drawHead(document, paper);
  drawTable(document, paper.people, [0.27, 0.24, 0.17, 0.16, 0.16]);
  drawTable(document, paper.keys, [0.15, 0.15, 0.3, 0.4]);
  drawHeading(document, texts.steps[paper.lang]({}));
  for (const step of paper.steps) drawStep(document, paper, step);
  drawTable(document, paper.deviations, [0.1, 0.15, 0.55, 0.2]);
  drawConclusion(document, paper);
  drawFeet(document, paper);
  document.end();
  return written;
}

function left(document: Document): number {
  return document.page.margins.left;
}

function widthOf(document: Document): number {
  return document.page.width - document.page.margins.left - document.page.margins.right;
}

/** Begins a new page where what comes next would not fit on this one. */
function makeRoom(document: Document, height: number): void {
  if (document.y + height > document.page.height - document.page.margins.bottom) document.addPage();
}

function drawHead(document: Document, { kind, title, mark, facts }: Paper): void {
  document.font(FONTS.bold).fontSize(SIZES.title).text(title, left(document), document.y);
  document.font(FONTS.plain).fontSize(SIZES.heading).text(kind);
  if (mark !== undefined) document.font(FONTS.bold).text(mark);
  document.moveDown(0.6).fontSize(SIZES.body);
  for (const [label, value] of facts) {
    document.font(FONTS.plain).text(`${label}: `, { continued: true }).font(FONTS.bold).text(value);
  }
}

function drawHeading(document: Document, heading: string): void {
  makeRoom(document, 90);
  document.moveDown(1).font(FONTS.bold).fontSize(SIZES.heading);
  document.text(heading, left(document), document.y).moveDown(0.4);
}

function drawTable(
  document: Document,
  { heading, columns, rows }: PaperTable,
  shares: readonly number[],
): void {
  drawHeading(document, heading);
  const widths = shares.map((share) => share * widthOf(document));
  drawRow(document, columns, widths, FONTS.bold);
  for (const row of rows) drawRow(document, row, widths, FONTS.plain);
}

function drawRow(
  document: Document,
  cells: readonly string[],
  widths: readonly number[],
  font: string,
): void {
  document.font(font).fontSize(SIZES.body);
  const heights = cells.map((cell, index) =>
    document.heightOfString(cell === '' ? ' ' : cell, { width: (widths[index] ?? 0) - 2 * GAP }),
  );
  const written = cells.some((cell) => cell === '') ? EMPTY_ROW : 0;
  const height = Math.max(written, ...heights) + GAP;
  makeRoom(document, height);
  const top = document.y;
  let x = left(document);
  for (const [index, cell] of cells.entries()) {
    const width = widths[index] ?? 0;
    document.lineWidth(0.5).rect(x, top, width, height).stroke();
    document.text(cell, x + GAP, top + GAP / 2, { width: width - 2 * GAP });
    x += width;
  }
  document.x = left(document);
  document.y = top + height;
}

function drawStep(document: Document, { lang }: Paper, step: PaperStep): void {
  const textWidth = widthOf(document) - NUMBER_WIDTH - INITIALS_WIDTH - 2 * GAP;
  const parts: readonly (readonly [font: string, text: string])[] = [
    [FONTS.plain, step.text],
    ...step.commands.map((command) => [FONTS.mono, `$ ${command}`] as const),
    [FONTS.bold, texts.expected[lang]({})],
    [FONTS.plain, step.expected],
  ];
  const heights = parts.map(([font, text]) =>
    document.font(font).fontSize(SIZES.body).heightOfString(text, { width: textWidth }),
  );
  const lines = [texts.time[lang]({}), ...step.initials];
  const height =
    2 * GAP +
    Math.max(
      heights.reduce((sum, each) => sum + each + 2, 0) + (step.hash ? 2 * LINE_OF_HASH : 0),
      lines.length * LINE_OF_INITIALS,
    );
  makeRoom(document, height);
  const top = document.y;
  const x = left(document);
  const initialsX = x + NUMBER_WIDTH + textWidth + 2 * GAP;
  document.lineWidth(0.5).rect(x, top, widthOf(document), height).stroke();
  document
    .moveTo(initialsX, top)
    .lineTo(initialsX, top + height)
    .stroke();
  document
    .font(FONTS.bold)
    .fontSize(SIZES.heading)
    .text(String(step.number), x + GAP, top + GAP);
  let y = top + GAP;
  for (const [index, [font, text]] of parts.entries()) {
    document
      .font(font)
      .fontSize(SIZES.body)
      .text(text, x + NUMBER_WIDTH + GAP, y, { width: textWidth });
    y += (heights[index] ?? 0) + 2;
  }
  if (step.hash) drawHashRoom(document, { x: x + NUMBER_WIDTH + GAP, y, width: textWidth, lines: 2 });
  drawInitials(document, lines, initialsX, top + GAP);
  document.x = x;
  document.y = top + height;
}

/** A name and a line to write on, each on a line of its own. */
function drawInitials(document: Document, lines: readonly string[], x: number, top: number): void {
  const half = INITIALS_WIDTH * 0.58;
  document.font(FONTS.plain).fontSize(SIZES.small);
  for (const [index, line] of lines.entries()) {
    const y = top + index * LINE_OF_INITIALS;
    document.text(line, x + GAP, y + 2, {
      width: half - GAP,
      height: LINE_OF_INITIALS - 4,
      ellipsis: true,
      lineBreak: false,
    });
    document
      .moveTo(x + half + 2, y + LINE_OF_INITIALS - 5)
      .lineTo(x + INITIALS_WIDTH - GAP, y + LINE_OF_INITIALS - 5)
      .stroke();
  }
}

function drawConclusion(document: Document, { lang }: Paper): void {
  drawHeading(document, texts.conclusion[lang]({}));
  document
    .font(FONTS.plain)
    .fontSize(SIZES.body)
    .text(`${texts.recordHash[lang]({})}:`);
  drawHashRoom(document, { x: left(document), y: document.y, width: widthOf(document), lines: 1 });
}

function drawHashRoom(
  document: Document,
  { x, y, width, lines }: Readonly<Record<'x' | 'y' | 'width' | 'lines', number>>,
): void {
  const perLine = GROUPS / lines;
  const group = width / perLine;
  for (let at = 0; at < GROUPS; at += 1) {
    const from = x + (at % perLine) * group;
    const below = y + (Math.floor(at / perLine) + 1) * LINE_OF_HASH;
    document
      .moveTo(from + 2, below)
      .lineTo(from + group - 4, below)
      .stroke();
  }
}

function drawFeet(document: Document, { lang, title, mark, sha256 }: Paper): void {
  const { start, count } = document.bufferedPageRange();
  for (let index = start; index < start + count; index += 1) {
    document.switchToPage(index);
    // What is written below the margin would otherwise begin a page of its own.
    document.page.margins.bottom = 0;
    const y = document.page.height - FOOT + 18;
    const x = left(document);
    const width = widthOf(document);
    document
      .lineWidth(0.5)
      .moveTo(x, y - 5)
      .lineTo(x + width, y - 5)
      .stroke();
    const page = paperSentences.page[lang]({ page: index - start + 1, pages: count });
    document.font(FONTS.plain).fontSize(SIZES.small);
    document.text(mark ?? title, x, y, { width: width * 0.78, height: 10, ellipsis: true, lineBreak: false });
    document.text(page, x, y, { width, align: 'right', lineBreak: false });
    document.text(`${texts.scriptHash[lang]({})}: `, x, y + 12, { continued: true, lineBreak: false });
    document.font(FONTS.mono).text(sha256, { lineBreak: false });
  }
}
