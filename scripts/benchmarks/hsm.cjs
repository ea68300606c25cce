/**
 * Signing through the pool beside raw C_Sign, for each kind of CA key, in one run: short turns of each, one after the
 * other, so that whatever else the machine does falls on both. What `raw` means:
 * - one thread: C_SignInit and C_Sign, blocking, in a loop on one session of the same process, token and key, over a
 *   hash made beforehand; it is what one thread can get out of the module
 * - processes: the same loop in as many processes as the pool has sessions, at the same time; it is what the machine
 *   can get out of the module
 * The pool signs a message of a certificate's size, which it hashes, with as many callers as it has sessions.
 */
'use strict';

const { execFile, execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { cpus, tmpdir } = require('node:os');
const { join } = require('node:path');
const { promisify } = require('node:util');
const { CK_PARAMS_RSA_PSS } = require('pkcs11js');

/** Key types, and what the key signs with. */
const KEYS = [
  ['rsa-2048', 'rsa-sha256'],
  ['rsa-2048', 'rsa-pss-sha256'],
  ['rsa-4096', 'rsa-sha256'],
  ['p-256', 'ecdsa-sha256'],
];
const SESSIONS = 4;
const TURN_MS = 250;
const MESSAGE = Buffer.alloc(900, 7);
const DIGEST = createHash('sha256').update(MESSAGE).digest();
/** RFC 8017, section 9.2, note 1. */
const DIGEST_INFO = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), DIGEST]);
const CKM_SHA256 = 0x250;
const CKG_MGF1_SHA256 = 0x2;
/** What a bare mechanism is given for each. */
const RAW = {
  'rsa-sha256': { mechanism: { mechanism: 0x1 }, input: DIGEST_INFO },
  'rsa-pss-sha256': {
    mechanism: {
      mechanism: 0xd,
      parameter: { type: CK_PARAMS_RSA_PSS, hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, saltLen: 32 },
    },
    input: DIGEST,
  },
  'ecdsa-sha256': { mechanism: { mechanism: 0x1041 }, input: DIGEST },
};

async function run({ seconds, json }) {
  const place = mkdtempSync(join(tmpdir(), 'bench-hsm-'));
  try {
    const token = makeToken(place);
    const results = [];
    for (const [key, algorithm] of KEYS) {
      results.push(await measure(token, key, algorithm, seconds));
      if (!json) show(results.at(-1));
    }
    if (json)
      console.log(JSON.stringify({ benchmark: 'hsm', sessions: SESSIONS, cores: cpus().length, results }));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function show(r) {
  const line = (name, rate, ratio) =>
    console.log(
      `  ${name.padEnd(34)}${rate.toFixed(0).padStart(7)}/s${ratio === undefined ? '' : `   pool / this: ${ratio.toFixed(2)}`}`,
    );
  console.log(`\n${r.key}, ${r.algorithm}`);
  line(`pool, ${SESSIONS} sessions`, r.pool);
  line('raw C_Sign, one thread', r.raw, r.poolOfRaw);
  line(`raw C_Sign, ${SESSIONS} processes on ${cpus().length} cores`, r.processes, r.poolOfProcesses);
}

/** A SoftHSM2 token with one key of each kind. */
function makeToken(place) {
  mkdirSync(join(place, 'tokens'));
  const conf = join(place, 'softhsm2.conf');
  writeFileSync(
    conf,
    `directories.tokendir = ${join(place, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  process.env.SOFTHSM2_CONF = conf;
  execFileSync(
    'softhsm2-util',
    ['--init-token', '--free', '--label', 'bench', '--so-pin', '12345678', '--pin', '1234'],
    { stdio: 'ignore' },
  );
  return { module: findModule(), place };
}

function findModule() {
  const roots = [
    '/usr/lib',
    '/usr/lib64',
    '/usr/local/lib',
    ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name)),
  ];
  const found = roots.map((root) => join(root, 'softhsm', 'libsofthsm2.so')).find((file) => existsSync(file));
  if (found === undefined) throw new Error('libsofthsm2.so not found: install the package softhsm2');
  return found;
}

async function measure({ module, place }, key, algorithm, seconds) {
  const { Pin, Token } = require('../../dist/hsm');
  const options = { refusedPins: join(place, 'refused.json'), clock: () => new Date(), sessions: SESSIONS };
  const token = await Token.open({ module, label: 'bench' }, new Pin('1234'), options);
  try {
    if ((await token.findKey(key)) === undefined) {
      await token.generateKeyPair({ label: key, algorithm: key });
    }
    const signer = await token.signer(key, { signatureAlgorithm: algorithm });
    const session = rawSession(module, key, algorithm);
    await poolTurn(signer);
    rawTurn(session, TURN_MS);
    const pairs = [];
    for (let turn = 0; turn < (seconds * 1000) / TURN_MS; turn += 1) {
      pairs.push({ raw: rawTurn(session, TURN_MS), pool: await poolTurn(signer) });
    }
    const processes = await rawProcesses(module, key, algorithm, seconds);
    const [raw, pool] = [median(pairs.map((pair) => pair.raw)), median(pairs.map((pair) => pair.pool))];
    const poolOfRaw = median(pairs.map((pair) => pair.pool / pair.raw));
    return { key, algorithm, raw, pool, poolOfRaw, processes, poolOfProcesses: pool / processes };
  } finally {
    await token.close();
  }
}

/** A session beside those of the pool, and all that C_Sign needs. The process is logged in already, or logs in now. */
function rawSession(module, key, algorithm, pin) {
  const { Module, ObjectClass } = require('graphene-pk11');
  const library = Module.load(module);
  library.initialize({ flags: 2 });
  const slots = library.getSlots(true);
  const all = Array.from({ length: slots.length }, (_, at) => slots.items(at));
  const session = all.find((slot) => slot.getToken().label === 'bench').open();
  if (pin !== undefined) session.login(pin);
  const { handle } = session.find({ class: ObjectClass.PRIVATE_KEY, label: key }).items(0);
  return { session, handle, ...RAW[algorithm] };
}

/** Signatures per second. */
function rawTurn({ session, handle, mechanism, input }, ms) {
  const { lib, handle: sessionHandle } = session;
  const output = Buffer.alloc(512);
  const began = performance.now();
  let made = 0;
  for (; performance.now() - began < ms; made += 1) {
    lib.C_SignInit(sessionHandle, mechanism, handle);
    lib.C_Sign(sessionHandle, input, output);
  }
  return made / ((performance.now() - began) / 1000);
}

async function poolTurn(signer) {
  const began = performance.now();
  let made = 0;
  await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      for (; performance.now() - began < TURN_MS; made += 1) await signer.sign(MESSAGE);
    }),
  );
  return made / ((performance.now() - began) / 1000);
}

async function rawProcesses(module, key, algorithm, seconds) {
  const rates = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        __filename,
        module,
        key,
        algorithm,
        String(seconds),
      ]);
      return Number(stdout);
    }),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** SoftHSM's files are busy when several processes start at once: then it is started again. */
function patientRawSession(...args) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return rawSession(...args);
    } catch (error) {
      if (attempt === 20) throw error;
      require('graphene-pk11').Module.load(args[0]).finalize();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25 * attempt);
    }
  }
}

if (require.main === module) {
  const [library, key, algorithm, seconds] = process.argv.slice(2);
  console.log(rawTurn(patientRawSession(library, key, algorithm, '1234'), Number(seconds) * 1000));
}

module.exports = { run };
