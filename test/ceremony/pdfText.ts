/** Reads the text of PDFs as pdfkit writes them: per page, each piece of text as its font maps it to letters. */
import { inflateSync } from 'node:zlib';

interface PdfObject {
  readonly head: string;
  readonly stream: string;
}

/** Glyph 0 is the box that is drawn for a letter the font does not have. */
const NOTHING = '0000';

/** Pieces of text, page by page; a glyph that stands for no letter becomes U+FFFD. */
export function pdfText(pdf: Buffer): readonly (readonly string[])[] {
  const objects = objectsOf(pdf);
  const find = (reference: string | undefined): PdfObject =>
    objects.get(reference ?? '') ?? { head: '', stream: '' };
  const pages = Array.from(objects.values()).filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head));
  return pages.map((page) => {
    const resources = find(/\/Resources (\d+) 0 R/.exec(page.head)?.[1]).head;
    const fonts = new Map(
      Array.from(resources.matchAll(/\/(F\d+) (\d+) 0 R/g)).map(([, name = '', reference]) => {
        const toUnicode = /\/ToUnicode (\d+) 0 R/.exec(find(reference).head)?.[1];
        return [name, lettersOf(find(toUnicode).stream)] as const;
      }),
    );
    return piecesOf(find(/\/Contents (\d+) 0 R/.exec(page.head)?.[1]).stream, fonts);
  });
}

function objectsOf(pdf: Buffer): ReadonlyMap<string, PdfObject> {
  const text = pdf.toString('latin1');
  return new Map(
    Array.from(text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)).map(([, number = '', body = '']) => {
      const begin = body.indexOf('stream\n');
      const head = begin < 0 ? body : body.slice(0, begin);
      const raw = begin < 0 ? '' : body.slice(begin + 'stream\n'.length, body.lastIndexOf('\nendstream'));
      const packed = head.includes('/FlateDecode') && !head.includes('/Length1') && raw !== '';
      const stream = packed ? inflateSync(Buffer.from(raw, 'latin1')).toString('latin1') : raw;
      return [number, { head, stream }];
    }),
  );
}

/** A ToUnicode map (PDF 1.7, section 9.10.3) of the one form pdfkit writes: ranges with a list of letters each. */
function lettersOf(map: string): ReadonlyMap<number, string> {
  const letters = new Map<number, string>();
  for (const [, from = '', list = ''] of map.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)) {
    for (const [index, [, utf16 = '']] of Array.from(list.matchAll(/<([0-9a-f ]*)>/g)).entries()) {
      const bytes = Buffer.from(utf16.replaceAll(' ', ''), 'hex');
      letters.set(Number.parseInt(from, 16) + index, bytes.swap16().toString('utf16le'));
    }
  }
  return letters;
}

function piecesOf(
  content: string,
  fonts: ReadonlyMap<string, ReadonlyMap<number, string>>,
): readonly string[] {
  const pieces: string[] = [];
  let letters: ReadonlyMap<number, string> | undefined;
  for (const [, font, shown = ''] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (font !== undefined) {
      letters = fonts.get(font);
      continue;
    }
    const glyphs = Array.from(shown.matchAll(/<([0-9a-f]*)>/g)).flatMap(
      ([, hex = '']) => hex.match(/.{4}/g) ?? [],
    );
    pieces.push(
      glyphs
        .map(
          (glyph) => (glyph === NOTHING ? undefined : letters?.get(Number.parseInt(glyph, 16))) ?? '\ufffd',
        )
        .join(''),
    );
  }
  return pieces;
}
