/**
 * Starting with a long journal: `subca serve` until it is ready, and the memory it has then, beside the same node with an
 * empty journal, turn by turn. The journal is made of real certificates, planned once, signed by the token, judged and
 * journalled like any others, in larger transactions; 500 at a time are for one subscriber.
 */
'use strict';

const { spawn } = require('node:child_process');
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { cpSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const net = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { askReadiness } = require('../../dist/http');
const { serialNumberAt } = require('../../dist/journal');
const { createLogger } = require('../../dist/logger');
const { Issuer, JournalWriter, SubCaNode } = require('../../dist/node');
const {
  buildTbsCertificate,
  keyIdentifier,
  readPublicKey,
  subjectKeyIdentifier,
} = require('../../dist/x509');
const { encodeExtension } = require('../../dist/x509/extension');
const { ALIKE, record } = require('./softWorld.cjs');
const { makeWorld, PROJECT } = require('./tokenWorld.cjs');

const ROUNDS = 5;
const PROFILE = 'organisation';
const SUBJECT = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Lào Cai' },
  { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH LÀO CAI' },
  { type: 'CN', value: 'Sở Tài chính' },
];
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';

async function run({ entries, json }) {
  const place = mkdtempSync(join(tmpdir(), 'bench-start-'));
  try {
    const port = await freePort();
    const { env } = makeWorld(place, 'p-256', port);
    const [empty, full] = [join(place, 'empty'), join(place, 'node')];
    cpSync(full, empty, { recursive: true });
    const began = performance.now();
    await fill(full, entries);
    const making = (performance.now() - began) / 1000;
    const starts = { empty: [], full: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      starts.empty.push(await start(empty, port, env));
      starts.full.push(await start(full, port, env));
    }
    const middle = (side, of) => median(starts[side].map((one) => one[of]));
    const sides = Object.fromEntries(
      ['empty', 'full'].map((side) => [side, { ms: middle(side, 'ms'), MiB: middle(side, 'MiB') }]),
    );
    const result = {
      entries,
      making,
      ...sides,
      timeRatio: sides.full.ms / sides.empty.ms,
      growthMiB: sides.full.MiB - sides.empty.MiB,
    };
    if (json) console.log(JSON.stringify({ benchmark: 'start', ...result }));
    else show(result);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function show({ entries, making, empty, full, timeRatio, growthMiB }) {
  console.log('\nsubca serve, until it is ready');
  const line = (name, { ms, MiB }) =>
    console.log(
      `  ${name.padEnd(32)} ${ms.toFixed(0).padStart(7)} ms ${MiB.toFixed(0).padStart(7)} MiB resident`,
    );
  line('with an empty journal', empty);
  line(`with ${entries} entries`, full);
  console.log(
    `  full / empty                     ${timeRatio.toFixed(2).padStart(7)}    ${growthMiB.toFixed(0).padStart(7)} MiB more`,
  );
  console.log(`  the journal took ${making.toFixed(0)} s to make`);
}

/** Certificates like one that the node has planned itself, each for a key of its own. */
async function fill(directory, entries) {
  process.env.SUBCA_DIR = directory;
  const surroundings = { clock: () => new Date(), logger: createLogger('silent'), random: randomBytes };
  const node = await SubCaNode.open(directory, surroundings);
  try {
    const writer = new JournalWriter(node);
    const issuer = await Issuer.open(node, writer);
    const { tbs } = issuer.plan(PROFILE, {
      service: 'issue',
      subject: SUBJECT,
      request: requestFor(newKey()),
    });
    const tbsAt = (index) => {
      const spki = newKey();
      return buildTbsCertificate({
        serialNumber: serialNumberAt({ epoch: 1, index }, randomBytes(10)),
        signatureAlgorithm: tbs.signatureAlgorithm,
        issuer: tbs.issuerDer,
        notBefore: tbs.notBefore,
        notAfter: tbs.notAfter,
        subject: tbs.subjectDer,
        spki,
        extensions: tbs.extensions.all.map(({ oid, critical, value }) =>
          oid === SUBJECT_KEY_IDENTIFIER
            ? subjectKeyIdentifier(keyIdentifier(spki))
            : encodeExtension(oid, critical, value),
        ),
      });
    };
    await record(
      { writer, ca: await node.signer('ca'), tbsAt, profile: PROFILE },
      Math.ceil(entries / 2),
      ALIKE,
    );
  } finally {
    await node.close();
  }
}

function newKey() {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return publicKey.export({ format: 'der', type: 'spki' });
}

function requestFor(spki) {
  const publicKey = readPublicKey(spki, 'key');
  return { der: spki, publicKey, subject: undefined, emails: [], dnsNames: [], ipAddresses: [] };
}

/** One start and its end. */
async function start(directory, port, env) {
  const began = performance.now();
  const program = spawn(process.execPath, [join(PROJECT, 'bin', 'subca'), 'serve'], {
    env: { ...env, SUBCA_DIR: directory },
    stdio: 'ignore',
  });
  const ended = once(program, 'exit');
  while ((await askReadiness('127.0.0.1', port))?.state !== 'ready') {
    if (program.exitCode !== null) throw new Error('subca serve has ended');
    await sleep(5);
  }
  const ms = performance.now() - began;
  const status = readFileSync(`/proc/${String(program.pid)}/status`, 'utf8');
  program.kill('SIGTERM');
  await ended;
  return { ms, MiB: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024 };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

module.exports = { run };
