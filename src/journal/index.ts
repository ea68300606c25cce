/** The journal: entries, serial numbers, RFC 6962 tree and checkpoints. Pure: what is stored where is the ledger's. */
export * from './checkpoint';
export * from './entries';
export { decodeEntryAs, encodeEntryAs, MAX_ENTRY_SIZE } from './entryBytes';
export { JournalError } from './errors';
export * from './merkle';
export * from './rootEntries';
export * from './serialNumber';
