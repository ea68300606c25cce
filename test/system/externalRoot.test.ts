/**
 * A root CA on another system, played by OpenSSL with a key of its own, issues the sub-CA certificate from the files
 * that `rootca` wrote; taken back and checked, it carries a node through its whole work.
 *
 *   external root (openssl) ◄── request.pem, profile.json, openssl.cnf ── rootca ◄── application ── node
 *            └── certificate, CRL ──► rootca ── grant.bundle ──► node ── leaf ──► openssl verify
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '../../src/logger';
import { RootCa, RootError, takeExternalCertificate } from '../../src/root';
import { decodePemOrDer, readCertificate, readCrl } from '../../src/x509';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { OtherRoot } from '../support/otherRoot';
import { World, type Ran } from '../support/world';

let world: World;
let external: OtherRoot;
let crl: string;

beforeAll(async () => {
  world = await World.applied();
  external = new OtherRoot(world, 'external');
  crl = external.crl();
});

afterAll(() => {
  world.remove();
});

function take(certificate: string, list = crl): Ran {
  const files = ['--certificate', certificate, '--external-crl', list, '--out', 'grant.bundle'];
  return world.rootca('grant', 'issue', 'application.dsse', ...files);
}

/** The command must be refused, and the root hold what it held. @returns the places that are told */
async function refuses(run: () => Ran, exit: number, code: string): Promise<readonly string[]> {
  const before = await holdings(world.path('root'), 'rootca.db');
  const { code: ended, json } = run();
  expect([ended, json.error?.code]).toEqual([exit, code]);
  expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);
  return (json.error?.problems ?? []).map(({ where }) => where.replace(/ \[.*/, ''));
}

/** The extensions as written, changed. */
function extensionsWith(name: string, change: (text: string) => string): string {
  const written = world.read('order', 'openssl.cnf').toString('utf8');
  const changed = change(written);
  expect(changed).not.toBe(written);
  writeFileSync(world.path(name), changed);
  return name;
}

describe('naming an external root', () => {
  const sign = (file: string): Ran =>
    world.rootca('trust', 'sign', '--yes', '--threshold', '2', '--external-root', file);

  test('only a CA', async () => {
    const unfit = async (root: OtherRoot): Promise<readonly string[]> =>
      refuses(() => sign(root.file('pem')), 3, 'EXTERNAL_ROOT_UNFIT');
    expect(await unfit(new OtherRoot(world, 'no-ca', { constraints: 'CA:FALSE' }))).toContain(
      'basicConstraints',
    );
    await refuses(() => sign('application.dsse'), 2, 'PEM_MALFORMED');
  });

  test('it stays named until it is dropped, and no second one has its name', async () => {
    const order = (): Ran => world.rootca('grant', 'issue', 'application.dsse', '--external', 'order');
    await world.rootcaOk('application', 'show', 'application.dsse');
    await refuses(order, 3, 'APPLICATION_STATE');
    expect(sign(external.file('pem')).json['externalRoots']).toHaveLength(1);
    const twin = new OtherRoot(world, 'twin', { subject: 'external' });
    expect(await refuses(() => sign(twin.file('pem')), 3, 'EXTERNAL_ROOT_UNFIT')).toEqual(['subject']);
    const next = await world.rootcaOk('trust', 'sign', '--yes', '--threshold', '2');
    const [{ sha256 }] = next['externalRoots'] as [{ sha256: string }];
    const drop = ['trust', 'sign', '--yes', '--threshold', '2', '--drop-external-root'];
    expect((await world.rootcaOk(...drop, sha256))['externalRoots']).toEqual([]);
    await world.rootcaOk(
      'trust',
      'sign',
      '--yes',
      '--threshold',
      '2',
      '--external-root',
      external.file('pem'),
    );
  });
});

