/** A root and an activated node with their keys on SoftHSM2 tokens, made by the commands of the product. */
'use strict';

const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const PROJECT = join(__dirname, '..', '..');

/** The PKCS#11 module and OpenSSL's engine for it, where Debian and Ubuntu put them. */
function find(pattern) {
  const roots = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name))];
  const found = roots
    .flatMap((root) => pattern.map((part) => join(root, part)))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`not found: ${pattern.join(', ')}`);
  return found;
}
const MODULE = find(['softhsm/libsofthsm2.so']);

/** A root and an activated node, as a person would make them. */
function makeWorld(place, caKey, publicPort = 80) {
  mkdirSync(join(place, 'tokens'));
  const conf = join(place, 'softhsm2.conf');
  writeFileSync(
    conf,
    `directories.tokendir = ${join(place, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  process.env.SOFTHSM2_CONF = conf;
  const env = { ...process.env, ROOTCA_DIR: join(place, 'root'), SUBCA_DIR: join(place, 'node') };
  const pin = (label) => join(place, `${label}.pin`);
  for (const label of ['root', 'registry', 'an', 'binh', 'node']) {
    writeFileSync(pin(label), '1234\n', { mode: 0o600 });
    execFileSync(
      'softhsm2-util',
      ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', '1234'],
      { env, stdio: 'ignore' },
    );
  }
  const call = (program, ...args) =>
    execFileSync(join(PROJECT, 'bin', program), [...args, '--json'], {
      env,
      cwd: place,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 1 << 28,
    });
  call(
    'rootca',
    'init',
    '--name',
    'bench',
    '--subject',
    'C=VN, O=Bench, CN=Root',
    '--host',
    '127.0.0.1',
    '--module',
    MODULE,
    '--root-token',
    'root',
    '--root-pin-file',
    pin('root'),
    '--registry-token',
    'registry',
    '--registry-pin-file',
    pin('registry'),
    '--root-key',
    'p-384',
  );
  // More certificates a day than a province ever needs.
  const template = join(place, 'root', 'grant-template.yaml');
  const quota = 'quota: { total: 10000000, perDay: 10000000, perProfile: {} }';
  writeFileSync(template, readFileSync(template, 'utf8').replace(/^quota: .*$/m, quota));
  for (const name of ['an', 'binh'])
    call('rootca', 'operator', 'add', name, '--token', name, '--pin-file', pin(name));
  call('rootca', 'trust', 'sign', '--yes', '--threshold', '2');
  call(
    'subca',
    'init',
    '--organisation',
    '15',
    '--host',
    'ca.example.vn',
    '--module',
    MODULE,
    '--token',
    'node',
    '--pin-file',
    pin('node'),
    '--ca-key',
    caKey,
    '--public-port',
    String(publicPort),
  );
  call(
    'subca',
    'apply',
    '--out',
    'application.dsse',
    '--email-domain',
    'laocai.gov.vn',
    '--per-year',
    '1000000',
  );
  for (const name of ['an', 'binh'])
    call(
      'rootca',
      'application',
      'approve',
      'application.dsse',
      '--operator',
      name,
      '--pin-file',
      pin(name),
      '--yes',
    );
  call('rootca', 'grant', 'issue', 'application.dsse', '--out', 'grant.bundle');
  const fingerprint = createHash('sha256')
    .update(readFileSync(join(place, 'root', 'published', 'root.crt')))
    .digest('hex');
  call('subca', 'activate', 'grant.bundle', '--root-fingerprint', fingerprint);
  return { place, env, call, pin: pin('node'), label: '15-1-ca-e1' };
}

module.exports = { find, makeWorld, MODULE, PROJECT };
