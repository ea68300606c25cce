/**
 * Synchronisation at a nation's size, in one run: what a sync of 100 certificates costs after a short and after a long
 * history; what goes over the wire; how fast the registry takes certificates beside node:crypto checking the same ones;
 * and many nodes at once. On SQLite, or on a PostgreSQL server of its own. All keys are soft. Histories are made of real
 * entries: signed, judged and journalled by the node like any others, in larger transactions; 500 certificates at a time
 * are for one subscriber. The registry gets its copy row by row instead of taking it.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const { mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const net = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { verify, X509Certificate } = require('node:crypto');
const { registryCarrier } = require('../../dist/http');
const { synchronise } = require('../../dist/node');
const { decodeSubmission } = require('../../dist/sync');
const { encodePem } = require('../../dist/x509');
const { startCluster } = require('./cluster.cjs');
const {
  ALIKE,
  copyToRegistry,
  grantNode,
  makeNode,
  makeRoot,
  record,
  Speaker,
  tlsOf,
} = require('./softWorld.cjs');

const SHORT_HISTORY = 1000;
const NEW_RECORDS = 100;
const ROUNDS = 9;
/** Certificates that are taken and checked in turn. */
const TURN = 1000;
const CA_KEYS = ['p-256', 'rsa-2048'];
/** Nodes that speak at the same time, and certificates in one submission. */
const AT_ONCE = 8;
const PORTION = 2000;
/** How often a node sends the same again when no answer has come, as a real one would. */
const ATTEMPTS = 5;
const MEBI = 2 ** 20;

async function run({ history, count, nodes, records, database, json }) {
  const cluster = database === 'postgresql' ? await startCluster() : undefined;
  const place = mkdtempSync(join(tmpdir(), 'bench-sync-'));
  const newDatabase = cluster && (() => cluster.newDatabase());
  const results = {};
  const tell = (name, result, show) => {
    results[name] = result;
    if (!json) show(result);
  };
  try {
    tell('ingest', await ingest(join(place, 'ingest'), newDatabase, count), showIngest);
    tell('nodes', await manyNodes(join(place, 'nodes'), newDatabase, nodes, records), showNodes);
    tell('history', await afterHistories(place, newDatabase, history), showHistory);
    if (json) console.log(JSON.stringify({ benchmark: 'sync', database, ...results }));
  } finally {
    cluster?.remove();
    rmSync(place, { recursive: true, force: true });
  }
}

/** The registry in this process, and node:crypto on its one thread, turn by turn over the same certificates. */
async function ingest(place, newDatabase, count) {
  mkdirSync(place);
  const world = await makeRoot(place, newDatabase);
  const results = [];
  for (const caKey of CA_KEYS) {
    const speaker = await Speaker.granted(world, `n-${caKey}`, caKey);
    const { publicKey } = speaker.keys.ca;
    await world.registry.take(decodeSubmission((await speaker.next(TURN)).bytes));
    const turns = [];
    for (let taken = 0; taken < count; taken += TURN) {
      const { bytes, certificates } = await speaker.next(TURN);
      const certificateTime = timed(() =>
        certificates.every(({ der }) => new X509Certificate(der).verify(publicKey)),
      );
      const signatureTime = timed(() =>
        certificates.every(({ tbs, signature }) => verify('sha256', tbs, publicKey, signature)),
      );
      const began = performance.now();
      const { receipt, entries } = await world.registry.take(decodeSubmission(bytes));
      const registryTime = performance.now() - began;
      if (entries !== 2 * TURN || receipt.findings > 0) throw new Error('the registry found fault');
      turns.push({ registryTime, certificateTime, signatureTime });
    }
    const rate = (of) => median(turns.map((turn) => (TURN / turn[of]) * 1000));
    const ratio = (of) => median(turns.map((turn) => turn[of] / turn.registryTime));
    results.push({
      caKey,
      registry: rate('registryTime'),
      certificates: rate('certificateTime'),
      signatures: rate('signatureTime'),
      ofCertificates: ratio('certificateTime'),
      ofSignatures: ratio('signatureTime'),
    });
  }
  await world.root.close();
  return results;
}

function timed(work) {
  const began = performance.now();
  if (!work()) throw new Error('a signature is wrong');
  return performance.now() - began;
}

function showIngest(results) {
  for (const r of results) {
    console.log(`\nIngest with all checks, CA key ${r.caKey}`);
    console.log(`  registry                         ${rate(r.registry)}`);
    console.log(
      `  node:crypto, whole certificates  ${rate(r.certificates)}   registry / this: ${r.ofCertificates.toFixed(2)}`,
    );
    console.log(
      `  node:crypto, signatures alone    ${rate(r.signatures)}   registry / this: ${r.ofSignatures.toFixed(2)}`,
    );
  }
}

/** Nodes whose entries are made here as they are sent; the registry is another process. */
async function manyNodes(place, newDatabase, nodes, records) {
  mkdirSync(place);
  const world = await makeRoot(place, newDatabase);
  const speakers = [];
  for (let at = 1; at <= nodes; at += 1) {
    const keys = await grantNode(world, `n-${String(at)}`);
    speakers.push({ speaker: new Speaker(keys), left: records });
  }
  await world.root.close();
  const registry = await startRegistry(world);
  const carry = carrierTo(registry.port, world);
  const began = performance.now();
  const peaks = [];
  const quarter = (nodes * records) / 4;
  let sent = 0;
  let again = 0;
  let quarters = 0;
  let waiting = [...speakers];
  const speak = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const some = Math.min(PORTION, one.left);
      const { bytes } = await one.speaker.next(some);
      again += await carryAgain(carry, bytes, one.speaker.keys.origin);
      one.left -= some;
      sent += some;
      // Behind all others, so that every journal grows.
      if (one.left > 0) waiting.push(one);
      if (sent < quarter * (quarters + 1)) continue;
      quarters += 1;
      peaks.push((await registry.usage()).peak);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, speak));
  const seconds = (performance.now() - began) / 1000;
  const { cpu } = await registry.usage();
  await registry.stop();
  return {
    nodes,
    records,
    seconds,
    perSecond: (nodes * records) / seconds,
    again,
    registryCpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMiB: peaks.map((peak) => peak / MEBI),
  };
}

