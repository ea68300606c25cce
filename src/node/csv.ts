/** CSV files as spreadsheets write them, with every row's number as a spreadsheet counts. */
import { parse } from 'csv-parse/sync';
import { isUtf16 } from '../encoding';
import type { Problem } from '../errors';

const MAX_RECORD = 65_536;

export interface CsvRow {
  /** The heading is row 1. */
  readonly row: number;
  readonly record: Readonly<Record<string, string>>;
}

export interface CsvColumns {
  readonly columns: readonly string[];
  readonly required: readonly string[];
}

export interface ReadCsv {
  readonly rows: readonly CsvRow[];
  /** Of the file as a whole: then there are no rows. */
  readonly problems: readonly Problem[];
}

/** What csv-parse tells of each record. */
interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly records: number; readonly empty_lines: number };
}

/** What csv-parse finds wrong, by its codes. */
const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark that is not closed',
  INVALID_OPENING_QUOTE: 'a quotation mark inside a value',
  CSV_INVALID_CLOSING_QUOTE: 'a quotation mark inside a value',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'a quotation mark inside a value',
  CSV_RECORD_INCONSISTENT_COLUMNS: 'another number of values than the heading has',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'another number of values than the heading has',
  CSV_MAX_RECORD_SIZE: 'a row that is too long',
};

/** Takes UTF-8 with or without BOM, commas or semicolons. */
export function readCsv(text: Buffer, { columns, required }: CsvColumns): ReadCsv {
  const failed = (...problems: readonly Problem[]): ReadCsv => ({ rows: [], problems });
  const allowed = 'CSV (RFC 4180)';
  if (isUtf16(text)) {
    const found = 'text in UTF-16; save it as UTF-8';
    return failed({ code: 'UNREADABLE', where: 'row 1', found, allowed });
  }
  let heading: readonly string[] = [];
  let parsed: readonly Parsed[];
  try {
    parsed = parse(text, {
      bom: true,
      // Spreadsheets write semicolons where the decimal sign is a comma, as in Việt Nam.
      delimiter: text.subarray(0, Math.max(0, text.indexOf(0x0a))).includes(';') ? ';' : ',',
      info: true,
      columns: (names: string[]) => (heading = names),
      skip_empty_lines: true,
      trim: true,
      max_record_size: MAX_RECORD,
    }) as unknown as readonly Parsed[];
  } catch (cause) {
    // A wrong heading is often why a row does not fit it.
    const wrong = headingProblems(heading, columns, required);
    if (wrong.length > 0) return failed(...wrong);
    const found = FAULTS[(cause as { code?: string }).code ?? ''] ?? 'unreadable';
    const where = `row ${String((cause as { lines?: number }).lines ?? 0)}`;
    return failed({ code: 'UNREADABLE', where, found, allowed });
  }
  const wrong = headingProblems(heading, columns, required);
  if (wrong.length > 0) return failed(...wrong);
  if (parsed.length === 0)
    return failed({ code: 'MISSING', where: 'row 2', found: '—', allowed: `${required.join(', ')}, …` });
  const rows = parsed.map(({ record, info }) => ({ row: info.records + info.empty_lines + 1, record }));
  return { rows, problems: [] };
}

function headingProblems(
  heading: readonly string[],
  columns: readonly string[],
  required: readonly string[],
): readonly Problem[] {
  const unknown = heading.filter((name) => !columns.includes(name));
  const missing = required.filter((name) => !heading.includes(name));
  const repeated = heading.filter((name, at) => heading.indexOf(name) < at);
  const where = 'row 1';
  return [
    ...unknown.map((found): Problem => ({ code: 'UNKNOWN_KEY', where, found, allowed: columns.join(', ') })),
    ...missing.map((allowed): Problem => ({ code: 'MISSING', where, found: '—', allowed })),
    ...repeated.map((found): Problem => ({ code: 'DUPLICATE', where, found, allowed: '1 ×' })),
  ];
}
