/** The schema of the database tests, in two migrations. */
import { sql, type Kysely, type Migration } from 'kysely';

export const testMigrations = {
  '0001-counters': {
    up: async (db: Kysely<{ counters: { name: string; value: number } }>) => {
      await db.schema
        .createTable('counters')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('value', 'integer', (column) => column.notNull())
        .execute();
      await db.insertInto('counters').values({ name: 'main', value: 0 }).execute();
    },
  },
  '0002-items': {
    up: async (db: Kysely<unknown>) => {
      await db.schema
        .createTable('items')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('owner', 'text', (column) => column.references('counters.name'))
        .addColumn('bytes', 'blob')
        .addColumn('amount', 'integer', (column) => column.notNull())
        .addCheckConstraint('amount_not_negative', sql`amount >= 0`)
        .execute();
    },
  },
} satisfies Record<string, Migration>;
