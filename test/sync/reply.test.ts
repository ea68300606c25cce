/** Replies: round trips, strictness, receipts, and that no octet of what is signed in one can change unnoticed. */
import fc from 'fast-check';
import {
  DirectiveChain,
  openDirective,
  openGrant,
  openTrustStatement,
  payloadOf,
  DelegationError,
  type SignedDocument,
  type TrustStatement,
} from '../../src/delegation';
import { EnvelopeError, sealEnvelope } from '../../src/envelope';
import type { Signer } from '../../src/signer';
import {
  decodeReplies,
  decodeReply,
  encodeReply,
  openReceipt,
  RECEIPT_PAYLOAD_TYPE,
  STATUS_PAYLOAD_TYPE,
  SyncError,
  type Receipt,
  type Reply,
} from '../../src/sync';
import { readCrl, verifyCrl } from '../../src/x509';
import {
  directiveAfter,
  grantOf,
  INDIVIDUAL,
  makeWorld,
  NOW,
  ORIGIN,
  REGISTRY_NAME,
  rootCrlOf,
  sealDirective,
  sealGrant,
  sealTrust,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const RECEIPT: Receipt = {
  origin: ORIGIN,
  size: 5,
  rootHash: 'ab'.repeat(32),
  time: NOW.toISOString(),
  findings: 0,
};

let world: World;
let plain: Reply;
beforeAll(async () => {
  world = await makeWorld();
  plain = { receipt: await receiptOf(RECEIPT), trustStatements: [], grants: [], directives: [] };
});

function receiptOf(receipt: object, signers: readonly Signer[] = [world.registry]): Promise<Buffer> {
  return sealEnvelope(RECEIPT_PAYLOAD_TYPE, payloadOf(receipt), signers);
}
function open(envelope: Buffer): Receipt {
  return openReceipt(envelope, { name: REGISTRY_NAME, spki: world.registry.spki });
}
const malformed = (bytes: Buffer): Promise<unknown> =>
  expectCode(() => decodeReply(bytes), SyncError, 'REPLY_MALFORMED');

async function fullReply(): Promise<Reply> {
  const statement = trustOf(world, { version: 2, previous: world.trust.sha256 });
  const grant = grantOf(world, { scope: { profiles: [INDIVIDUAL] } });
  return {
    ...plain,
    trustStatements: [await sealTrust(world, statement)],
    grants: [await sealGrant(world, grant)],
    directives: [
      await sealDirective(world, directiveAfter(DirectiveChain.EMPTY, { kind: 'suspend-issuance' })),
    ],
    rootCrl: await rootCrlOf(world),
  };
}

describe('a file of replies', () => {
  test('holds one or several, in their order', async () => {
    const full = await fullReply();
    expect(decodeReplies(encodeReply(plain))).toEqual([plain]);
    expect(decodeReplies(Buffer.concat([encodeReply(full), encodeReply(plain)]))).toEqual([full, plain]);
  });

  test.each<[string, () => readonly Buffer[]]>([
    ['nothing', () => []],
    ['an end in the middle of a line', () => [encodeReply(plain), encodeReply(plain).subarray(0, -1)]],
    ['an empty line', () => [encodeReply(plain), Buffer.from('\n')]],
    ['more than a node can have journals', () => Array.from({ length: 128 }, () => encodeReply(plain))],
  ])('with %s is refused', async (_, parts) => {
    await expectCode(() => decodeReplies(Buffer.concat(parts())), SyncError, 'REPLY_MALFORMED');
  });
});

describe('round trip', () => {
  test('a receipt alone', () => {
    expect(decodeReply(encodeReply(plain))).toEqual(plain);
  });

  test('everything there can be', async () => {
    const reply = await fullReply();
    const bytes = encodeReply(reply);
    expect(decodeReply(bytes)).toEqual(reply);
    expect(bytes.indexOf(0x0a)).toBe(bytes.length - 1);
  });

  test('any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets));
    const replies: fc.Arbitrary<Reply> = fc.record(
      {
        receipt: bytes,
        trustStatements: fc.array(bytes, { maxLength: 5 }),
        grants: fc.array(bytes, { maxLength: 5 }),
        directives: fc.array(bytes, { maxLength: 5 }),
        rootCrl: bytes,
      },
      { requiredKeys: ['receipt', 'trustStatements', 'grants', 'directives'] },
    );
    fc.assert(
      fc.property(replies, (reply) => {
        expect(decodeReply(encodeReply(reply))).toEqual(reply);
      }),
    );
  });
});

