/** The options of `init` that say where the database is, if not in the directory. */
import { resolve } from 'node:path';
import { readServerUrl, SERVER_URLS, type DatabaseConfig } from '../db';
import { databaseTexts as texts } from '../i18n/messages/database';
import type { ValueReader } from './command';

const serverUrl: ValueReader<string> = {
  allowed: SERVER_URLS,
  read: (word) => (readServerUrl(word) === undefined ? undefined : word),
};

export const databaseOptions = {
  database: { flag: '--database <url>', summary: texts.option, parse: serverUrl },
  databasePasswordFile: { flag: '--database-password-file <file>', summary: texts.passwordOption },
} as const;

export interface DatabaseInput {
  readonly database: string | undefined;
  readonly databasePasswordFile: string | undefined;
}

/** What goes into the configuration; nothing for a file in the directory. */
export function databaseConfig({ database: url, databasePasswordFile }: DatabaseInput): {
  readonly database?: DatabaseConfig;
} {
  if (url === undefined) return {};
  const password = databasePasswordFile === undefined ? undefined : { file: resolve(databasePasswordFile) };
  return { database: { url, ...(password && { password }) } };
}
