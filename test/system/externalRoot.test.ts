/**
 * A root CA on another system, played by OpenSSL with a key of its own, issues the sub-CA certificate from the files
 * that `rootca` wrote; taken back and checked, it carries a node through its whole work.
 *
 *   external root (openssl) ◄── request.pem, profile.json, openssl.cnf ── rootca ◄── application ── node
 *            └── certificate, CRL ──► rootca ── grant.bundle ──► node ── leaf ──► openssl verify
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdings } from '../support/holdings';
import { World, type Ran } from '../support/world';

/** An OpenSSL CA: its key, certificate, configuration and CRL number lie in a folder of this name. */
class OtherRoot {
  constructor(
    readonly world: World,
    readonly name: string,
    { constraints = 'critical,CA:TRUE', usage = 'critical,keyCertSign,cRLSign', subject = name } = {},
  ) {
    const config = [
      '[ req ]',
      'distinguished_name = dn',
      'string_mask = utf8only',
      '[ dn ]',
      '[ root ]',
      `basicConstraints = ${constraints}`,
      `keyUsage = ${usage}`,
      'subjectKeyIdentifier = hash',
      '[ ca ]',
      'default_ca = own',
      '[ own ]',
      `database = ${this.file('index.txt')}`,
      `crlnumber = ${this.file('crlnumber')}`,
      `new_certs_dir = ${world.directory}`,
      'default_md = sha256',
      'policy = any',
      'rand_serial = yes',
      'unique_subject = no',
      '[ any ]',
      ...['C', 'L', 'O', 'CN'].map((type) => `${LONG_NAMES[type] ?? ''} = optional`),
      '[ crl ]',
      'authorityKeyIdentifier = keyid',
      '',
    ];
    writeFileSync(this.file('cnf'), config.join('\n'));
    writeFileSync(this.file('index.txt'), '');
    writeFileSync(this.file('crlnumber'), '4096\n');
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
      '-nodes',
      '-keyout',
      this.file('key'),
    ];
    const named = ['-utf8', '-subj', `/C=VN/O=Hệ thống khác/CN=${subject}`, '-days', '7000'];
    const extensions = ['-config', this.file('cnf'), '-extensions', 'root'];
    world.openssl('req', '-x509', '-new', ...key, ...named, ...extensions, '-out', this.file('pem'));
  }

  file(kind: string): string {
    return this.world.path(`${this.name}.${kind}`);
  }

  /** Makes a new CRL, one second after any other. */
  crl(days = '30'): string {
    const out = this.file('crl');
    const how = ['-config', this.file('cnf'), '-cert', this.file('pem'), '-keyfile', this.file('key')];
    this.world.openssl(
      'ca',
      '-gencrl',
      '-crlexts',
      'crl',
      '-crldays',
      days,
      '-md',
      'sha384',
      ...how,
      '-out',
      out,
    );
    return out;
  }

  /** Issues by the written files, as the README of the order says. */
  issue(
    out: string,
    { request = 'order/request.pem', extensions = 'order/openssl.cnf', days = '3000' } = {},
  ): string {
    const by = ['-CA', this.file('pem'), '-CAkey', this.file('key'), '-sha384', '-days', days];
    const what = ['-extfile', extensions, '-extensions', 'sub_ca'];
    this.world.openssl('x509', '-req', '-in', request, ...by, ...what, '-out', out);
    return out;
  }

  /** As `issue`, with dates of one's choice and by the other command. */
  issueBetween(out: string, start: string, end: string): string {
    const how = [
      '-config',
      this.file('cnf'),
      '-cert',
      this.file('pem'),
      '-keyfile',
      this.file('key'),
      '-md',
      'sha384',
    ];
    const what = [
      '-extfile',
      'order/openssl.cnf',
      '-extensions',
      'sub_ca',
      '-startdate',
      start,
      '-enddate',
      end,
    ];
    const ways = ['-batch', '-notext', '-preserveDN', '-utf8'];
    this.world.openssl('ca', ...how, ...ways, ...what, '-in', 'order/request.pem', '-out', out);
    return out;
  }
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  C: 'countryName',
  L: 'localityName',
  O: 'organizationName',
  CN: 'commonName',
};

