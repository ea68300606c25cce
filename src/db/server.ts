/** A PostgreSQL server as the configuration names it. There is no place for a password in it, only for where to read it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { credentialPath, readSecretFile, secretLine, type SecretFault } from '../config';
import { DbError } from './errors';

const identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a name of a-z, 0-9 and _');

/** Where a database is: an SQLite file, or a PostgreSQL server. */
export type DatabasePlace =
  /** The folder must exist; the file is created, for its owner only, unless the store may not migrate. */
  { readonly file: string } | { readonly server: PostgresServer };

/** What a URL says of a server; anything else in it, a password above all, is refused rather than overlooked. */
const addressSchema = z.strictObject({
  /** A host name or address, or the directory of the server's socket. */
  host: z.union([z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/), z.string().regex(/^\/.{0,90}$/)]),
  port: z.coerce.number().pipe(z.int().min(1).max(65_535)),
  name: identifier,
  user: identifier,
});

/** The two forms of the URL of a server. */
export const SERVER_URLS =
  'postgresql://user@host:port/name, postgresql:///name?host=/directory&user=user, without a password';

/** `database:` of a party's configuration; without it, the database is a file in the data directory. */
export const databaseSchema = z.strictObject({
  url: z.string().refine((url) => readServerUrl(url) !== undefined, SERVER_URLS),
  /** Where the party's tables lie; the role's default if not given. */
  schema: identifier.optional(),
  /** Not needed where the server knows the user by the socket (peer). */
  password: z
    .union([
      z.strictObject({ file: z.string().min(1) }),
      z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/) }),
    ])
    .optional(),
  /** PEM file of the authority that vouches for the server; those known to Node.js if not given. */
  certificateAuthority: z.string().min(1).optional(),
});

export type DatabaseConfig = z.infer<typeof databaseSchema>;

/** A server and what it is asked for, files by their whole paths. */
export interface PostgresServer extends z.infer<typeof addressSchema>, Omit<DatabaseConfig, 'url'> {}

const MAX_PASSWORD_BYTES = 1000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Both forms are libpq's as well. @returns `undefined` for what is of neither */
export function readServerUrl(text: string): z.infer<typeof addressSchema> | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, hostname, port, pathname, search, hash, searchParams } = new URL(
    text,
  );
  if (protocol !== 'postgresql:' || password !== '' || hash !== '') return undefined;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (host !== '' && search !== '') return undefined;
  const given = host === '' ? Object.fromEntries(searchParams) : { user: username, host };
  return addressSchema.safeParse({ port: port || 5432, name: pathname.slice(1), ...given }).data;
}

/** Where a party keeps its database. @param directory of the party, from which files are named */
export function databasePlace(
  config: DatabaseConfig | undefined,
  directory: string,
  file: string,
): DatabasePlace {
  const address = config && readServerUrl(config.url);
  if (config === undefined || address === undefined) return { file };
  const { schema, password, certificateAuthority } = config;
  return {
    server: {
      ...address,
      schema,
      password: password && 'file' in password ? { file: resolve(directory, password.file) } : password,
      certificateAuthority: certificateAuthority && resolve(directory, certificateAuthority),
    },
  };
}

/** What the database is called in messages. */
export function addressOf({ host, port, name, user, schema }: PostgresServer): string {
  const suffix = schema === undefined ? '' : ` (${schema})`;
  if (host.startsWith('/'))
    return `postgresql:///${name}?host=${host}&port=${String(port)}&user=${user}${suffix}`;
  return `postgresql://${user}@${host.includes(':') ? `[${host}]` : host}:${String(port)}/${name}${suffix}`;
}

/**
 * How the server shows who it is. Nothing goes over a network but to a server whose certificate is in order; without
 * TLS there are only the socket and this very machine.
 */
export function transportOf(server: PostgresServer): false | ConnectionOptions {
  const { host, certificateAuthority } = server;
  if (certificateAuthority !== undefined) {
    try {
      return { ca: readFileSync(certificateAuthority), rejectUnauthorized: true };
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? 'not readable';
      throw new DbError('DATABASE_UNAVAILABLE', { file: certificateAuthority, reason }, { cause });
    }
  }
  return host.startsWith('/') || LOOPBACK.test(host) ? false : { rejectUnauthorized: true };
}

/** Read anew for each connection. @returns an empty one if the configuration names no source @throws DbError `PASSWORD_UNUSABLE` */
export async function readPassword({ password }: PostgresServer): Promise<string> {
  if (password === undefined) return '';
  const [source, path] =
    'file' in password
      ? [password.file, password.file]
      : [password.credential, credentialPath(password.credential)];
  const unusable = (reason: string, cause?: unknown): DbError =>
    new DbError('PASSWORD_UNUSABLE', { source, reason }, { cause });
  if (path === undefined) throw unusable('no CREDENTIALS_DIRECTORY');
  const options = { limit: MAX_PASSWORD_BYTES, judged: 'file' in password };
  const bytes = await readSecretFile(path, options, (fault, cause) => unusable(reasonOf(fault), cause));
  const line = secretLine(bytes, MAX_PASSWORD_BYTES);
  if (line === undefined) throw unusable('not one line');
  return line;
}

function reasonOf(fault: SecretFault): string {
  switch (fault.kind) {
    case 'not-regular':
      return 'not a regular file';
    case 'owner':
      return `uid ${String(fault.owner)}`;
    case 'mode':
      return `mode ${fault.mode}`;
    case 'unreadable':
      return fault.reason;
  }
}
