/** The line to a server on another machine: only to one whose certificate is in order, and never without TLS. */
import { createServer, type AddressInfo } from 'node:net';
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { databasePlace, DbError, readServerUrl, type DatabaseConfig } from '../../src/db';
import { transportOf } from '../../src/db/server';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { PostgresCluster, SERVER_UID } from '../support/postgresCluster';
import { addItem, countItems, newStore } from './scratch';

const openssl = new OpenSsl();
let cluster: PostgresCluster;
let port: number;
let name: string;

beforeAll(async () => {
  port = await freePort();
  makeAuthority('ca');
  makeAuthority('other');
  certify('ca', 'DNS:localhost');
  const file = (path: string): string => join(openssl.directory, path);
  if (process.getuid?.() === 0) {
    chmodSync(openssl.directory, 0o711);
    chownSync(file('server.key'), SERVER_UID, SERVER_UID);
  }
  cluster = await PostgresCluster.start(
    [
      'listen_addresses=127.0.0.1',
      'ssl=on',
      `ssl_cert_file=${file('server.crt')}`,
      `ssl_key_file=${file('server.key')}`,
    ],
    port,
  );
  name = readServerUrl((await cluster.newDatabase()).url)?.name ?? '';
});

afterAll(() => {
  cluster.remove();
  openssl.remove();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function run(...args: readonly string[]): void {
  const { status, output } = openssl.run(...args);
  if (status !== 0) throw new Error(output);
}

function makeAuthority(file: string): void {
  run(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    `${file}.key`,
    '-out',
    `${file}.crt`,
    '-subj',
    `/CN=${file}`,
    '-days',
    '2',
  );
}

/** @param names as a subjectAltName */
function certify(authority: string, names: string): void {
  run('req', ...KEY, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=db');
  openssl.write('server.ext', `subjectAltName=${names}\n`);
  const by = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-days', '2'];
  run('x509', '-req', '-in', 'server.csr', ...by, '-extfile', 'server.ext', '-out', 'server.crt');
}

/** A store on the server, reached by this host. */
function storeAt(host: string, authority?: string) {
  const config: DatabaseConfig = {
    url: `postgresql://subca@${host}:${String(port)}/${name}`,
    ...(authority !== undefined && { certificateAuthority: authority }),
  };
  return newStore(databasePlace(config, openssl.directory, ''));
}

/** Why there is no line. */
async function reasonOf(store: Promise<unknown>): Promise<unknown> {
  const error = await expectCode(store, DbError, 'DATABASE_UNAVAILABLE');
  expect(error.category).toBe('unavailable');
  return (error.params as { readonly reason: string }).reason;
}

test('a server with a certificate of the authority, for the name it is called by, is spoken to through TLS', async () => {
  const store = await storeAt('localhost', 'ca.crt');
  await addItem(store);
  expect(await countItems(store)).toBe(1);
  const { rows } = await sql`SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`.execute(
    store.read,
  );
  expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
});

test('a certificate for another name than the one that the server is called by is refused', async () => {
  expect(await reasonOf(storeAt('127.0.0.1', 'ca.crt'))).toMatch(/altname/i);
});

test('a certificate of another authority is refused', async () => {
  expect(await reasonOf(storeAt('localhost', 'other.crt'))).toMatch(/certificate/i);
});

test('where an authority is named, nothing goes to a server that has no TLS', async () => {
  const plain = await PostgresCluster.shared();
  const config = { ...(await plain.newDatabase()), certificateAuthority: 'ca.crt' };
  expect(await reasonOf(newStore(databasePlace(config, openssl.directory, '')))).toMatch(/SSL/);
});

test('an authority that cannot be read, or is none, leaves no line without it', async () => {
  expect(await reasonOf(storeAt('localhost', 'absent.crt'))).toBe('ENOENT');
  openssl.write('empty.crt', '');
  await reasonOf(storeAt('localhost', 'empty.crt'));
});

test.each([
  ['localhost', false],
  ['127.0.0.1', false],
  ['::1', false],
  ['/run/postgresql', false],
  ['db.example.gov.vn', { rejectUnauthorized: true }],
  ['localhost.example.gov.vn', { rejectUnauthorized: true }],
  ['127.0.0.1.example.gov.vn', { rejectUnauthorized: true }],
  ['10.0.0.1', { rejectUnauthorized: true }],
])('without an authority, TLS to %s: %j', (host, expected) => {
  expect(transportOf({ host, port: 5432, name: 'n', user: 'u' })).toEqual(expected);
});
