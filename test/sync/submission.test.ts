/** Submissions: round trips, limits, strictness, and that with their signatures no octet of one can change unnoticed. */
import fc from 'fast-check';
import { payloadOf } from '../../src/delegation';
import { openEnvelope, sealEnvelope } from '../../src/envelope';
import {
  appendLeaves,
  EMPTY_TREE,
  encodeEntry,
  leafHash,
  MAX_ENTRY_SIZE,
  openCheckpoint,
  rootHash,
  signCheckpoint,
  type TreeHead,
} from '../../src/journal';
import {
  decodeSubmission,
  decodeSubmissions,
  encodeSubmission,
  MAX_ENTRIES,
  MAX_SUBMISSION_SIZE,
  STATUS_PAYLOAD_TYPE,
  statusSchema,
  SyncError,
  type NodeStatus,
  type Submission,
} from '../../src/sync';
import { NOW, ORIGIN } from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const journal = softSigner('p-256');
const entry = (intent: number): Buffer => encodeEntry({ type: 'abandoned', time: NOW.toISOString(), intent });
const EARLIER = [entry(0), entry(1), entry(2)];
const ENTRIES = [entry(3), entry(4)];
const BASE = appendLeaves(EMPTY_TREE, EARLIER.map(leafHash)).head;
const STATUS: NodeStatus = {
  origin: ORIGIN,
  size: 5,
  trustVersion: 1,
  grantVersion: 1,
  lastDirective: 0,
  crl: { number: 0, nextUpdate: null },
  rootCrlSha256: null,
  clock: NOW.toISOString(),
  software: 'subca-kit 0.1.0',
};

function headNote(head: TreeHead): Promise<string> {
  return signCheckpoint(
    { origin: ORIGIN, size: head.size, rootHash: rootHash(head) },
    { name: ORIGIN, signer: journal },
  );
}

async function submissionOf(changes: Partial<Submission> = {}): Promise<Submission> {
  return {
    base: await headNote(BASE),
    checkpoint: await headNote(appendLeaves(BASE, ENTRIES.map(leafHash)).head),
    entries: ENTRIES,
    status: await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(STATUS), [journal]),
    ...changes,
  };
}

const malformed = (bytes: Buffer): Promise<unknown> =>
  expectCode(() => decodeSubmission(bytes), SyncError, 'SUBMISSION_MALFORMED');

describe('round trip', () => {
  test('with entries, and with none', async () => {
    for (const entries of [ENTRIES, []]) {
      const submission = await submissionOf({ entries });
      expect(decodeSubmission(encodeSubmission(submission))).toEqual(submission);
    }
  });

  test('is a header and the entries verbatim, a line each', async () => {
    const [header = '', ...lines] = encodeSubmission(await submissionOf())
      .toString('utf8')
      .split('\n');
    expect(Object.keys(JSON.parse(header) as object)).toEqual([
      'type',
      'version',
      'base',
      'checkpoint',
      'count',
      'status',
    ]);
    expect(lines).toEqual([...ENTRIES.map((one) => one.toString('utf8')), '']);
  });

  test('any bytes without a line feed pass for entries: it is the judge who reads them', () => {
    const line = fc
      .uint8Array({ maxLength: 100 })
      .map((bytes) => Buffer.from(bytes.filter((octet) => octet !== 0x0a)));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 9 }),
        fc.string(),
        fc.uint8Array(),
        (entries, note, envelope) => {
          const submission = { base: note, checkpoint: note, entries, status: Buffer.from(envelope) };
          expect(decodeSubmission(encodeSubmission(submission))).toEqual(submission);
        },
      ),
    );
  });

  test('several in one file, in their order', async () => {
    const [one, two] = [await submissionOf(), await submissionOf({ entries: [] })];
    const file = Buffer.concat([one, two, one].map(encodeSubmission));
    expect([...decodeSubmissions(file)]).toEqual([one, two, one]);
    expect([...decodeSubmissions(Buffer.alloc(0))]).toEqual([]);
  });
});

