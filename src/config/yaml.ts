/** YAML text held to a schema: syntax and content, every problem at once, each with its line. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  stringify,
  visit,
  type Document,
} from 'yaml';
import type { z } from 'zod';
import type { Problem } from '../errors';
import { ConfigError } from './errors';
import { formatPath, placedProblems, type KeyPath } from './schemaProblems';

/** Far more than any configuration needs, in UTF-8 bytes. */
export const MAX_YAML_BYTES = 1_048_576;
const MAX_ALIASES = 100;
const MAX_PROBLEMS = 100;

/**
 * Reads one YAML 1.2 document (core schema: no dates, no custom tags, no merge keys).
 * @param file how the text is called in the problems
 * @throws ConfigError `CONFIG_INVALID` with all problems; `where` is `file:line key.path`
 */
export function readYaml<T>(text: string, schema: z.ZodType<T>, file: string): T {
  const size = Buffer.byteLength(text, 'utf8');
  if (size > MAX_YAML_BYTES) {
    throw invalid(file, [unreadable(file, `${size} bytes`, `≤ ${MAX_YAML_BYTES}`)]);
  }
  const lines = new LineCounter();
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    version: '1.2',
  });

  const syntax = [...document.errors, ...document.warnings].map((error) =>
    unreadable(`${file}:${lineAt(error.pos[0])}`, error.message, 'YAML 1.2'),
  );
  const repeated = repeatedKeys(document).map(({ key, offset }): Problem => {
    return {
      code: 'DUPLICATE',
      where: `${file}:${lineAt(offset)}`,
      found: formatPath([key]),
      allowed: '1 ×',
    };
  });
  if (syntax.length + repeated.length > 0) throw invalid(file, [...syntax, ...repeated]);

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw invalid(file, [unreadable(file, reason, `≤ ${MAX_ALIASES} aliases`)], { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = placedProblems(schema, value, parsed.error);
  const placed = found
    .slice(0, MAX_PROBLEMS)
    .map(({ path, problem }) => ({ problem, line: lineAt(offsetOf(document, path)) }))
    .sort((a, b) => a.line - b.line)
    .map(({ problem, line }) => ({ ...problem, where: `${file}:${line} ${problem.where}`.trimEnd() }));
  throw invalid(file, placed, { count: found.length });
}

function invalid(
  file: string,
  problems: readonly Problem[],
  { count = problems.length, cause }: { readonly count?: number; readonly cause?: unknown } = {},
): ConfigError {
  return new ConfigError(
    'CONFIG_INVALID',
    { file, count },
    { cause, problems: problems.slice(0, MAX_PROBLEMS) },
  );
}

function unreadable(where: string, found: string, allowed: string): Problem {
  return { code: 'UNREADABLE', where, found, allowed };
}

/** Keys that stand twice in one map. The parser would look too, but in time quadratic in the number of keys. */
function repeatedKeys(document: Document): readonly { readonly key: string; readonly offset: number }[] {
  const repeated: { key: string; offset: number }[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = isScalar(key) ? String(key.value) : '';
        if (seen.has(text)) repeated.push({ key: text, offset: startOf(key) ?? 0 });
        seen.add(text);
      }
    },
  });
  return repeated;
}

/** Where the value at a path begins; for a path that leads nowhere, its nearest ancestor. */
function offsetOf(document: Document, path: KeyPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    const target: unknown = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    let mark: unknown;
    if (isMap(target)) {
      const pair = target.items.find(({ key: own }) => isScalar(own) && own.value === key);
      next = pair?.value;
      mark = pair?.key;
    } else if (isSeq(target) && typeof key === 'number') {
      next = target.items[key];
      mark = next;
    }
    if (mark === undefined) break;
    offset = startOf(mark) ?? offset;
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}

/** A value as YAML that `readYaml` reads again, for a person to edit. */
export function writeYaml(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
