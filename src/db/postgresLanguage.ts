/** What our migrations and queries, written for SQLite, mean to PostgreSQL. */
import {
  DataTypeNode,
  GeneratedNode,
  HandleEmptyInListsPlugin,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  replaceWithNoncontingentExpression,
  type ColumnDefinitionNode,
} from 'kysely';
import type { Language } from './engine';

/** The same rows come back: integers up to 2^53 - 1, and text in the order of its bytes whatever the server's locale. */
const COLUMN_TYPES: Readonly<Partial<Record<string, string>>> = {
  integer: 'bigint',
  blob: 'bytea',
  text: 'text collate "C"',
};

class Compiler extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    // SQLite gives a number to each row whose integer primary key is left out.
    const numbered =
      node.primaryKey === true && DataTypeNode.is(node.dataType) && node.dataType.dataType === 'integer';
    const generated = GeneratedNode.create({ identity: true, byDefault: true });
    super.visitColumnDefinition(numbered ? { ...node, generated } : node);
  }

  protected override visitDataType({ dataType }: DataTypeNode): void {
    this.append(COLUMN_TYPES[dataType] ?? dataType);
  }
}

/** Migrations run under the store's own write lock; another for the session would outlive a failed transaction. */
class Adapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

export const postgresLanguage: Language = {
  createQueryCompiler: () => new Compiler(),
  createAdapter: () => new Adapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  // An empty list is no error to SQLite: nothing is in it.
  plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
};
