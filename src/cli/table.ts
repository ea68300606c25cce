/** Rows and fields for people, aligned by what a terminal shows. */
import { displayWidth, oneLine, pad } from './display';

export interface Column {
  readonly title: string;
  /** Numbers go to the right. */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

const widest = (lines: readonly string[]) =>
  lines.reduce((width, line) => Math.max(width, displayWidth(line)), 0);

/** A table with a line under its titles; cells of a row beyond the columns are left out. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? '')));
  const widths = columns.map((column, index) =>
    widest([column.title, ...cells.map((row) => row[index] ?? '')]),
  );
  const line = (values: readonly string[]) =>
    columns
      .map((column, index) => pad(values[index] ?? '', widths[index] ?? 0, column.align))
      .join(GAP)
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    widths.map((width) => '─'.repeat(width)).join(GAP),
    ...cells.map(line),
  ].join('\n');
}

/** One label and its value per line. */
export function fields(pairs: readonly (readonly [label: string, value: string])[]): string {
  const width = widest(pairs.map(([label]) => label)) + 1;
  return pairs
    .map(([label, value]) => `${pad(`${label}:`, width)}${GAP}${oneLine(value)}`.trimEnd())
    .join('\n');
}
