/** Markdown around text from elsewhere, nothing of which is taken for markup. */

interface MarkdownTable {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A heading and a table under it. */
export function markdownTable({ heading, columns, rows }: MarkdownTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => escaped(cell)).join(' | ')} |`;
  return [`## ${heading}`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text from a plan or a person: nothing in it is markup. */
export function escaped(value: string): string {
  return value === '---' ? value : value.replace(/[\\`*_[\]<>|#~!]/g, '\\$&').replace(/\s+/g, ' ');
}
