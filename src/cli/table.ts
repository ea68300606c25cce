/** Rows and fields for people, aligned by what a terminal shows. */
import { displayWidth, oneLine, pad, wrapped } from './display';

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

/**
 * One label and its value per line; under no label, a value belongs to the one above.
 * @param columns where a longer value is broken at a blank and goes on under its beginning; never if not given
 */
export function fields(
  pairs: readonly (readonly [label: string, value: string])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const width = widest(pairs.map(([label]) => label)) + 1;
  const room = columns - width - GAP.length;
  return pairs
    .flatMap(([label, value]) =>
      wrapped(oneLine(value), room).map((part, at) => {
        const title = at > 0 || label === '' ? '' : `${label}:`;
        return `${pad(title, width)}${GAP}${part}`.trimEnd();
      }),
    )
    .join('\n');
}
