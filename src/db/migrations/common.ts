/** Migration of the tables both parties have: journal, tree, certificates, counters, documents, keys. */
import type { Kysely } from 'kysely';

export async function createCommonTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('journals')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('origin', 'text', (c) => c.notNull().unique())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('frontier', 'blob', (c) => c.notNull())
    .addColumn('rootHash', 'blob', (c) => c.notNull())
    .addColumn('lastTime', 'text')
    .addColumn('grantVersion', 'integer', (c) => c.notNull())
    .addColumn('crlNumber', 'bigint', (c) => c.notNull())
    .addColumn('lastDirective', 'integer', (c) => c.notNull())
    .addColumn('toldSize', 'bigint', (c) => c.notNull())
    .addColumn('leaseTime', 'text')
    .addColumn('removedBefore', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('entries')
    .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
    .addColumn('idx', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'blob', (c) => c.notNull())
    .addColumn('leaf', 'blob')
    .addPrimaryKeyConstraint('entriesKey', ['journal', 'idx'])
    .execute();
  await db.schema
    .createTable('treeNodes')
    .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
    .addColumn('level', 'integer', (c) => c.notNull())
    .addColumn('idx', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('treeNodesKey', ['journal', 'level', 'idx'])
    .execute();
  await db.schema
    .createTable('certificates')
    .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
    .addColumn('serialNumber', 'text', (c) => c.notNull())
    .addColumn('intentIndex', 'bigint', (c) => c.notNull())
    .addColumn('issuedIndex', 'bigint')
    .addColumn('service', 'text', (c) => c.notNull())
    .addColumn('predecessor', 'text')
    .addColumn('renewals', 'integer', (c) => c.notNull())
    .addColumn('profile', 'text', (c) => c.notNull())
    .addColumn('request', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('subjectSha256', 'text', (c) => c.notNull())
    .addColumn('spkiSha256', 'text', (c) => c.notNull())
    .addColumn('notBefore', 'text', (c) => c.notNull())
    .addColumn('notAfter', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('statusTime', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('invalidityDate', 'text')
    .addColumn('heldSince', 'text')
    .addColumn('exposureTime', 'text')
    .addPrimaryKeyConstraint('certificatesKey', ['journal', 'serialNumber'])
    .execute();
  await db.schema
    .createIndex('certificatesByIntent')
    .unique()
    .on('certificates')
    .columns(['journal', 'intentIndex'])
    .execute();
  await db.schema
    .createIndex('certificatesByStatus')
    .on('certificates')
    .columns(['journal', 'status', 'notAfter'])
    .execute();
  // The intent stands last because of a key's certificates, or a predecessor's successors, the first are asked for, or
  // those after one: SQLite takes a bound to intents for a small part of a journal, and would go through all of it.
  await db.schema
    .createIndex('certificatesByKey')
    .on('certificates')
    .columns(['journal', 'spkiSha256', 'intentIndex'])
    .execute();
  await db.schema
    .createIndex('certificatesByPredecessor')
    .on('certificates')
    .columns(['journal', 'predecessor', 'intentIndex'])
    .where('predecessor', 'is not', null)
    .execute();
  await db.schema
    .createTable('quota')
    .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('used', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('quotaKey', ['journal', 'key'])
    .execute();
  await db.schema
    .createTable('directiveResults')
    .addColumn('journal', 'integer', (c) => c.notNull().references('journals.id'))
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('idx', 'bigint', (c) => c.notNull())
    .addColumn('time', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('directiveResultsKey', ['journal', 'sequence'])
    .execute();
  await db.schema
    .createTable('documents')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('bytes', 'blob', (c) => c.notNull())
    .addColumn('time', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('documentsKey', ['kind', 'subject', 'version'])
    .execute();
  await db.schema
    .createTable('keys')
    .addColumn('role', 'text', (c) => c.primaryKey())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('tokenLabel', 'text', (c) => c.notNull())
    .addColumn('tokenSerial', 'text', (c) => c.notNull())
    .addColumn('algorithm', 'text', (c) => c.notNull())
    .addColumn('signatureAlgorithm', 'text', (c) => c.notNull())
    .addColumn('spki', 'blob')
    .addColumn('attributes', 'text')
    .addColumn('retiredAt', 'text')
    .execute();
}

/** CKA_ID of each key. Those that are recorded already get theirs at their next use. */
export async function addKeyIds(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('keys').addColumn('ckaId', 'text').execute();
}
