/** The migrations of each party's database, by name in the order in which they run. */
import type { Kysely, Migration } from 'kysely';
import { addKeyIds, createCommonTables } from './common';

export const nodeMigrations: Readonly<Record<string, Migration>> = {
  '0001-node': {
    async up(db: Kysely<unknown>) {
      await createCommonTables(db);
      // Nobody asks the root for a request. The journal stands in front: SQLite takes any index that begins with it for the
      // better one.
      await db.schema
        .createIndex('certificatesByRequest')
        .on('certificates')
        .columns(['journal', 'request'])
        .execute();
      await db.schema
        .createTable('reservations')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('intentIndex', 'bigint', (c) => c.notNull())
        .addColumn('owner', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('reservationsKey', ['journal', 'intentIndex'])
        .execute();
      await db.schema
        .createTable('crls')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('number', 'bigint', (c) => c.notNull())
        .addColumn('idx', 'bigint', (c) => c.notNull())
        .addColumn('bytes', 'blob')
        .addPrimaryKeyConstraint('crlsKey', ['journal', 'number'])
        .execute();
      await db.schema
        .createTable('receipts')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('size', 'bigint', (c) => c.notNull())
        .addColumn('time', 'text', (c) => c.notNull())
        .addColumn('envelope', 'blob', (c) => c.notNull())
        .addPrimaryKeyConstraint('receiptsKey', ['journal', 'size'])
        .execute();
      await db.schema.createIndex('receiptsByTime').on('receipts').columns(['journal', 'time']).execute();
      await db.schema
        .createTable('quarantine')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('code', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('reasonVi', 'text', (c) => c.notNull())
        .addColumn('since', 'text', (c) => c.notNull())
        .addColumn('receiptTime', 'text')
        .addPrimaryKeyConstraint('quarantineKey', ['journal', 'code'])
        .execute();
      await db.schema
        .createTable('recoveries')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('fromIndex', 'bigint', (c) => c.notNull())
        .addColumn('size', 'bigint', (c) => c.notNull())
        .addColumn('crlNumber', 'bigint', (c) => c.notNull())
        .addColumn('unrecorded', 'text', (c) => c.notNull())
        .addColumn('complete', 'integer', (c) => c.notNull())
        .addColumn('time', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('recoveriesKey', ['journal', 'size'])
        .execute();
      await db.schema
        .createTable('pulledEntries')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('idx', 'bigint', (c) => c.notNull())
        .addColumn('bytes', 'blob', (c) => c.notNull())
        .addColumn('leaf', 'blob')
        .addPrimaryKeyConstraint('pulledEntriesKey', ['journal', 'idx'])
        .execute();
      await db.schema
        .createTable('setAsideEntries')
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('recovery', 'bigint', (c) => c.notNull())
        .addColumn('idx', 'bigint', (c) => c.notNull())
        .addColumn('bytes', 'blob', (c) => c.notNull())
        .addPrimaryKeyConstraint('setAsideEntriesKey', ['journal', 'recovery', 'idx'])
        .execute();
    },
  },
  '0002-key-ids': { up: addKeyIds },
};

export const rootMigrations: Readonly<Record<string, Migration>> = {
  '0001-root': {
    async up(db: Kysely<unknown>) {
      await createCommonTables(db);
      await db.schema
        .createTable('applications')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('nodeId', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('receivedAt', 'text', (c) => c.notNull())
        .addColumn('draft', 'blob')
        .addColumn('envelope', 'blob')
        .execute();
      await db.schema
        .createTable('directives')
        .addColumn('nodeId', 'text', (c) => c.notNull())
        .addColumn('sequence', 'integer', (c) => c.notNull())
        .addColumn('envelope', 'blob')
        .addColumn('draft', 'blob')
        .addColumn('signedAt', 'text')
        .addPrimaryKeyConstraint('directivesKey', ['nodeId', 'sequence'])
        .execute();
      await db.schema
        .createTable('grantDrafts')
        .addColumn('nodeId', 'text', (c) => c.primaryKey())
        .addColumn('draft', 'blob', (c) => c.notNull())
        .addColumn('envelope', 'blob')
        .addColumn('withNextKey', 'integer', (c) => c.notNull())
        .execute();
      await db.schema
        .createTable('nodes')
        .addColumn('nodeId', 'text', (c) => c.notNull())
        .addColumn('epoch', 'integer', (c) => c.notNull())
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('grantedAt', 'text', (c) => c.notNull())
        .addColumn('status', 'blob')
        .addColumn('checkpoint', 'text')
        .addColumn('lastContact', 'text')
        .addColumn('removedBefore', 'bigint', (c) => c.notNull().defaultTo(0))
        .addPrimaryKeyConstraint('nodesKey', ['nodeId', 'epoch'])
        .execute();
      await db.schema
        .createTable('findings')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
        .addColumn('entryIndex', 'bigint')
        .addColumn('code', 'text', (c) => c.notNull())
        .addColumn('problems', 'text', (c) => c.notNull())
        .addColumn('evidence', 'text')
        .addColumn('openedAt', 'text', (c) => c.notNull())
        .addColumn('acknowledgement', 'blob')
        .execute();
      await db.schema
        .createIndex('findingsByJournal')
        .on('findings')
        .columns(['journal', 'entryIndex'])
        .execute();
      await db.schema
        .createTable('conditions')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('nodeId', 'text', (c) => c.notNull())
        .addColumn('code', 'text', (c) => c.notNull())
        .addColumn('found', 'text', (c) => c.notNull())
        .addColumn('allowed', 'text', (c) => c.notNull())
        .addColumn('since', 'text', (c) => c.notNull())
        .addColumn('closedAt', 'text')
        .execute();
      await db.schema
        .createTable('rootCertificates')
        .addColumn('serialNumber', 'text', (c) => c.primaryKey())
        .addColumn('purpose', 'text', (c) => c.notNull())
        .addColumn('tbs', 'blob', (c) => c.notNull())
        .addColumn('der', 'blob')
        .addColumn('issuedAt', 'text', (c) => c.notNull())
        .addColumn('revokedAt', 'text')
        .addColumn('revocationReason', 'text')
        .execute();
    },
  },
  '0002-key-ids': { up: addKeyIds },
};
