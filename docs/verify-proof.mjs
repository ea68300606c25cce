#!/usr/bin/env node
// Checks offline that a certificate stands in the journal of the node that issued it, as docs/protocol.md, "Proof of a
// certificate", tells it. A second opinion: plain Node.js, and nothing of the software that made the proof.
//
//   node verify-proof.mjs FILE… SHA-256-OF-THE-ROOT-CERTIFICATE
import { constants, createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const must = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const spkiOf = (certificate) => certificate.publicKey.export({ type: 'spki', format: 'der' });

function base64(text) {
  const bytes = Buffer.from(text, 'base64');
  must(bytes.toString('base64') === text, 'base64 in another spelling');
  return bytes;
}

/** JSON has one spelling here, and no members but these. */
function json(text, ...members) {
  const value = JSON.parse(text);
  must(JSON.stringify(value) === text, 'JSON in another spelling');
  if (members.length > 0) must(Object.keys(value).join() === members.join(), `members other than ${members}`);
  return value;
}

function fromHex(text) {
  must(/^[0-9a-f]{64}$/.test(text), 'a hash that is none');
  return Buffer.from(text, 'hex');
}

function signed({ spki, pss = false }, message, signature) {
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const curve = key.asymmetricKeyDetails.namedCurve;
  if (curve) return verify(curve === 'secp384r1' ? 'sha384' : 'sha256', message, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const byPss = (hash, saltLength) => verify(hash, message, { key, padding, saltLength }, signature);
  return verify('sha256', message, key, signature) || (pss && (byPss('sha256', 32) || byPss('sha384', 48)));
}

/** DSSE v1: every signature must be valid and by one of the keys, and so many names must have signed. */
function openEnvelope(text, name, keys, threshold = 1) {
  const { payload, payloadType, signatures } = json(text, 'payload', 'payloadType', 'signatures');
  must(payloadType === `application/vnd.subca.${name}.v1+json`, `no ${name} but ${payloadType}`);
  const body = base64(payload);
  const message = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `),
    body,
  ]);
  const names = signatures.map((signature) => {
    const { keyid, sig } = json(JSON.stringify(signature), 'keyid', 'sig');
    const key = keys.find(({ spki }) => sha256(spki).toString('hex') === keyid);
    must(
      key && signed(key, message, base64(sig)),
      `the ${name} has a signature that is none of the expected ones`,
    );
    return key.name;
  });
  must(new Set(names).size >= threshold, `too few have signed the ${name}`);
  return json(body.toString());
}

/** The first that can be opened. */
function any(candidates, open) {
  let refusal = new Error('there is none');
  for (const candidate of candidates) {
    try {
      return [open(candidate), candidate];
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** RFC 9162, section 2.1.3.2. */
function rootFrom({ index, entry, path }, size) {
  must(index < size, `entry ${index} is not among the ${size} that the root confirmed`);
  let [place, last, hash] = [index, size - 1, sha256(Buffer.of(0), entry)];
  for (const sibling of path.map(fromHex)) {
    must(last > 0, `the path of entry ${index} is too long`);
    const isRight = place % 2 === 1 || place === last;
    hash = isRight ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
    for (; isRight && place % 2 === 0 && place > 0; place /= 2) last = Math.floor(last / 2);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  must(last === 0, `the path of entry ${index} is too short`);
  return hash.toString('hex');
}

function der(tag, ...contents) {
  const body = Buffer.concat(contents);
  const length = Buffer.from(hex(body.length, body.length < 256 ? 2 : 4), 'hex');
  return Buffer.concat([
    Buffer.of(tag),
    body.length < 128 ? length : Buffer.of(0x80 + length.length, ...length),
    body,
  ]);
}

function check(text, fingerprint) {
  must(text.length <= 2 ** 21, 'the file is too long');
  must(text.endsWith('\n'), 'the file is cut short');
  const members =
    'type version certificate intent issued checkpoint receipt grant trustStatements caCertificate';
  const file = json(text.slice(0, -1), ...members.split(' '), 'rootCertificate');
  must(file.type === 'subca-certificate-proof' && file.version === 1, 'another kind of file');
  for (const part of [file.intent, file.issued]) json(JSON.stringify(part), 'index', 'entry', 'path');
  const [root, ca, certificate] = [file.rootCertificate, file.caCertificate, file.certificate].map(
    (part) => new X509Certificate(base64(part)),
  );
  // 1. The root, and whom it vouches for.
  must(sha256(root.raw).toString('hex') === fingerprint, 'the root certificate has another fingerprint');
  const rootKey = { name: 'root', spki: spkiOf(root), pss: true };
  must(new Set(file.trustStatements).size === file.trustStatements.length, 'a statement is given twice');
  const statements = file.trustStatements.map((one) => openEnvelope(one, 'trust-statement', [rootKey]));
  must(
    statements.every((one) => one.rootCertificateSha256 === fingerprint),
    'a statement of another root',
  );
  const keyOf = ({ name, spki }) => ({ name, spki: base64(spki) });
  // 2. The node and its keys, for which the operators vouch.
  const [{ nodeId, organisation, keys }] = any(statements, ({ operators, threshold }) =>
    openEnvelope(file.grant, 'grant', operators.map(keyOf), threshold),
  );
  must(
    sha256(spkiOf(ca)).toString('hex') === keys.caSpkiSha256,
    'the CA certificate is not for the granted key',
  );
  const external = statements
    .flatMap((one) => one.externalRoots)
    .map((one) => new X509Certificate(base64(one)));
  const issued = (one, by) => one.checkIssued(by) && one.verify(by.publicKey);
  must(
    [root, ...external].some((by) => issued(ca, by)),
    'no root signed the CA certificate',
  );
  // 3. The head of its journal, which root and node have signed.
  const [receipt, trust] = any([...statements].reverse(), ({ registry }) =>
    openEnvelope(file.receipt, 'receipt', [keyOf(registry)]),
  );
  const next = statements.find(
    (one) => one.version > trust.version && one.registry.spki !== trust.registry.spki,
  );
  must(
    !next || Date.parse(receipt.time) <= Date.parse(next.issuedAt) + 300_000,
    'a registry key that was replaced',
  );
  const { origin, size, rootHash, time } = receipt;
  must(origin === `${trust.registry.name}/${nodeId}/e${keys.epoch}`, `a receipt about the journal ${origin}`);
  const head = `${origin}\n${size}\n${fromHex(rootHash).toString('base64')}\n`;
  must(file.checkpoint.startsWith(`${head}\n— ${origin} `), 'node and root did not sign the same head');
  const journalKey = { spki: base64(keys.journalSpki) };
  const line = base64(file.checkpoint.slice(head.length + origin.length + 4, -1));
  must(
    file.checkpoint.endsWith('\n') && line.subarray(0, 4).equals(sha256(journalKey.spki).subarray(0, 4)),
    'the note',
  );
  must(signed(journalKey, Buffer.from(head), line.subarray(4)), 'the node did not sign the head');
  // 4. The entries in that journal.
  for (const part of [file.intent, file.issued])
    must(rootFrom(part, size) === rootHash, `entry ${part.index} does not lead to the root hash`);
  const [first, second] = [json(file.intent.entry), json(file.issued.entry)];
  must(
    first.type === 'intent' && second.type === 'issued' && second.intent === file.intent.index,
    'other entries',
  );
  // 5. The certificate that these two entries are.
  const place = `${hex(keys.epoch, 2)}${hex(file.intent.index, 10)}`;
  must(certificate.serialNumber.toLowerCase().startsWith(place), 'its serial number names another place');
  const [tbs, signature] = [base64(first.tbs), der(0x03, Buffer.of(0), base64(second.signature))];
  const { raw } = certificate;
  const algorithm = raw.subarray(raw.indexOf(tbs) + tbs.length, raw.length - signature.length);
  must(raw.equals(der(0x30, tbs, algorithm, signature)), 'the certificate is not the one recorded');
  must(issued(certificate, ca), 'the CA did not sign the certificate');
  return `proved: ${certificate.subject.replaceAll('\n', ', ')}, serial number ${certificate.serialNumber.toLowerCase()}
stands at entry ${file.intent.index} of the journal ${origin}. ${nodeId} (${organisation.name})
signed the head of ${size} entries, and the root confirmed it at ${time}.`;
}

const files = process.argv.slice(2);
const fingerprint = (files.pop() ?? '').replaceAll(':', '').toLowerCase();
if (files.length === 0 || !/^[0-9a-f]{64}$/.test(fingerprint)) {
  console.error('usage: node verify-proof.mjs FILE… SHA-256-OF-THE-ROOT-CERTIFICATE');
  process.exit(2);
}
for (const file of files) {
  try {
    console.log(`${file}: ${check(readFileSync(file, 'utf8'), fingerprint)}`);
  } catch ({ message }) {
    console.error(`${file}: not proved: ${message}`);
    process.exitCode = 1;
  }
}