describe('form', () => {
  test('exactly one, where one is expected', async () => {
    const bytes = encodeSubmission(await submissionOf());
    await malformed(Buffer.concat([bytes, bytes]));
    await malformed(Buffer.alloc(0));
  });

  test('cut anywhere, it is refused', async () => {
    const bytes = encodeSubmission(await submissionOf());
    const accepted: number[] = [];
    for (let length = 0; length < bytes.length; length += 1) {
      try {
        decodeSubmission(bytes.subarray(0, length));
        accepted.push(length);
      } catch (error) {
        expect(error).toBeInstanceOf(SyncError);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('something after it is refused', async () => {
    const bytes = encodeSubmission(await submissionOf());
    for (const more of ['\n', 'x', '{}\n', '\0']) await malformed(Buffer.concat([bytes, Buffer.from(more)]));
  });

  async function withHeader(change: (header: Record<string, unknown>) => unknown): Promise<Buffer> {
    const bytes = encodeSubmission(await submissionOf());
    const end = bytes.indexOf(0x0a);
    const header = JSON.parse(bytes.toString('utf8', 0, end)) as Record<string, unknown>;
    return Buffer.concat([Buffer.from(JSON.stringify(change(header))), bytes.subarray(end)]);
  }

  test.each<[string, (header: Record<string, unknown>) => unknown]>([
    ['another type', (header) => ({ ...header, type: 'subca-reply' })],
    ['another version', (header) => ({ ...header, version: 2 })],
    ['a member more', (header) => ({ ...header, extra: 1 })],
    ['no status', ({ status, ...header }) => ({ ...header, statuss: status })],
    ['more entries than it says', (header) => ({ ...header, count: 1 })],
    ['fewer entries than it says', (header) => ({ ...header, count: 3 })],
    ['fewer than no entries', (header) => ({ ...header, count: -1 })],
    ['a fraction of an entry', (header) => ({ ...header, count: 1.5 })],
    ['its number of entries as text', (header) => ({ ...header, count: '2' })],
    ['too many entries', (header) => ({ ...header, count: MAX_ENTRIES + 1 })],
    ['a checkpoint without end', (header) => ({ ...header, checkpoint: 'x'.repeat(16_385) })],
    ['a base without end', (header) => ({ ...header, base: 'x'.repeat(16_385) })],
    ['a header without end', (header) => ({ ...header, status: 'A'.repeat(65_536) })],
    ['half a letter', (header) => ({ ...header, base: '\ud800' })],
    ['a list', (header) => [header]],
    ['nothing', () => null],
  ])('%s is refused', async (_, change) => {
    await malformed(await withHeader(change));
  });

  test('a header in another spelling is refused', async () => {
    const text = encodeSubmission(await submissionOf()).toString('utf8');
    for (const other of [
      ` ${text}`,
      `\ufeff${text}`,
      text.replace('\n', '\r\n'),
      text.replace('"version":1', '"version":1.0'),
      text.replace('"version":1', '"version":1,"version":1'),
      text.replace('"version"', '"\\u0076ersion"'),
    ]) {
      expect(other).not.toBe(text);
      await malformed(Buffer.from(other));
    }
  });
});

describe('limits', () => {
  test('as many entries as there may be', async () => {
    const entries = Array.from({ length: MAX_ENTRIES }, () => Buffer.from('{}'));
    expect(decodeSubmission(encodeSubmission(await submissionOf({ entries }))).entries).toHaveLength(
      MAX_ENTRIES,
    );
    await malformed(encodeSubmission(await submissionOf({ entries: [...entries, Buffer.from('{}')] })));
  });

  test('entries as large as they may be', async () => {
    const largest = Buffer.alloc(MAX_ENTRY_SIZE, 'x');
    const good = await submissionOf({ entries: [largest] });
    expect(decodeSubmission(encodeSubmission(good)).entries[0]?.equals(largest)).toBe(true);
    await malformed(encodeSubmission({ ...good, entries: [Buffer.alloc(MAX_ENTRY_SIZE + 1, 'x')] }));
  });

  test('and all of them together', async () => {
    const bare = encodeSubmission(await submissionOf({ entries: [] })).length;
    const full = Math.floor(MAX_SUBMISSION_SIZE / (MAX_ENTRY_SIZE + 1));
    const entries = Array.from({ length: full }, () => Buffer.alloc(MAX_ENTRY_SIZE, 'x'));
    const shorter = [...entries.slice(1), Buffer.alloc(MAX_ENTRY_SIZE - bare - 100, 'x')];
    expect(decodeSubmission(encodeSubmission(await submissionOf({ entries: shorter }))).entries).toHaveLength(
      full,
    );
    await malformed(encodeSubmission(await submissionOf({ entries })));
  });
});

/** Every check the root makes of a submission, given that it holds the earlier entries. */
function verify(bytes: Buffer): void {
  const submission = decodeSubmission(bytes);
  const key = { name: ORIGIN, spki: journal.spki };
  const base = openCheckpoint(submission.base, key);
  const checkpoint = openCheckpoint(submission.checkpoint, key);
  const { head } = appendLeaves(BASE, submission.entries.map(leafHash));
  const { payload } = openEnvelope(submission.status, {
    payloadType: STATUS_PAYLOAD_TYPE,
    keys: [key],
    threshold: 1,
    what: 'status',
  });
  expect(statusSchema.parse(JSON.parse(payload.toString('utf8')))).toEqual(STATUS);
  const holds =
    base.size === BASE.size &&
    base.rootHash.equals(rootHash(BASE)) &&
    checkpoint.size === head.size &&
    checkpoint.rootHash.equals(rootHash(head));
  if (!holds) throw new SyncError('SUBMISSION_MALFORMED', { reason: 'its heads and entries disagree' });
}

test('no octet of a submission can change unnoticed', async () => {
  const bytes = encodeSubmission(await submissionOf());
  expect(() => {
    verify(bytes);
  }).not.toThrow();
  expect(unnoticedFlips(bytes, verify, 2)).toEqual([]);
});

describe('status', () => {
  const valid = (changes: object): boolean => statusSchema.safeParse({ ...STATUS, ...changes }).success;

  test('of a node with and without CRLs', () => {
    expect(valid({})).toBe(true);
    const crl = { number: 7, nextUpdate: NOW.toISOString() };
    expect(valid({ crl, rootCrlSha256: 'ab'.repeat(32) })).toBe(true);
  });

  test.each<[string, object]>([
    ['a member more', { extra: 1 }],
    ['a size below nothing', { size: -1 }],
    ['a size past every number', { size: 2 ** 53 }],
    ['no grant', { grantVersion: 0 }],
    ['no clock', { clock: null }],
    ['a clock with an offset', { clock: '2026-03-02T10:00:00.000+07:00' }],
    ['a digest in capitals', { rootCrlSha256: 'AB'.repeat(32) }],
    ['a name of software without end', { software: 'x'.repeat(51) }],
    ['an origin without end', { origin: 'x'.repeat(301) }],
  ])('%s is refused', (_, changes) => {
    expect(valid(changes)).toBe(false);
  });
});
