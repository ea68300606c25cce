/** The values that both engines store alike. */
import { DbError } from './errors';
import { shortened } from './failures';

/**
 * SQLite's add-on stores an unknown type as NULL (a bigint, undefined) or as "[object Object]" without a word, and
 * PostgreSQL's as whatever text it becomes; so what is none of the four types is refused here.
 * @param others names of types that are let through
 * @throws DbError `PARAMETER_TYPE`
 */
export function assertStorable(
  parameters: readonly unknown[],
  sql: string,
  others: readonly string[] = [],
): void {
  for (const [index, value] of parameters.entries()) {
    if (value === null || typeof value === 'string' || value instanceof Uint8Array) continue;
    if (typeof value === 'number' && isExact(value)) continue;
    if (others.includes(typeof value)) continue;
    const found = typeof value === 'number' ? 'a number without an exact value' : typeof value;
    throw new DbError('PARAMETER_TYPE', { position: index + 1, found, statement: shortened(sql) });
  }
}

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}