describe('form', () => {
  function changed(change: (fields: Record<string, unknown>) => unknown): Buffer {
    const fields = JSON.parse(encodeReply(plain).toString('utf8')) as Record<string, unknown>;
    return Buffer.from(`${JSON.stringify(change(fields))}\n`);
  }

  test.each<[string, (fields: Record<string, unknown>) => unknown]>([
    ['another type', (fields) => ({ ...fields, type: 'subca-submission' })],
    ['another version', (fields) => ({ ...fields, version: 2 })],
    ['a member more', (fields) => ({ ...fields, extra: 1 })],
    ['no receipt', (fields) => ({ ...fields, receipt: undefined })],
    ['a receipt in another base64', (fields) => ({ ...fields, receipt: 'AA' })],
    ['too many directives', (fields) => ({ ...fields, directives: Array.from({ length: 51 }, () => '') })],
    ['too many grants', (fields) => ({ ...fields, grants: Array.from({ length: 51 }, () => '') })],
    [
      'too many statements',
      (fields) => ({ ...fields, trustStatements: Array.from({ length: 51 }, () => '') }),
    ],
    ['no CRL where one is named', (fields) => ({ ...fields, rootCrl: null })],
    ['a list', (fields) => [fields]],
    ['nothing', () => null],
  ])('%s is refused', async (_, change) => {
    await malformed(changed(change));
  });

  test('one line, in one spelling', async () => {
    const text = encodeReply(plain).toString('utf8');
    for (const other of [
      '',
      '\n',
      text.slice(0, -1),
      `${text}\n`,
      `${text}${text}`,
      ` ${text}`,
      `\ufeff${text}`,
      text.replace('\n', '\r\n'),
      text.replace('\n', ' '),
      text.replace('"version":1', '"version":1.0'),
      text.replace('"version":1', '"version":2,"version":1'),
    ]) {
      expect(other).not.toBe(text);
      await malformed(Buffer.from(other));
    }
  });
});

describe('receipt', () => {
  test('opens under the registry’s key', async () => {
    expect(open(await receiptOf(RECEIPT))).toEqual(RECEIPT);
    const refusal = { ...RECEIPT, findings: 3, problem: { code: 'gap', reason: 'cần các mục từ 7\n' } };
    expect(open(await receiptOf(refusal))).toEqual(refusal);
  });

  test.each<[string, () => Signer]>([
    ['a stranger', () => softSigner('p-256')],
    ['the root CA', () => world.root.signer],
    ['an operator', () => world.operators.an],
    ['the node itself', () => world.journal],
  ])('by %s is refused', async (_, signer) => {
    const envelope = await receiptOf(RECEIPT, [signer()]);
    await expectCode(() => open(envelope), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test('another document by the registry is none', async () => {
    const envelope = await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(RECEIPT), [world.registry]);
    await expectCode(() => open(envelope), EnvelopeError, 'ENVELOPE_TYPE');
  });

  test.each<[string, object]>([
    ['a member more', { ...RECEIPT, extra: 1 }],
    ['no time', { ...RECEIPT, time: undefined }],
    ['a size below nothing', { ...RECEIPT, size: -1 }],
    ['a root hash in capitals', { ...RECEIPT, rootHash: 'AB'.repeat(32) }],
    ['an origin without end', { ...RECEIPT, origin: 'x'.repeat(301) }],
    ['a list', [RECEIPT]],
    ['fewer than no findings', { ...RECEIPT, findings: -1 }],
    ['no word on findings', { ...RECEIPT, findings: undefined }],
    ['an unknown problem', { ...RECEIPT, problem: { code: 'tired', reason: '' } }],
    ['a problem without a reason', { ...RECEIPT, problem: { code: 'gap' } }],
    ['a reason without end', { ...RECEIPT, problem: { code: 'gap', reason: 'x'.repeat(2001) } }],
  ])('%s: refused though the registry signed it', async (_, receipt) => {
    const envelope = await receiptOf(receipt);
    await expectCode(() => open(envelope), SyncError, 'REPLY_MALFORMED');
  });

  test('white space: refused though the registry signed it', async () => {
    const payload = Buffer.from(JSON.stringify(RECEIPT, undefined, 1));
    const envelope = await sealEnvelope(RECEIPT_PAYLOAD_TYPE, payload, [world.registry]);
    await expectCode(() => open(envelope), SyncError, 'REPLY_MALFORMED');
  });
});

describe('changes on the way', () => {
  /** Every check a node makes of what a reply brings. */
  function accept(bytes: Buffer): Reply {
    const reply = decodeReply(bytes);
    const { root } = world;
    expect(open(reply.receipt)).toEqual(RECEIPT);
    let trust: SignedDocument<TrustStatement> = world.trust;
    for (const envelope of reply.trustStatements) {
      trust = openTrustStatement(envelope, root.certificate, NOW, trust);
    }
    for (const envelope of reply.grants) openGrant(envelope, trust.value);
    for (const envelope of reply.directives) openDirective(envelope, trust.value);
    if (reply.rootCrl !== undefined && !verifyCrl(readCrl(reply.rootCrl, 'root CRL'), root.certificate)) {
      throw new DelegationError('CERTIFICATE_NOT_TRUSTED', { what: 'root CRL', reason: 'not the root’s' });
    }
    return reply;
  }

  test('no octet of a reply can change unnoticed', async () => {
    const bytes = encodeReply(await fullReply());
    expect(accept(bytes)).toEqual(decodeReply(bytes));
    expect(unnoticedFlips(bytes, accept, 10)).toEqual([]);
  });

  test('no octet of a receipt can change unnoticed', async () => {
    expect(unnoticedFlips(await receiptOf(RECEIPT), open)).toEqual([]);
  });
});