describe('the certificate', () => {
  beforeAll(async () => {
    for (const operator of ['an', 'binh']) {
      const pin = ['--pin-file', world.path('pins', operator), '--yes'];
      await world.rootcaOk('application', 'approve', 'application.dsse', '--operator', operator, ...pin);
    }
  });

  test('is ordered by files that stay the same when they are written again', async () => {
    const written = (): Readonly<Record<string, string>> =>
      Object.fromEntries(
        readdirSync(world.path('order')).map((name) => [
          name,
          readFileSync(world.path('order', name), 'utf8'),
        ]),
      );
    const order = ['grant', 'issue', 'application.dsse', '--external', 'order'];
    const before = await holdings(world.path('root'), 'rootca.db');
    const { files } = await world.rootcaOk(...order);
    const first = written();
    expect(Object.keys(first).sort()).toEqual([...(files as readonly string[])].sort());
    await world.rootcaOk(...order);
    expect(written()).toEqual(first);
    expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);

    world.openssl('req', '-in', join('order', 'request.pem'), '-verify', '-noout');
    const profile = JSON.parse(first['profile.json'] ?? '') as {
      extensions: { oid: string; critical: boolean }[];
    };
    expect(profile.extensions.filter(({ critical }) => critical).map(({ oid }) => oid)).toEqual([
      '2.5.29.19',
      '2.5.29.15',
      '2.5.29.30',
    ]);
    await refuses(() => world.rootca(...order, '--out', 'grant.bundle'), 2, 'BAD_COMMAND_LINE');
    await refuses(
      () => world.rootca(...order, '--external-root', 'ab'.repeat(32)),
      3,
      'EXTERNAL_ROOT_UNKNOWN',
    );
  });

  /** Takes files back in this process: as the command does, and many in the time of one. @returns the places told */
  async function unfit(certificate: string, list = crl): Promise<readonly string[]> {
    const root = await RootCa.open(world.path('root'), {
      clock: () => new Date(),
      logger: createLogger('silent'),
      random: randomBytes,
    });
    try {
      const [application] = (await root.store.read.selectFrom('applications').select('id').execute()).slice(
        -1,
      );
      const [ca, revoked] = [readCertificate(derOf(certificate), 'CA'), readCrl(derOf(list), 'CRL')];
      const take = takeExternalCertificate(root, application?.id ?? '', ca, revoked);
      const { problems } = await expectCode(take, RootError, 'EXTERNAL_CERTIFICATE_UNFIT');
      return problems.map(({ where }) => where.replace(/ \[.*/, ''));
    } finally {
      await root.close();
    }
  }

  const derOf = (file: string): Buffer =>
    decodePemOrDer(readFileSync(join(world.directory, file)), ['CERTIFICATE', 'X509 CRL'], file);

  test('is refused with every difference from the order', async () => {
    const before = await holdings(world.path('root'), 'rootca.db');
    const request = world.csr('other-key', '/C=VN/CN=Khác');
    expect(await unfit(external.issue('other.pem', { request }))).toEqual(
      expect.arrayContaining(['subject', 'subjectPublicKeyInfo']),
    );
    const changed = (name: string, from: string | RegExp, to: string): Promise<readonly string[]> => {
      const extensions = extensionsWith(`${name}.cnf`, (text) => text.replace(from, to));
      return unfit(external.issue(`${name}.pem`, { extensions }));
    };
    const length = await changed('path', '30:06:01:01:ff:02:01:00', '30:06:01:01:ff:02:01:01');
    expect(length).toContain('basicConstraints');
    expect(await changed('free', /^2\.5\.29\.30 = .*$/m, '')).toContain('nameConstraints');
    // laocai.gov.vn becomes laocaj.gov.vn.
    expect(await changed('wide', '6c:61:6f:63:61:69', '6c:61:6f:63:61:6a')).toEqual(['nameConstraints']);
    expect(await changed('soft', '2.5.29.30 = critical,', '2.5.29.30 = ')).toContain('nameConstraints');
    expect(await changed('extra', /$/, '\n1.2.3.4 = DER:05:00\n')).toContain('1.2.3.4');
    expect(await unfit(external.issue('long.pem', { days: '3700' }))).toEqual(['validity']);
    const weaker = await unfit(external.issue('weaker.pem', { digest: '-sha256' }));
    expect(weaker).toContain('signatureAlgorithm');
    const expired = external.issueBetween('expired.pem', '20240101000000Z', '20250101000000Z');
    expect(await unfit(expired)).toEqual(['notBefore', 'notAfter']);

    const stranger = new OtherRoot(world, 'stranger');
    const byStranger = await unfit(stranger.issue('by-stranger.pem'), stranger.crl());
    expect(byStranger).toEqual(expect.arrayContaining(['signature', 'crl.signature']));
    external.issue('good.pem');
    expect(await unfit('good.pem', 'stranger.crl')).toEqual(['crl.signature']);
    const altered = derOf('good.pem');
    altered[altered.length - 1] = (altered[altered.length - 1] ?? 0) ^ 1;
    writeFileSync(world.path('altered.der'), altered);
    expect(await unfit('altered.der')).toEqual(['signature']);
    // One that the external root has issued by its database, and revoked again.
    const end = new Date(Date.now() + 9 * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
    external.issueBetween('revoked.pem', new Date().toISOString().replace(/[-:T]|\.\d+/g, ''), end);
    expect(await unfit('revoked.pem', external.revoke('revoked.pem'))).toEqual(['crl.revokedCertificates']);
    expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);
  });

  test('is refused by the command, which keeps nothing', async () => {
    const places = await refuses(() => take('wide.pem'), 3, 'EXTERNAL_CERTIFICATE_UNFIT');
    expect(places).toEqual(['nameConstraints']);
    writeFileSync(
      world.path('garbage.der'),
      Buffer.concat([derOf('good.pem').subarray(0, 40), Buffer.alloc(99)]),
    );
    await refuses(() => take('garbage.der'), 2, 'CERTIFICATE_MALFORMED');
    await refuses(() => take('good.pem', 'garbage.der'), 2, 'CRL_MALFORMED');
  });

  test('is taken back, and carries the node', async () => {
    // Where the CRL of the external root is, only that root knows.
    const extensions = extensionsWith('cdp.cnf', (text) =>
      text.replace('[ sub_ca ]', '[ sub_ca ]\ncrlDistributionPoints = URI:http://khac.gov.vn/root.crl'),
    );
    const certificate = external.issue('subca.pem', { extensions });
    expect(take(certificate).code).toBe(0);
    const bundle = world.read('grant.bundle');
    await world.rootcaOk('grant', 'issue', 'application.dsse', '--out', 'again.bundle');
    expect(world.read('again.bundle').equals(bundle)).toBe(true);
    await refuses(() => take(external.issue('second.pem')), 3, 'EXTERNAL_CERTIFICATE_OTHER');

    const activate = ['activate', 'grant.bundle', '--root-fingerprint', world.fingerprint];
    await world.subcaOk(...activate);
    await world.subcaOk(
      ...['issue', '--profile', 'individual', '--csr', await world.newCsr(), '--out', 'leaf.pem'],
      ...['--subject', 'CN=NGUYỄN VĂN AN', 'E=an@laocai.gov.vn'],
    );
    const published = (name: string): string => world.path('node', 'published', name);
    expect(readFileSync(published('issuer.pem'), 'utf8').trim()).toBe(
      readFileSync(external.file('pem'), 'utf8').trim(),
    );
    world.openssl('crl', '-inform', 'DER', '-in', published('issuer.crl'), '-out', 'issuer-crl.pem');
    writeFileSync(
      world.path('crls.pem'),
      Buffer.concat([world.read('node', 'published', 'subca.crl.pem'), world.read('issuer-crl.pem')]),
    );
    const [leaf] = (await world.subcaOk('certificate', 'list'))['certificates'] as [{ serialNumber: string }];
    const chain = [
      'certificate',
      'show',
      leaf.serialNumber,
      '--format',
      'pem',
      '--chain',
      '--out',
      'chain.pem',
    ];
    await world.subcaOk(...chain);
    expect(world.read('chain.pem').toString('utf8')).toContain(
      world.read('external.pem').toString('utf8').trim(),
    );
    const trusted = ['-CAfile', published('issuer.pem'), '-untrusted', published('subca.pem')];
    const strict = ['-x509_strict', '-crl_check_all', '-CRLfile', 'crls.pem'];
    expect(world.openssl('verify', ...strict, ...trusted, 'leaf.pem')).toContain('leaf.pem: OK');
  });

  test('comes with a newer CRL when it is taken back again', async () => {
    crl = external.crl('60');
    expect(take('subca.pem').code).toBe(0);
    await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
    const published = world.path('node', 'published', 'issuer.crl');
    world.openssl('crl', '-inform', 'DER', '-in', published, '-out', 'now.pem');
    expect(world.read('now.pem').equals(world.read(crl))).toBe(true);
    const kept = readFileSync(published);
    writeFileSync(published, 'another');
    const { code, json } = world.subca('verify');
    expect([code, json.error?.code]).toEqual([5, 'PUBLISHED_DIFFERS']);
    writeFileSync(published, kept);
  });

  test('stays in force when its root is dropped, which issues nothing more', async () => {
    const printed = world.openssl('x509', '-in', external.file('pem'), '-noout', '-fingerprint', '-sha256');
    const drop = ['--drop-external-root', printed.trim().split('=')[1] ?? ''];
    await world.rootcaOk('trust', 'sign', '--yes', '--threshold', '2', ...drop);
    await refuses(() => take('subca.pem'), 3, 'EXTERNAL_ROOT_UNKNOWN');
    await world.subcaOk('sync', 'export', 'out.sync');
    await world.rootcaOk('import', 'out.sync', '--out', 'reply.sync');
    await world.subcaOk('sync', 'import', 'reply.sync');
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
    expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({ findings: 0, certificates: 2 });
    expect(await world.rootcaOk('inspect', 'subca.pem')).toMatchObject({ verdict: 'external', node: '15-1' });
    expect(await world.rootcaOk('inspect', 'leaf.pem')).toMatchObject({ verdict: 'recorded' });
    expect(await world.rootcaOk('inspect', 'good.pem')).toMatchObject({ verdict: 'foreign' });
  });

  test('that its root revokes is told of at once, and issues nothing more', async () => {
    await world.rootcaOk(
      'trust',
      'sign',
      '--threshold',
      '2',
      '--external-root',
      external.file('pem'),
      '--yes',
    );
    const revoked = external.revoke('subca.pem');
    const ended = ({ code, json }: Ran): readonly unknown[] => [code, json.error?.code];
    const stopped = [3, 'CA_CERTIFICATE_REVOKED'];
    expect(ended(take('subca.pem', revoked))).toEqual(stopped);
    const activate = ['activate', 'grant.bundle', '--root-fingerprint', world.fingerprint];
    expect(ended(world.subca(...activate))).toEqual(stopped);
    const published = world.path('node', 'published', 'issuer.crl');
    world.openssl('crl', '-inform', 'DER', '-in', published, '-out', 'now.pem');
    expect(world.read('now.pem').equals(world.read(revoked))).toBe(true);
    const issue = ['issue', '--profile', 'individual', '--csr', await world.newCsr()];
    expect(ended(world.subca(...issue, '--subject', 'CN=NGUYỄN VĂN AN'))).toEqual(stopped);
    expect(await world.subcaOk('status')).toMatchObject({
      caCertificate: { revokedAt: expect.any(String) as string },
    });
    await world.subcaOk('crl', 'publish');
    await world.subcaOk('verify');
  });
});
