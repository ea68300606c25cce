/** Backups: a party's directory as one encrypted file, and back. Alike for node and root. */
export { BackupError } from './errors';
export { readLastBackup, type LastBackup } from './last';
export type { Manifest } from './manifest';
export { backupConfigSchema, contentsOf, type Party, type PartyKind } from './party';
export { readRecipient } from './recipients';
export { readPrivateKey, restoreBackup } from './restore';
export { writeBackup, type MadeBackup } from './write';