let world: World;
let external: OtherRoot;
let crl: string;

beforeAll(async () => {
  world = await World.applied();
  external = new OtherRoot(world, 'external');
  crl = external.crl();
}, 60_000);

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
    world.rootca('trust', 'sign', '--threshold', '2', '--external-root', file);

  test('only a CA that may have another below it, valid and self-issued', async () => {
    const unfit = async (root: OtherRoot): Promise<readonly string[]> =>
      refuses(() => sign(root.file('pem')), 3, 'EXTERNAL_ROOT_UNFIT');
    expect(await unfit(new OtherRoot(world, 'leaf', { constraints: 'CA:FALSE' }))).toContain(
      'basicConstraints',
    );
    const short = new OtherRoot(world, 'short', { constraints: 'critical,CA:TRUE,pathlen:0' });
    expect(await unfit(short)).toEqual(['basicConstraints']);
    const dumb = new OtherRoot(world, 'dumb', { usage: 'critical,keyCertSign' });
    expect(await unfit(dumb)).toEqual(['keyUsage']);
    await refuses(() => sign('application.dsse'), 2, 'PEM_MALFORMED');
  });

  test('it stays named until it is dropped, and no second one has its name', async () => {
    const order = (): Ran => world.rootca('grant', 'issue', 'application.dsse', '--external', 'order');
    await world.rootcaOk('application', 'show', 'application.dsse');
    await refuses(order, 3, 'APPLICATION_STATE');
    expect(sign(external.file('pem')).json['externalRoots']).toHaveLength(1);
    const twin = new OtherRoot(world, 'twin', { subject: 'external' });
    expect(await refuses(() => sign(twin.file('pem')), 3, 'EXTERNAL_ROOT_UNFIT')).toEqual(['subject']);
    const next = await world.rootcaOk('trust', 'sign', '--threshold', '2');
    const [{ sha256 }] = next['externalRoots'] as [{ sha256: string }];
    const drop = ['trust', 'sign', '--threshold', '2', '--drop-external-root'];
    await refuses(() => world.rootca(...drop, '0'.repeat(64)), 3, 'EXTERNAL_ROOT_UNKNOWN');
    expect((await world.rootcaOk(...drop, sha256))['externalRoots']).toEqual([]);
    await world.rootcaOk('trust', 'sign', '--threshold', '2', '--external-root', external.file('pem'));
  }, 30_000);
});

