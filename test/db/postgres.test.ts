/** What a PostgreSQL server must be and hold, and what becomes of a store when the server or the line to it fails. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import {
  databasePlace,
  DbError,
  executeCompiled,
  readServerUrl,
  type CommonSchema,
  type Database,
  type DatabaseConfig,
  type DatabasePlace,
  type Store,
} from '../../src/db';
import { expectCode } from '../support/matchers';
import { PostgresCluster } from '../support/postgresCluster';
import { addItem, countItems, newFolder, newStore, type TestSchema } from './scratch';

let cluster: PostgresCluster;
let config: DatabaseConfig;

beforeAll(async () => {
  cluster = await PostgresCluster.shared();
});

beforeEach(async () => {
  config = await cluster.newDatabase();
});

const placeOf = (changes: Partial<DatabaseConfig> = {}): DatabasePlace =>
  databasePlace({ ...config, ...changes }, '/', '');

/** One cluster's line, to be cut at a chosen word of the program. */
class Line {
  readonly directory = newFolder();
  readonly #sockets = new Set<Socket>();
  /** Cuts every connection when the program says so, after the server has answered it, or before it hears of it. */
  cutAt: { readonly word: string; readonly heard: boolean } | undefined;

  private constructor(private readonly server: Server) {}

  static async to(target: PostgresCluster): Promise<Line> {
    const socket = join(target.directory, '.s.PGSQL.5432');
    const server = createServer((near) => {
      const far = createConnection(socket);
      for (const one of [near, far]) {
        line.#sockets.add(one);
        one.on('error', () => undefined).on('close', () => line.#sockets.delete(one));
      }
      let isCutting = false;
      near.on('data', (bytes: Buffer) => {
        const { word, heard } = line.cutAt ?? { word: '', heard: false };
        isCutting ||= word !== '' && bytes.includes(word);
        if (!isCutting || heard) far.write(bytes);
        if (isCutting && !heard) line.cut();
      });
      far.on('data', (bytes: Buffer) => {
        if (isCutting) line.cut();
        else near.write(bytes);
      });
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    const line = new Line(server);
    await new Promise<void>((resolve) => {
      server.listen(join(line.directory, '.s.PGSQL.5432'), resolve);
    });
    return line;
  }

  cut(): void {
    this.cutAt = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

describe('a server', () => {
  test.each([['fsync=off'], ['full_page_writes=off']])('with %s is refused', async (setting) => {
    const careless = await PostgresCluster.start([setting]);
    try {
      const place = databasePlace(await careless.newDatabase(), '/', '');
      const error = await expectCode(newStore(place), DbError, 'SETTING_NOT_HELD');
      const [name] = setting.split('=');
      expect(error.params).toMatchObject({ setting: name, found: 'off', expected: 'on' });
    } finally {
      careless.remove();
    }
  });

  test('that does not wait for its disk by itself is told to', async () => {
    const { name } = readServerUrl(config.url) ?? { name: '' };
    await cluster.sql(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    const store = await newStore(placeOf());
    const { rows } = await sql`SHOW synchronous_commit`.execute(store.read);
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  test('with another encoding is refused', async () => {
    const name = 'latin';
    await cluster.sql(
      `CREATE DATABASE ${name} OWNER subca TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'`,
    );
    const error = await expectCode(
      newStore(placeOf({ url: config.url.replace(/\/\/\/\w+/, `///${name}`) })),
      DbError,
      'SETTING_NOT_HELD',
    );
    expect(error.params).toMatchObject({ setting: 'server_encoding', found: 'LATIN1' });
  });

  test.each([
    ['that does not run', (url: string) => url.replace(/host=[^&]*/, 'host=/nowhere')],
    ['without the database', (url: string) => url.replace(/\/\/\/\w+/, '///absent')],
    ['without the role', (url: string) => url.replace(/user=.*/, 'user=absent')],
  ])('%s is unavailable', async (_, change) => {
    const error = await expectCode(
      newStore(placeOf({ url: change(config.url) })),
      DbError,
      'DATABASE_UNAVAILABLE',
    );
    expect(error.category).toBe('unavailable');
  });
});

describe('schemas', () => {
  test('keep the tables of two parties in one database apart', async () => {
    const { name } = readServerUrl(config.url) ?? { name: '' };
    const stores: Store<TestSchema>[] = [];
    for (const schema of ['one', 'two']) {
      await cluster.sql(`CREATE SCHEMA ${schema} AUTHORIZATION subca`, name);
      stores.push(await newStore(placeOf({ schema })));
    }
    const [one, two] = stores as [Store<TestSchema>, Store<TestSchema>];
    await one.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      // Each has a write lock of its own.
      await addItem(two);
      await addItem(two);
    });
    expect([await countItems(one), await countItems(two)]).toEqual([1, 2]);
  });

  test('what others put beside the tables is never run, and where they may put it nothing is done', async () => {
    const database = new URL(config.url).pathname.slice(1);
    const mallory = `mallory_${database.slice(2)}`;
    await cluster.sql(`CREATE ROLE ${mallory} LOGIN`);
    await cluster.sql('GRANT CREATE ON SCHEMA public TO PUBLIC', database);
    const open = async (): Promise<Store<TestSchema>> => newStore(placeOf());
    const shared = await expectCode(open(), DbError, 'SCHEMA_SHARED');
    expect(shared.params).toMatchObject({ schema: 'public', roles: 'PUBLIC' });
    // Better than PostgreSQL's own hashtext(text) for the name of a schema.
    await cluster.sql(
      `SET ROLE ${mallory}; CREATE TABLE loot (who text); GRANT ALL ON loot TO PUBLIC;
       CREATE FUNCTION hashtext(name) RETURNS integer LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO public.loot VALUES (current_user); RETURN 7; END $$`,
      database,
    );
    await cluster.sql('REVOKE CREATE ON SCHEMA public FROM PUBLIC', database);
    expect((await expectCode(open(), DbError, 'SCHEMA_SHARED')).params).toMatchObject({ roles: mallory });
    await cluster.sql('CREATE SCHEMA own AUTHORIZATION subca', database);
    const store = await newStore(placeOf({ schema: 'own' }));
    await addItem(store);
    await store.close();
    expect(await cluster.sql('SELECT who FROM loot', database)).toEqual([]);
    await cluster.sql(`DROP FUNCTION hashtext(name); DROP TABLE loot; DROP ROLE ${mallory}`, database);
    await (await open()).close();
  });

  test('one that is not there is told', async () => {
    const error = await expectCode(newStore(placeOf({ schema: 'absent' })), DbError, 'DATABASE_UNAVAILABLE');
    expect(error.params).toMatchObject({ reason: 'there is no schema absent' });
  });
});

describe('a password', () => {
  const PASSWORD = 'một mật khẩu: "bí mật"';
  let url: string;

  beforeAll(async () => {
    await cluster.sql(
      `DO $$ BEGIN CREATE ROLE with_password LOGIN PASSWORD '${PASSWORD}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
    ({ url } = await cluster.newDatabase('with_password'));
  });

  function fileOf(content: string, mode = 0o600): string {
    const file = join(newFolder(), 'password');
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  }

  test('is read from a file of mode 0600', async () => {
    const password = { file: fileOf(`${PASSWORD}\n`) };
    await addItem(await newStore(placeOf({ url, password })));
  });

  test('is read from a systemd credential', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'db'), PASSWORD);
    process.env['CREDENTIALS_DIRECTORY'] = folder;
    try {
      await addItem(await newStore(placeOf({ url, password: { credential: 'db' } })));
    } finally {
      delete process.env['CREDENTIALS_DIRECTORY'];
    }
    await expectCode(
      newStore(placeOf({ url, password: { credential: 'db' } })),
      DbError,
      'PASSWORD_UNUSABLE',
    );
  });

  test.each([
    ['that others may read', () => fileOf(PASSWORD, 0o640), 'mode 0640'],
    ['that is not there', () => join(newFolder(), 'absent'), 'ENOENT'],
    ['of two lines', () => fileOf(`${PASSWORD}\nmore\n`), 'not one line'],
    ['that is a folder', () => newFolder(), 'not a regular file'],
  ])('a file %s is refused', async (_, make, reason) => {
    const password = { file: make() };
    const error = await expectCode(newStore(placeOf({ url, password })), DbError, 'PASSWORD_UNUSABLE');
    expect(error.params).toEqual({ source: password.file, reason });
  });

  test('that is wrong, or missing, is told without telling it', async () => {
    for (const password of [{ file: fileOf('wrong-one') }, undefined]) {
      const error = await expectCode(newStore(placeOf({ url, password })), DbError, 'DATABASE_UNAVAILABLE');
      const told = `${error.message} ${JSON.stringify(error)} ${String((error.cause as Error).stack)}`;
      expect(told).not.toContain('wrong-one');
    }
  });

  test('has no place in the URL', () => {
    for (const bad of [
      'postgresql://subca:secret@db.example/subca',
      'postgresql:///subca?host=/run/postgresql&user=subca&password=secret',
      'postgresql://subca@db.example/subca?sslmode=disable',
      'postgres://subca@db.example/subca',
      'postgresql://subca@db.example:99999/subca',
      'postgresql://subca@db.example/',
      'subca',
    ])
      expect(readServerUrl(bad)).toBeUndefined();
    expect(readServerUrl('postgresql://subca@[2001:db8::1]:5433/registry')).toEqual({
      host: '2001:db8::1',
      port: 5433,
      user: 'subca',
      name: 'registry',
    });
  });
});

describe('a line that is cut', () => {
  let line: Line;
  let store: Store<TestSchema>;

  beforeEach(async () => {
    line = await Line.to(cluster);
    store = await newStore(placeOf({ url: config.url.replace(cluster.directory, line.directory) }));
  });

  afterEach(() => {
    line.close();
  });

  test('between two uses is laid anew', async () => {
    await addItem(store);
    line.cut();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await addItem(store);
    expect(await countItems(store)).toBe(2);
  });

  test('takes the inserts with it that were prepared on it, and they are prepared on the next', async () => {
    const insert = async (amount: number): Promise<unknown> =>
      store.transaction(async (tx) => {
        const insertion = tx.insertInto('items');
        const db = tx as unknown as Database<CommonSchema>;
        await executeCompiled(db, 'items insert', [amount], () => insertion.values({ amount }).compile());
        return (await sql`SELECT name FROM pg_prepared_statements`.execute(tx)).rows;
      });
    for (const amount of [1, 2]) expect(await insert(amount)).toEqual([{ name: 'items insert' }]);
    line.cut();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await insert(3)).toEqual([{ name: 'items insert' }]);
    const items = await store.read.selectFrom('items').select('amount').orderBy('amount').execute();
    expect(items).toEqual([{ amount: 1 }, { amount: 2 }, { amount: 3 }]);
  });

  test('inside a transaction undoes it; the next one works', async () => {
    const failing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      line.cut();
      await tx.insertInto('items').values({ amount: 2 }).execute();
    });
    await expectCode(failing, DbError, 'DATABASE_UNAVAILABLE');
    await addItem(store);
    expect(await countItems(store)).toBe(1);
  });

  test('before a commit is sent leaves nothing uncertain', async () => {
    const failing = store.transaction(async (tx) => {
      await tx.insertInto('items').values({ amount: 1 }).execute();
      line.cut();
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await expectCode(failing, DbError, 'DATABASE_UNAVAILABLE');
    expect(await countItems(store)).toBe(0);
  });

  test.each([
    ['after', true, 1],
    ['before', false, 0],
  ])(
    '%s the server has heard of a commit leaves it uncertain, and the store usable',
    async (_, heard, rows) => {
      line.cutAt = { word: 'COMMIT\0', heard };
      const error = await expectCode(addItem(store), DbError, 'COMMIT_UNCERTAIN');
      expect(error.category).toBe('unavailable');
      expect(await countItems(store)).toBe(rows);
      await addItem(store);
      expect(await countItems(store)).toBe(rows + 1);
    },
  );
});

describe('a server that is stopped and started', () => {
  let own: PostgresCluster;

  beforeAll(async () => {
    own = await PostgresCluster.start();
  });

  afterAll(() => {
    own.remove();
  });

  test('is unavailable meanwhile, and used again afterwards, with its settings looked at anew', async () => {
    const place = databasePlace(await own.newDatabase(), '/', '');
    const store = await newStore(place);
    await addItem(store);
    own.down();
    await expectCode(addItem(store), DbError, 'DATABASE_UNAVAILABLE');
    await expectCode(countItems(store), DbError, 'DATABASE_UNAVAILABLE');
    await own.up();
    await addItem(store);
    expect(await countItems(store)).toBe(2);
    own.down();
    const conf = join(own.directory, 'data', 'postgresql.auto.conf');
    writeFileSync(conf, `${readFileSync(conf, 'utf8')}\nfsync = off\n`);
    await own.up();
    await expectCode(addItem(store), DbError, 'SETTING_NOT_HELD');
  });
});
