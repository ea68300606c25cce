/** The proof of a certificate: what holds is taken by both verifiers, each lie and each altered field refused by both. */
import { DelegationError } from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { encodeProof, MAX_PROOF_SIZE, openProof, ProofError, statementsFor } from '../../src/proof';
import { readCertificate, X509Error } from '../../src/x509';
import { decodeProof } from '../../src/proof/file';
import {
  documentOf,
  makeWorld,
  NOW,
  ORIGIN,
  sealTrust,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { proofOf, proofParts, type Lies } from '../support/proofParts';
import { softRootNamed, softSubCa } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import { verifyProof, verifyProofs } from '../support/verifyProof';

let world: World;
let proof: Buffer;
let fingerprint: string;

beforeAll(async () => {
  world = await makeWorld();
  proof = await proofOf(world);
  fingerprint = world.root.certificate.sha256;
});

test('a proof that holds is taken by both, and says what was proved', () => {
  const proven = openProof(proof, { fingerprint, statements: [world.trust] });
  expect(proven).toMatchObject({ node: 'lam-dong', origin: ORIGIN, index: 2, issuedIndex: 3, size: 7 });
  expect(proven.time).toBe(NOW.toISOString());
  const { status, said } = verifyProof(proof, fingerprint.toUpperCase());
  expect({ status, said }).toMatchObject({
    status: 0,
    said: expect.stringContaining(`entry 2 of the journal ${ORIGIN}`) as string,
  });
  expect(openProof(proof, { fingerprint, certificate: proven.certificate })).toEqual(proven);
});

test('without a file, or without a fingerprint, the script says how it is used', () => {
  for (const { status, said } of [verifyProofs([], fingerprint), verifyProof(proof, 'an.proof.json')])
    expect({ status, said }).toEqual({
      status: 2,
      said: 'usage: node verify-proof.mjs FILE… SHA-256-OF-THE-ROOT-CERTIFICATE\n',
    });
});

test('keys of RSA that sign with PSS', async () => {
  const pss = await makeWorld({ pss: true });
  const [made, pinned] = [await proofOf(pss), pss.root.certificate.sha256];
  expect(openProof(made, { fingerprint: pinned })).toMatchObject({ index: 2 });
  expect(verifyProof(made, pinned)).toMatchObject({ status: 0 });
});

test('a CA certificate of an external root, while a statement names that', async () => {
  const external = await softRootNamed(
    [
      { type: 'C', value: 'VN' },
      { type: 'CN', value: 'CA khác' },
    ],
    'p-256',
  );
  const own: World = { ...world, subCa: await softSubCa('p-256', external) };
  const externalRoots = [external.certificate.der.toString('base64')];
  const second = trustOf(own, { version: 2, previous: world.trust.sha256, externalRoots });
  const naming = { ...documentOf(second), envelope: await sealTrust(own, second) };
  const third = trustOf(own, { version: 3, previous: naming.sha256 });
  const newest = { ...documentOf(third), envelope: await sealTrust(own, third) };

  const parts = await proofParts(own);
  const trustStatements = statementsFor(parts, [world.trust, naming, newest], external.certificate);
  expect(trustStatements).toEqual([naming.envelope, newest.envelope]);
  const made = encodeProof({ ...parts, trustStatements });
  expect(openProof(made, { fingerprint })).toMatchObject({ index: 2 });
  expect(verifyProof(made, fingerprint)).toMatchObject({ status: 0 });

  const unnamed = encodeProof({ ...parts, trustStatements: [newest.envelope] });
  await expectCode(() => openProof(unnamed, { fingerprint }), DelegationError, 'CERTIFICATE_NOT_TRUSTED');
  expect(verifyProof(unnamed, fingerprint)).toMatchObject({ status: 1 });
});

type Value = string | number | readonly Value[] | { readonly [member: string]: Value };

/** The value with one thing in it altered: a number, the middle of a text, a member more or less; in JSON as text, too. */
function* altered(value: Value): Generator<readonly [where: string, Value]> {
  if (typeof value === 'number') yield ['', value + 1];
  else if (typeof value === 'string') {
    const at = Math.floor(value.length / 2);
    yield ['', `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`];
    if (value.startsWith('{'))
      for (const [where, other] of altered(JSON.parse(value) as Value)) yield [where, JSON.stringify(other)];
  } else if (value instanceof Array) {
    yield ['.length', value.slice(0, -1)];
    yield ['.length', value.concat(value.slice(-1))];
    for (const [at, one] of value.entries())
      for (const [where, other] of altered(one)) yield [`.${at}${where}`, value.with(at, other)];
  } else {
    const members = value as Readonly<Record<string, Value>>;
    yield ['.more', { ...members, more: 1 }];
    for (const [member, one] of Object.entries(members))
      for (const [where, other] of altered(one))
        yield [`.${member}${where}`, { ...members, [member]: other }];
  }
}

test('each field altered once is refused by both', () => {
  const whole = JSON.parse(proof.toString()) as Value;
  const cases = [...altered(whole)];
  expect(cases.length).toBeGreaterThan(60);
  const files = cases.map(([, file]) => Buffer.from(`${JSON.stringify(file)}\n`));
  const opens = (bytes: Buffer): boolean => {
    try {
      openProof(bytes, { fingerprint });
      return true;
    } catch {
      return false;
    }
  };
  // A signature given twice says nothing else than once.
  const twice = ['.receipt', '.grant', '.trustStatements.0'].map((where) => `${where}.signatures.length`);
  const taken = (by: readonly boolean[]): readonly string[] =>
    cases.filter((_, at) => by[at] === true).map(([where]) => where);
  expect(taken(files.map(opens))).toEqual(twice);
  expect(taken(verifyProofs(files, fingerprint).proved)).toEqual(twice);
});

const other = (): Promise<World> => makeWorld();

type Lie = readonly [
  what: string,
  code: string,
  make: () => Promise<Lies>,
  errorClass?: typeof ProofError | typeof EnvelopeError,
];

const lies: readonly Lie[] = [
  [
    'a receipt about another journal',
    'OTHER_JOURNAL',
    async () => ({ receipt: { origin: ORIGIN.replace('e1', 'e2') } }),
  ],
  ['a receipt of fewer entries', 'RECEIPT_SIZE', async () => ({ receipt: { size: 3 } })],
  [
    'a head of fewer entries, signed by both',
    'ENTRY_NOT_COVERED',
    async () => ({ receipt: { size: 2 }, checkpoint: { size: 2 } }),
  ],
  [
    'a head of more entries, signed by both',
    'PATH_LENGTH',
    async () => ({ receipt: { size: 70 }, checkpoint: { size: 70 } }),
  ],
  [
    'a head of another tree, signed by the root',
    'HEADS_CONTRADICT',
    async () => ({ receipt: { rootHash: '00'.repeat(32) } }),
  ],
  [
    'a head of another tree, signed by both',
    'NOT_INCLUDED',
    async () => ({ receipt: { rootHash: '00'.repeat(32) }, checkpoint: { rootHash: Buffer.alloc(32) } }),
  ],
  ['a signature for another intent', 'ENTRIES_UNRELATED', async () => ({ issued: { intent: 1 } })],
  [
    'a serial number of another place',
    'PLACE_DIFFERS',
    async () => ({ leaf: { serialNumber: `010000000001${'5a'.repeat(10)}` } }),
  ],
  [
    'a serial number of another epoch',
    'PLACE_DIFFERS',
    async () => ({ leaf: { serialNumber: `020000000002${'5a'.repeat(10)}` } }),
  ],
  [
    'another certificate than the recorded one',
    'CERTIFICATE_DIFFERS',
    async () => ({
      parts: {
        certificate: (await proofParts(world, { leaf: { spki: softSigner('p-256').spki } })).certificate,
      },
    }),
  ],
  [
    'a certificate that another key signed',
    'NOT_BY_THE_CA',
    async () => {
      const { certificate, intent, issued, checkpoint, receipt } = await proofParts({
        ...world,
        subCa: await softSubCa('p-256', world.root),
      });
      return { parts: { certificate, intent, issued, checkpoint, receipt } };
    },
  ],
  [
    'a receipt that another registry signed',
    'SIGNER_UNKNOWN',
    async () => ({
      parts: { receipt: (await proofParts({ ...world, registry: softSigner('p-256') })).receipt },
    }),
    EnvelopeError,
  ],
  [
    'a head that another node signed',
    'SIGNER_UNKNOWN',
    async () => ({
      parts: { checkpoint: (await proofParts({ ...world, journal: softSigner('p-256') })).checkpoint },
    }),
    EnvelopeError,
  ],
  [
    'a grant of other operators',
    'SIGNER_UNKNOWN',
    async () => ({ parts: { grant: (await proofParts(await other())).grant } }),
    EnvelopeError,
  ],
  [
    'a trust statement of another root',
    'SIGNER_UNKNOWN',
    async () => ({ parts: { trustStatements: [(await other()).trust.envelope] } }),
    EnvelopeError,
  ],
];

test.each(lies.map(([what, code, make, errorClass = ProofError]) => ({ what, code, make, errorClass })))(
  '$what: $code',
  async ({ code, make, errorClass }) => {
    const bytes = await proofOf(world, await make());
    await expectCode(() => openProof(bytes, { fingerprint }), errorClass, code);
    expect(verifyProof(bytes, fingerprint).status).toBe(1);
  },
);

test('another root, and a CA certificate that no root signed, are refused by both', async () => {
  const foreign = await other();
  await expectCode(
    () => openProof(proof, { fingerprint: foreign.root.certificate.sha256 }),
    DelegationError,
    'FINGERPRINT_MISMATCH',
  );
  expect(verifyProof(proof, foreign.root.certificate.sha256).status).toBe(1);
  const [ca, signer] = [await softSubCa('p-256', foreign.root), world.subCa.signer];
  const bytes = await proofOf(world, { parts: { caCertificate: ca.certificate.der } });
  await expectCode(() => openProof(bytes, { fingerprint }), DelegationError, 'GRANT_FOR_OTHER_KEY');
  expect(verifyProof(bytes, fingerprint).status).toBe(1);
  expect(signer.spki.equals(ca.signer.spki)).toBe(false);
});

test('a path that is too long or too short', async () => {
  const parts = decodeProof(proof);
  const path = parts.intent.auditPath;
  for (const auditPath of [path.slice(1), [...path, ...path.slice(-1)]]) {
    const bytes = encodeProof({ ...parts, intent: { ...parts.intent, auditPath } });
    const error = await expectCode(() => openProof(bytes, { fingerprint }), ProofError, 'PATH_LENGTH');
    expect(error.params).toEqual({ index: 2, size: 7, found: auditPath.length, expected: 3 });
    expect(verifyProof(bytes, fingerprint).status).toBe(1);
  }
});

test('a registry key that was replaced signs nothing later, for a reader who knows, and in a file that says so', async () => {
  const registry = { name: 'registry.ca.gov.vn', spki: softSigner('p-256').spki.toString('base64') };
  const value = trustOf(world, { version: 2, previous: world.trust.sha256, registry });
  const next = { ...documentOf(value), envelope: await sealTrust(world, value) };
  const at = (minutes: number): Lies => ({
    receipt: { time: new Date(NOW.getTime() + minutes * 60_000).toISOString() },
  });
  const statements = [world.trust, next];
  const both = { trustStatements: statements.map(({ envelope }) => envelope) };
  for (const [minutes, held] of [
    [5, true],
    [6, false],
  ] as const) {
    const [alone, told] = [
      await proofOf(world, at(minutes)),
      await proofOf(world, { ...at(minutes), parts: both }),
    ];
    for (const open of [
      () => openProof(alone, { fingerprint, statements }),
      () => openProof(told, { fingerprint }),
    ])
      if (held) expect(open()).toMatchObject({ index: 2 });
      else await expectCode(open, ProofError, 'REGISTRY_KEY_REPLACED');
    expect(verifyProof(told, fingerprint).status).toBe(held ? 0 : 1);
  }
  await expectCode(() => openProof(proof, { fingerprint, statements: [next] }), ProofError, 'TRUST_UNKNOWN');
});

test('a proof of another certificate than the one in hand', async () => {
  const { certificate } = await proofParts(world, { leaf: { spki: softSigner('p-256').spki } });
  const inHand = readCertificate(certificate, 'in hand');
  await expectCode(
    () => openProof(proof, { fingerprint, certificate: inHand }),
    ProofError,
    'OTHER_CERTIFICATE',
  );
});

test('what is no proof is refused before anything in it is read', async () => {
  const files = [
    Buffer.alloc(0),
    Buffer.from('{}\n'),
    proof.subarray(0, -1),
    Buffer.concat([proof, proof]),
    Buffer.alloc(MAX_PROOF_SIZE + 1, 0x20),
  ];
  for (const bytes of files)
    await expectCode(() => openProof(bytes, { fingerprint }), ProofError, 'PROOF_MALFORMED');
  const parts = decodeProof(proof);
  const broken = encodeProof({ ...parts, intent: { ...parts.intent, bytes: Buffer.from('{}') } });
  await expectCode(() => openProof(broken, { fingerprint }), ProofError, 'NOT_INCLUDED');
  const noCertificate = encodeProof({ ...parts, certificate: Buffer.from('none') });
  await expectCode(() => openProof(noCertificate, { fingerprint }), X509Error, 'CERTIFICATE_MALFORMED');
  const noNote = encodeProof({ ...parts, checkpoint: 'none' });
  await expectCode(() => openProof(noNote, { fingerprint }), EnvelopeError, 'NOTE_MALFORMED');
});
