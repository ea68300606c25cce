/**
 * The CA key is rolled over: both generations stay verifiable, and only the new one issues.
 *
 *   e1  issue ×2 ───────────────────────────────┬─ sealed ── revoke, CRL, OCSP ──┐
 *        rollover begin ─ KILL ─ begin ─ apply  │                                ├─ openssl, sync, verify at both ends
 *        approve ×2 ─ grant issue ─ activate ─ KILL ─ … ─ activate               │
 *   e2                                          └─ issue ×2 ── revoke, CRL, OCSP ┘
 *
 * At the end the node turns rogue: it issues with the old key all the same.
 */
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { RawDatabase } from '../support/rawDatabase';
import { nodeHoldings } from '../support/refusal';
import { RogueNode } from '../support/rogue';
import { World, type Ran } from '../support/world';

/** When an activation is killed, in times of what a command takes that only reads. */
const KILLS = [0.8, 1, 1.1, 1.2, 1.4];

let world: World;
const serials = new Map<string, string>();

beforeAll(async () => {
  world = await World.activated();
  for (const name of ['old-good', 'old-revoked']) await issue(name);
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<string> {
  // A key belongs to one subscriber; asked again for the same one, it is the same request.
  if (!existsSync(world.path(`${name}.csr`))) world.csr(name, `/CN=${name}`);
  const how = ['--profile', 'organisation', '--csr', `${name}.csr`];
  const issued = await world.subcaOk('issue', ...how, '--out', `${name}.crt`);
  const serialNumber = issued['serialNumber'] as string;
  serials.set(name, serialNumber);
  return serialNumber;
}

async function withDatabase<T>(work: (database: RawDatabase) => Promise<T>): Promise<T> {
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function stop(service: ChildProcess): Promise<void> {
  service.kill('SIGTERM');
  await once(service, 'exit');
}

interface Begun {
  readonly epoch: number;
  readonly label: string;
  readonly spkiSha256: string;
}

test('the next key is made once, however often its making is cut off, and while it waits the old one issues', async () => {
  const before = await nodeHoldings(world);
  expect(world.subca('rollover', 'apply', '--out', 'early.dsse')).toMatchObject({
    code: 3,
    json: { error: { code: 'ROLLOVER_NOT_BEGUN' } },
  });
  expect(await nodeHoldings(world)).toEqual(before);

  const begun = (await world.subcaOk('rollover', 'begin')) as unknown as Begun;
  expect(begun).toMatchObject({ epoch: 2, label: '15-1-ca-e2', algorithm: 'p-256' });
  // As a crash leaves it that falls between the token's answer and its record.
  await withDatabase((database) =>
    database.rows("UPDATE keys SET spki = NULL, attributes = NULL WHERE role = 'ca-e2'"),
  );
  expect(await world.subcaOk('rollover', 'status')).toMatchObject({ state: 'idle' });
  expect(await world.subcaOk('rollover', 'begin')).toEqual(begun);

  expect(world.subca('rollover', 'begin')).toMatchObject({
    code: 3,
    json: { error: { code: 'ROLLOVER_PENDING', params: { epoch: 2 } } },
  });
  expect(await world.subcaOk('status')).toMatchObject({
    rollover: { state: 'pending', pending: begun, generations: [{ epoch: 1, state: 'issuing' }] },
  });
  expect(await issue('meanwhile')).toMatch(/^01/);
});

test('two operators approve the same grant for the next key, and one cannot', async () => {
  const applied = await world.subcaOk('rollover', 'apply', '--out', 'rollover.dsse');
  expect(applied['subject']).toMatch(/ G2$/);
  const shown = await world.rootcaOk('application', 'show', 'rollover.dsse');
  const first = await world.rootcaOk('grant', 'show', '15-1');
  expect(shown['grant']).toMatchObject({
    ...first,
    version: 2,
    previous: (applied['succeeds'] as { sha256: string }).sha256,
    issuedAt: expect.any(String) as string,
    effectiveFrom: expect.any(String) as string,
    keys: { ...(first['keys'] as object), epoch: 2, caSpkiSha256: expect.any(String) as string },
    urls: {
      crl: [expect.stringMatching(/\/subca-e2\.crl$/)],
      caIssuers: [expect.stringMatching(/\/subca-e2\.crt$/)],
      ocsp: (first['urls'] as { ocsp: string[] }).ocsp,
    },
  });
  const approve = ['application', 'approve', 'rollover.dsse', '--yes', '--operator'] as const;
  await world.rootcaOk(...approve, 'an', '--pin-file', world.path('pins', 'an'));
  expect(world.rootca('grant', 'issue', 'rollover.dsse', '--out', 'rollover.bundle')).toMatchObject({
    code: 3,
    json: { error: { code: 'APPLICATION_STATE' } },
  });
  await world.rootcaOk(...approve, 'binh', '--pin-file', world.path('pins', 'binh'));
  await world.rootcaOk('grant', 'issue', 'rollover.dsse', '--out', 'rollover.bundle');
  await world.rootcaOk('grant', 'issue', 'rollover.dsse', '--out', 'again.bundle');
  expect(world.read('again.bundle')).toEqual(world.read('rollover.bundle'));
  // The first application's bundle stays what it was.
  await world.rootcaOk('grant', 'issue', 'application.dsse', '--out', 'first.bundle');
  expect(world.read('first.bundle').includes(world.read('grant.bundle').subarray(-200))).toBe(true);
});

test('a sync while the grant waits neither takes nor loses it, and a second successor is refused', async () => {
  const registry = await world.serve('rootca');
  expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
  await stop(registry);
  expect(await world.subcaOk('status')).toMatchObject({ grant: { version: 1 } });
  await world.subcaOk('rollover', 'apply', '--out', 'second.dsse');
  expect(world.rootca('application', 'show', 'second.dsse')).toMatchObject({
    code: 3,
    json: { error: { code: 'GRANT_NOT_CURRENT', params: { found: 1, version: 2 } } },
  });
  expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({
    generations: [{ epoch: 1 }, { epoch: 2, entries: 0, lastContact: null }],
  });
});

test('an activation that is killed has happened or has not, and is finished when it is repeated', async () => {
  const states = new Set<string>();
  const began = performance.now();
  await world.subcaOk('rollover', 'status');
  const unit = performance.now() - began;
  for (const times of KILLS) {
    const child = world.start('subca', 'rollover', 'activate', 'rollover.bundle', '--json');
    const ended = once(child, 'exit');
    await sleep(times * unit);
    child.kill('SIGKILL');
    await ended;
    await withDatabase(async (database) => {
      const [row] = await database.rows<{ keys: number; journals: number; sealed: number; grants: number }>(
        `SELECT (SELECT count(*) FROM documents WHERE kind = 'ca-certificate') AS keys,
                (SELECT count(*) FROM documents WHERE kind = 'grant') AS grants,
                (SELECT count(*) FROM journals) AS journals,
                (SELECT count(*) FROM entries WHERE idx = 0) AS sealed`,
      );
      expect([
        { keys: 1, grants: 1, journals: 1, sealed: 1 },
        { keys: 2, grants: 2, journals: 2, sealed: 2 },
      ]).toContainEqual(row);
      states.add(JSON.stringify(row));
    });
  }
  const activated = await world.subcaOk('rollover', 'activate', 'rollover.bundle');
  expect(activated).toMatchObject({ epoch: 2, version: 2, origin: 'registry.test/15-1/e2' });
  await world.subcaOk('activate', 'rollover.bundle', '--root-fingerprint', world.fingerprint);
  // The one it had before is still its own, and takes nothing back.
  await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
  process.stdout.write(`activation killed ${String(KILLS.length)} times: ${[...states].join(' ')}\n`);
  expect(await world.subcaOk('verify')).toMatchObject({ journals: [{}, {}] });
  expect(await world.subcaOk('rollover', 'status')).toMatchObject({
    state: 'idle',
    pending: null,
    generations: [
      { epoch: 1, state: 'closing', lastNotAfter: expect.any(String) as string },
      { epoch: 2, state: 'issuing' },
    ],
  });
});

const root = (): string => world.path('root', 'published', 'root.pem');
const published = (file: string): string => world.path('node', 'published', file);
const ISSUERS = { old: 'subca', new: 'subca-e2' } as const;

describe('with certificates of both generations, one of each revoked', () => {
  beforeAll(async () => {
    for (const name of ['new-good', 'new-revoked']) expect(await issue(name)).toMatch(/^02/);
    // What was asked for before is not issued twice.
    expect(await issue('old-good')).toMatch(/^01/);
    for (const name of ['old-revoked', 'new-revoked']) {
      const serial = serials.get(name) ?? '';
      await world.subcaOk('revoke', serial, '--reason', 'superseded', '--yes');
      expect(await world.subcaOk('certificate', 'show', serial)).toMatchObject({ status: 'revoked' });
    }
  });

  test.each(['old', 'new'] as const)(
    'OpenSSL checks the %s ones by their own chain and CRL',
    (generation) => {
      const files = ISSUERS[generation];
      const verify = (name: string): string =>
        world.openssl(
          ...['verify', '-x509_strict', '-CAfile', root(), '-untrusted', published(`${files}.pem`)],
          ...['-crl_check', '-CRLfile', published(`${files}.crl.pem`), `${name}.crt`],
        );
      expect(verify(`${generation}-good`)).toBe(`${generation}-good.crt: OK\n`);
      expect(() => verify(`${generation}-revoked`)).toThrow(/certificate revoked/);
      // The other's CRL says nothing about it.
      const other = generation === 'old' ? 'new' : 'old';
      expect(() => verify(`${other}-good`)).toThrow();
    },
  );

  test('each names the files of its own generation, and the service serves them', async () => {
    const config = parse(world.read('node', 'config.yaml').toString('utf8')) as { public: { port: number } };
    const site = `http://127.0.0.1:${String(config.public.port)}`;
    const service = await world.serve('subca');
    for (const [generation, files] of Object.entries(ISSUERS)) {
      const pem = world.read(`${generation}-good.crt`).toString();
      const text = world.openssl('x509', '-in', `${generation}-good.crt`, '-noout', '-text');
      expect(text).toContain(`URI:${site}/${files}.crl\n`);
      const address = new RegExp(`CA Issuers - URI:(${site}/${files}\\.crt)\n`).exec(text)?.[1] ?? '';
      const answer = await fetch(address);
      expect(answer.headers.get('content-type')).toBe('application/pkix-cert');
      const issuer = new X509Certificate(Buffer.from(await answer.arrayBuffer()));
      expect(new X509Certificate(pem).verify(issuer.publicKey)).toBe(true);
      expect((await fetch(`${site}/${files}.crl`)).headers.get('content-type')).toBe('application/pkix-crl');
    }
    expect((await fetch(`${site}/subca-e3.crl`)).status).toBe(404);
    expect((await fetch(`${site}/..%2Fconfig.yaml`)).status).toBe(404);

    const status = (files: string, ...asked: readonly string[]): string =>
      /: (good|revoked|unknown)\b/.exec(
        world.openssl(
          ...['ocsp', '-issuer', published(`${files}.pem`), ...asked, '-url', `${site}/ocsp`],
          ...['-CAfile', root(), '-verify_other', published(`${files}.pem`)],
        ),
      )?.[1] ?? '';
    for (const [generation, files] of Object.entries(ISSUERS)) {
      expect(status(files, '-cert', `${generation}-good.crt`)).toBe('good');
      expect(status(files, '-cert', `${generation}-revoked.crt`)).toBe('revoked');
    }
    // Of the other issuer, nobody has that number.
    expect(status(ISSUERS.old, '-serial', `0x${serials.get('new-good') ?? ''}`)).toBe('unknown');
    await stop(service);
  });

  test('by file and over the network the root takes both journals, and both ends find everything in order', async () => {
    await world.subcaOk('sync', 'export', 'out.submission');
    const imported = await world.rootcaOk('import', 'out.submission', '--out', 'back.reply');
    expect(imported).toMatchObject({ submissions: 2, findings: 0 });
    expect(await world.subcaOk('sync', 'import', 'back.reply')).toMatchObject({
      findings: 0,
      journals: [{ origin: 'registry.test/15-1/e1' }, { origin: 'registry.test/15-1/e2' }],
    });
    await world.subcaOk('crl', 'publish');
    const registry = await world.serve('rootca');
    const synced = await world.subcaOk('sync');
    expect(synced).toMatchObject({ sent: 2, findings: 0 });
    await stop(registry);
    const verified = await world.subcaOk('verify');
    // A kill may have fallen while the new key signed its first certificate, that of the OCSP responder.
    expect(verified).toMatchObject({ entries: synced['size'], issued: 5, revoked: 2, pending: 0 });
    const atRoot = await world.rootcaOk('verify');
    expect(atRoot['nodes']).toMatchObject(verified['journals'] as object[]);
    expect(await world.rootcaOk('findings')).toMatchObject({ findings: [] });
    expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({
      entries: synced['size'],
      certificates: 7,
      revoked: 2,
      origin: 'registry.test/15-1/e2',
      generations: [
        { epoch: 1, sealedAt: expect.any(Number) as number },
        { epoch: 2, sealedAt: null },
      ],
    });
    // Counted under the grant, whichever key signed.
    expect(await world.subcaOk('status')).toMatchObject({ quota: { total: verified['certificates'] } });
    for (const name of ['old-revoked', 'new-revoked']) {
      expect(await world.rootcaOk('inspect', `${name}.crt`)).toMatchObject({
        verdict: 'recorded',
        status: 'revoked',
      });
    }
  });
});

test('what a rogue node signs with the old key is found, whether the root knows of the seal yet or not', async () => {
  const issueWithOldKey = (): Promise<{ intent: number }> =>
    RogueNode.work(world, world.csr('rogue', '/CN=SỞ NỘI VỤ'), (rogue) => rogue.issue());
  const sync = async (): Promise<Ran> => {
    const registry = await world.serve('rootca');
    const ran = world.subca('sync');
    await stop(registry);
    return ran;
  };
  // The root forgets what it was told of the second journal, so that the first comes to it unsealed once more.
  const database = await RawDatabase.open(world.path('root', 'rootca.db'));
  const e2 = await database.value("SELECT id FROM journals WHERE origin LIKE '%/e2'");
  for (const table of ['entries', 'treeNodes', 'certificates', 'quota'])
    await database.rows(`DELETE FROM "${table}" WHERE journal = ?`, e2);
  await database.rows('UPDATE nodes SET checkpoint = NULL, status = NULL WHERE journal = ?', e2);
  await database.rows(
    `UPDATE journals SET size = 0, frontier = x'', lastTime = NULL, grantVersion = 0, crlNumber = 0,
     rootHash = x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' WHERE id = ?`,
    e2,
  );
  await database.close();
  const before = await issueWithOldKey();
  // The seal comes with the second journal, after the receipt for the first.
  expect(await sync()).toMatchObject({ code: 0 });
  const after = await issueWithOldKey();
  expect(await sync()).toMatchObject({ code: 5, json: { findings: 2 } });
  const { findings } = (await world.rootcaOk('findings')) as unknown as { findings: readonly object[] };
  expect(findings).toMatchObject(
    [before, after].map(({ intent }) => ({
      code: 'EPOCH_SEALED',
      origin: 'registry.test/15-1/e1',
      entryIndex: intent,
    })),
  );
  expect(world.rootca('verify')).toMatchObject({
    code: 5,
    json: { nodes: [{ findings: 2 }, { findings: 0 }] },
  });
  expect(world.subca('verify')).toMatchObject({ code: 5, json: { error: { code: 'RULE_BROKEN' } } });
});
