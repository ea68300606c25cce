/** Statements that are written once and executed often: putting together one for 500 rows costs as much as executing it. */
import type { CompiledQuery } from 'kysely';
import type { CommonSchema, Database } from './schema';

/** A statement with the name it is kept under. */
export interface KeptQuery<Row = unknown> extends CompiledQuery<Row> {
  readonly keptAs: string;
}

/** By the language of the database they are written in, and the name they are kept under. */
const compiled = new WeakMap<object, Map<string, Omit<CompiledQuery, 'parameters'>>>();

/**
 * Executes a statement with these parameters.
 * @returns its rows, if it gives any
 * @param name under which it is kept; whatever is named alike must be alike but for the parameters
 * @param parameters in the order in which the statement takes them
 */
export async function executeCompiled<Row>(
  db: Database<CommonSchema>,
  name: string,
  parameters: readonly unknown[],
  compile: () => CompiledQuery<Row>,
): Promise<readonly Row[]> {
  const { adapter } = db.getExecutor();
  const kept = compiled.get(adapter) ?? new Map<string, Omit<CompiledQuery, 'parameters'>>();
  compiled.set(adapter, kept);
  const statement = kept.get(name) ?? compile();
  kept.set(name, statement);
  const query: KeptQuery<Row> = { ...statement, parameters, keptAs: name };
  return (await db.executeQuery<Row>(query)).rows;
}