describe('the certificate', () => {
  beforeAll(async () => {
    for (const operator of ['an', 'binh']) {
      const pin = ['--pin-file', world.path('pins', operator), '--yes'];
      await world.rootcaOk('application', 'approve', 'application.dsse', '--operator', operator, ...pin);
    }
  }, 30_000);

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
  }, 30_000);

  test('is refused with every difference from the order', async () => {
    const unfit = (certificate: string, list = crl): Promise<readonly string[]> =>
      refuses(() => take(certificate, list), 3, 'EXTERNAL_CERTIFICATE_UNFIT');
    const csr = world.csr('other-key', '/C=VN/CN=Khác');
    expect(await unfit(external.issue('other.pem', { request: csr }))).toEqual(
      expect.arrayContaining(['subject', 'subjectPublicKeyInfo']),
    );
    const longer = extensionsWith('path.cnf', (text) =>
      text.replace('30:06:01:01:ff:02:01:00', '30:06:01:01:ff:02:01:01'),
    );
    expect(await unfit(external.issue('path.pem', { extensions: longer }))).toContain('basicConstraints');
    const free = extensionsWith('free.cnf', (text) => text.replace(/^2\.5\.29\.30 = .*$/m, ''));
    expect(await unfit(external.issue('free.pem', { extensions: free }))).toContain('nameConstraints');
    // laocai.gov.vn becomes laocai.gov.vm.
    const wide = extensionsWith('wide.cnf', (text) => text.replace('67:6f:76:2e:76:6e', '67:6f:76:2e:76:6d'));
    expect(await unfit(external.issue('wide.pem', { extensions: wide }))).toEqual(['nameConstraints']);
    const soft = extensionsWith('soft.cnf', (text) => text.replace('2.5.29.30 = critical,', '2.5.29.30 = '));
    expect(await unfit(external.issue('soft.pem', { extensions: soft }))).toContain('nameConstraints');
    const extra = extensionsWith('extra.cnf', (text) => `${text}\n1.2.3.4 = DER:05:00\n`);
    expect(await unfit(external.issue('extra.pem', { extensions: extra }))).toContain('1.2.3.4');
    expect(await unfit(external.issue('long.pem', { days: '3700' }))).toContain('validity');
    const expired = external.issueBetween('expired.pem', '20240101000000Z', '20250101000000Z');
    expect(await unfit(expired)).toEqual(['notBefore', 'notAfter']);

    const stranger = new OtherRoot(world, 'stranger');
    const byStranger = stranger.issue('stranger.pem');
    expect(await unfit(byStranger, stranger.crl())).toEqual(
      expect.arrayContaining(['signature', 'crl.signature']),
    );
    const good = external.issue('good.pem');
    expect(await unfit(good, stranger.file('crl'))).toEqual(['crl.signature']);

    const der = Buffer.from(
      world
        .read(good)
        .toString('latin1')
        .replace(/-----[A-Z ]+-----|\s/g, ''),
      'base64',
    );
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    writeFileSync(world.path('altered.der'), der);
    expect(await unfit('altered.der')).toEqual(['signature']);
    writeFileSync(world.path('garbage.der'), Buffer.concat([der.subarray(0, 40), Buffer.alloc(99, 0x5a)]));
    await refuses(() => take('garbage.der'), 2, 'CERTIFICATE_MALFORMED');
    await refuses(() => take(good, 'garbage.der'), 2, 'CRL_MALFORMED');
  }, 60_000);

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
    const trusted = ['-CAfile', published('issuer.pem'), '-untrusted', published('subca.pem')];
    const strict = ['-x509_strict', '-crl_check_all', '-CRLfile', 'crls.pem'];
    expect(world.openssl('verify', ...strict, ...trusted, 'leaf.pem')).toContain('leaf.pem: OK');

    await world.subcaOk('sync', 'export', 'out.sync');
    await world.rootcaOk('import', 'out.sync', '--out', 'reply.sync');
    await world.subcaOk('sync', 'import', 'reply.sync');
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
    expect(await world.rootcaOk('node', 'show', '15-1')).toMatchObject({ findings: 0, certificates: 2 });
    expect(await world.rootcaOk('inspect', certificate)).toMatchObject({ verdict: 'external', node: '15-1' });
    expect(await world.rootcaOk('inspect', 'leaf.pem')).toMatchObject({ verdict: 'recorded' });
    expect(await world.rootcaOk('inspect', 'good.pem')).toMatchObject({ verdict: 'foreign' });
  }, 60_000);

  test('a newer CRL comes with the bundle again; a root that is dropped issues nothing more', async () => {
    crl = external.crl('60');
    expect(take('subca.pem').code).toBe(0);
    await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
    world.openssl('crl', '-inform', 'DER', '-in', join('node', 'published', 'issuer.crl'), '-out', 'now.pem');
    expect(world.read('now.pem').equals(readFileSync(crl))).toBe(true);

    writeFileSync(world.path('node', 'published', 'issuer.crl'), 'another');
    const { code, json } = world.subca('verify');
    expect([code, json.error?.code]).toEqual([5, 'PUBLISHED_DIFFERS']);
    await world.subcaOk('crl', 'publish');

    const sha256 = world
      .openssl('x509', '-in', external.file('pem'), '-noout', '-fingerprint', '-sha256')
      .trim();
    const drop = ['--drop-external-root', sha256.split('=')[1] ?? ''];
    await world.rootcaOk('trust', 'sign', '--threshold', '2', ...drop);
    await refuses(() => take('subca.pem'), 3, 'EXTERNAL_ROOT_UNKNOWN');
    await world.subcaOk('sync', 'export', 'last.sync');
    await world.rootcaOk('import', 'last.sync', '--out', 'last-reply.sync');
    await world.subcaOk('sync', 'import', 'last-reply.sync');
    await world.subcaOk('verify');
    await world.rootcaOk('verify');
  }, 60_000);
});