/** A busy machine may leave a submission without an answer for long. @returns how often it was sent again */
async function carryAgain(carry, bytes, origin) {
  for (let again = 0; ; again += 1) {
    try {
      await carry(bytes, origin);
      return again;
    } catch (error) {
      if (error.code !== 'REGISTRY_UNREACHABLE' || again === ATTEMPTS) throw error;
    }
  }
}

function showNodes(r) {
  console.log(`\n${r.nodes} nodes with ${r.records} certificates each`);
  console.log(
    `  all of them                      ${r.seconds.toFixed(1).padStart(7)} s, with the making of them`,
  );
  console.log(`  certificates                     ${rate(r.perSecond)}`);
  if (r.again > 0) console.log(`  submissions sent again           ${String(r.again).padStart(7)}`);
  console.log(`  registry’s processor time        ${r.registryCpuSeconds.toFixed(1).padStart(7)} s`);
  const peaks = r.peakMiB.map((peak) => peak.toFixed(0)).join(', ');
  console.log(`  registry’s memory, MiB, at most in each quarter of the records: ${peaks}`);
}

/** A node with its database and a registry each, one with a short history and one with a long, turn by turn. */
async function afterHistories(place, newDatabase, history) {
  const sides = [];
  for (const [name, entries] of [
    ['short', SHORT_HISTORY],
    ['long', history],
  ]) {
    const folder = join(place, name);
    mkdirSync(folder);
    const world = await makeRoot(folder, newDatabase);
    const node = await makeNode(world, 'n-1');
    const began = performance.now();
    await record(node, Math.ceil(entries / 2), ALIKE);
    await copyToRegistry(world, node);
    const seconds = (performance.now() - began) / 1000;
    await world.root.close();
    const registry = await startRegistry(world);
    const line = await countingLine(registry.port);
    const carry = carrierTo(line.port, world);
    sides.push({ node, registry, line, carry, entries, seconds, turns: [] });
  }
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { node, carry, line, turns } of sides) {
      const certificates = await record(node, NEW_RECORDS);
      const began = performance.now();
      const { sent } = await synchronise(node.node, node.writer, carry, { software: 'bench' });
      if (sent < 2 * NEW_RECORDS) throw new Error('not all was sent');
      turns.push({ ms: performance.now() - began, bytes: line.take(), certificates });
    }
  }
  const [short, long] = sides.map(({ turns, entries, seconds }) => {
    // The first round compiles.
    const counted = turns.slice(1);
    return {
      entries,
      seconds,
      ms: median(counted.map(({ ms }) => ms)),
      bytes: median(counted.map((turn) => turn.bytes)),
      wireOfDer: median(counted.map((turn) => turn.bytes / turn.certificates)),
    };
  });
  for (const { node, registry, line } of sides) {
    await node.node.close();
    await registry.stop();
    line.close();
  }
  return { short, long, timeRatio: long.ms / short.ms, byteRatio: long.bytes / short.bytes };
}

function showHistory({ short, long, timeRatio, byteRatio }) {
  console.log(`\nA sync of ${NEW_RECORDS} new certificates`);
  for (const { entries, ms, bytes } of [short, long])
    console.log(
      `  after ${String(entries).padStart(9)} entries          ${ms.toFixed(0).padStart(7)} ms ${String(bytes).padStart(7)} bytes`,
    );
  console.log(
    `  long / short                     ${timeRatio.toFixed(2).padStart(7)}    ${byteRatio.toFixed(3).padStart(7)}`,
  );
  console.log(`  bytes on the wire for each of DER  ${long.wireOfDer.toFixed(2).padStart(5)}`);
  console.log(`  the long history took ${long.seconds.toFixed(0)} s to make`);
}

async function startRegistry(world) {
  const child = fork(join(__dirname, 'registryProcess.cjs'), { serialization: 'advanced' });
  const asked = async (message) => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const { port } = await asked({
    directory: world.directory,
    registryKey: world.registrySigner.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    tls: tlsOf(world),
  });
  const stop = async () => {
    child.send('stop');
    await once(child, 'exit');
  };
  return { port, usage: () => asked('usage'), stop };
}

function carrierTo(port, { certificate }) {
  const rootCertificate = encodePem('CERTIFICATE', certificate.der);
  return registryCarrier({ url: `https://127.0.0.1:${String(port)}`, rootCertificate });
}

/** A line to a port that counts the octets in both directions, those of TLS with them. */
async function countingLine(port) {
  let octets = 0;
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.on('data', (part) => {
        octets += part.length;
      });
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const take = () => {
    const counted = octets;
    octets = 0;
    return counted;
  };
  return { port: server.address().port, take, close: () => server.close() };
}

function rate(perSecond) {
  return `${perSecond.toFixed(0).padStart(7)}/s`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

module.exports = { run };
