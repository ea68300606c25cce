/**
 * Issuance: certificates per second of `subca issue --batch` (every row checked, journalled and durable), beside what the
 * token can sign at most, and beside `openssl ca` with the same key on the same token. All in one run.
 */
'use strict';

const { generateKeyPairSync, sign } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync, readFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { buildRequest, encodePem } = require('../../dist/x509');
const { find, makeWorld, MODULE } = require('./tokenWorld.cjs');

const CA_KEYS = ['rsa-2048', 'p-256'];

async function run({ count, json }) {
  const results = [];
  for (const caKey of CA_KEYS) {
    const place = mkdtempSync(join(tmpdir(), 'bench-issue-'));
    try {
      results.push(await measure(place, caKey, count));
      if (!json) show(results.at(-1));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
  if (json) console.log(JSON.stringify({ benchmark: 'issue', results }));
}

async function measure(place, caKey, count) {
  const world = makeWorld(place, caKey);
  await makeRequests(place, count);
  const raw = rawRates(world);
  const kit = timeBatch(world, count);
  const openssl = timeOpenSslCa(world, count);
  return {
    caKey,
    count,
    rawOneSession: raw.one,
    rawFourSessions: raw.four,
    subca: kit.issuing,
    subcaWholeCommand: kit.command,
    opensslCa: openssl,
    subcaOfRaw: kit.issuing / raw.one,
    subcaOfOpenssl: kit.command / openssl,
  };
}

function show(r) {
  const rate = (n) => `${n.toFixed(0).padStart(7)}/s`;
  console.log(`\nCA key ${r.caKey}, ${r.count} certificates`);
  console.log(`  token, C_Sign in one session     ${rate(r.rawOneSession)}`);
  console.log(`  token, four sessions at once     ${rate(r.rawFourSessions)}`);
  console.log(
    `  subca issue --batch, issuing     ${rate(r.subca)}   ${r.subcaOfRaw.toFixed(2)} of one session`,
  );
  console.log(
    `  subca issue --batch, whole run   ${rate(r.subcaWholeCommand)}   ${r.subcaOfOpenssl.toFixed(2)} of openssl ca`,
  );
  console.log(`  openssl ca through its engine    ${rate(r.opensslCa)}`);
}

/** One request with a P-256 key of its own per row, and the CSV over them. */
async function makeRequests(place, count) {
  mkdirSync(join(place, 'csr'));
  const rows = ['profile,csr,name,CN'];
  for (let at = 0; at < count; at += 1) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const signer = {
      algorithm: 'ecdsa-sha256',
      spki: publicKey.export({ type: 'spki', format: 'der' }),
      sign: async (message) => sign('sha256', message, privateKey),
    };
    const subject = [
      { type: 'C', value: 'VN' },
      { type: 'L', value: 'Lào Cai' },
      { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH LÀO CAI' },
      { type: 'CN', value: `Đơn vị số ${String(at)}` },
    ];
    writeFileSync(
      join(place, 'csr', `${at}.csr`),
      encodePem('CERTIFICATE REQUEST', await buildRequest(subject, signer)),
    );
    rows.push(`organisation,csr/${at}.csr,c${at},Đơn vị số ${at}`);
  }
  writeFileSync(join(place, 'requests.csv'), `${rows.join('\n')}\n`);
}

/** Signatures per second: one after another, and four at a time. */
function rawRates({ env, pin, label }) {
  const rate = (sessions) =>
    Number(
      execFileSync(
        process.execPath,
        [join(__dirname, 'rawSigning.cjs'), MODULE, 'node', pin, label, String(sessions)],
        { env, encoding: 'utf8' },
      ),
    );
  return { one: rate(1), four: rate(4) };
}

/** The whole command, and the part of it after every row was checked, as the command itself tells it. */
function timeBatch({ call }, count) {
  const began = process.hrtime.bigint();
  const { issued, seconds } = JSON.parse(
    call('subca', 'issue', '--batch', 'requests.csv', '--out-dir', 'out'),
  );
  const command = Number(process.hrtime.bigint() - began) / 1e9;
  if (issued !== count) throw new Error(`${issued} issued, ${count} expected`);
  return { command: count / command, issuing: count / seconds };
}

/** `openssl ca` over the same requests, with the same key on the same token. */
function timeOpenSslCa({ place, env, label }, count) {
  const ca = join(place, 'openssl');
  mkdirSync(join(ca, 'new'), { recursive: true });
  writeFileSync(join(ca, 'index.txt'), '');
  writeFileSync(join(ca, 'serial'), '01\n');
  writeFileSync(
    join(ca, 'ca.cnf'),
    [
      '[ca]',
      'default_ca = own',
      '[own]',
      `dir = ${ca}`,
      'database = $dir/index.txt',
      'serial = $dir/serial',
      'new_certs_dir = $dir/new',
      'certificate = $dir/ca.pem',
      'default_md = sha256',
      'default_days = 1825',
      'policy = any',
      'unique_subject = no',
      'x509_extensions = leaf',
      'utf8 = yes',
      'string_mask = utf8only',
      '[any]',
      'countryName = optional',
      'localityName = optional',
      'organizationName = optional',
      'commonName = supplied',
      '[leaf]',
      'basicConstraints = CA:FALSE',
      'keyUsage = critical,digitalSignature,nonRepudiation',
      'extendedKeyUsage = clientAuth,emailProtection',
      'subjectKeyIdentifier = hash',
      'authorityKeyIdentifier = keyid',
      'crlDistributionPoints = URI:http://ca.example.vn/subca.crl',
      'authorityInfoAccess = OCSP;URI:http://ca.example.vn/ocsp',
    ].join('\n'),
  );
  writeFileSync(join(ca, 'ca.pem'), readFileSync(join(place, 'node', 'published', 'subca.pem')));
  const files = Array.from({ length: count }, (_, at) => `${at}.csr`);
  const began = process.hrtime.bigint();
  execFileSync(
    'openssl',
    [
      'ca',
      '-batch',
      '-notext',
      '-engine',
      'pkcs11',
      '-keyform',
      'engine',
      '-keyfile',
      `pkcs11:token=node;object=${label};type=private;pin-value=1234`,
      '-config',
      join(ca, 'ca.cnf'),
      '-infiles',
      ...files,
    ],
    {
      cwd: join(place, 'csr'),
      env: { ...env, PKCS11_MODULE_PATH: MODULE },
      stdio: ['ignore', 'ignore', 'pipe'],
      maxBuffer: 1 << 28,
    },
  );
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const made = readdirSync(join(ca, 'new')).length;
  if (made !== count) throw new Error(`openssl ca made ${made} of ${count}`);
  return count / seconds;
}

module.exports = { run };
