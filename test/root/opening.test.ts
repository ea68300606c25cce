/** The journal of a next epoch at the registry: it begins at the end of the one before, or nothing of it is taken. */
import { encodeEntry, type Entry, type Seal } from '../../src/journal';
import { readJournal } from '../../src/ledger';
import { listFindings } from '../../src/root';
import { SoftRegistry } from '../support/softRegistry';

let soft: SoftRegistry;

beforeEach(async () => {
  soft = await SoftRegistry.open();
  await soft.send(1, ...soft.opening(1), ...(await soft.certificate(1, {}, {}, 2)));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

test('it is taken with the head that the root holds, and only once the root holds it', async () => {
  const whole = soft.seal(1);
  const beyond = await soft.send(2, ...soft.opening(2, { ...whole, size: whole.size + 1 }));
  expect(beyond).toMatchObject({ size: 0, findings: 0, problem: { code: 'gap' } });
  expect(await soft.send(2, ...soft.opening(2, whole))).toMatchObject({ size: 2, findings: 0 });
  expect(await soft.held()).toEqual([]);
});

test.each<[string, () => readonly (Entry | Buffer)[]]>([
  ['names no end', () => soft.opening(2)],
  ['names another head', () => soft.opening(2, other())],
  ['begins with another entry', () => soft.opening(2, soft.seal(1)).slice(1)],
  ['begins with no entry', () => [Buffer.from('{}')]],
])('one that %s leaves nothing but the evidence', async (_, entries) => {
  const first = entries()[0]!;
  for (let again = 0; again < 2; again += 1) {
    const receipt = await soft.send(2, ...entries());
    expect(receipt).toMatchObject({ size: 0, findings: 1, problem: { code: 'seal' } });
  }
  expect(await soft.held()).toEqual(['e2 — SEAL_MISMATCH']);
  expect((await readJournal(soft.root.read, soft.originOf(2))).state.size).toBe(0);
  const [{ evidence } = { evidence: null }] = await listFindings(soft.root);
  const opening = (Buffer.isBuffer(first) ? first : encodeEntry(first)).toString('base64');
  expect(evidence).toMatchObject({ submitted: expect.stringMatching(/^registry/) as string, opening });

  // The first journal is not sealed by it, and the second may still begin as it should.
  const [, next] = [await soft.send(1, ...(await soft.certificate(1))), soft.seal(1)];
  expect(await soft.send(2, ...soft.opening(2, next))).toMatchObject({ size: 2 });
  expect(await soft.held()).toEqual(['e2 — SEAL_MISMATCH']);
});

const other = (): Seal => ({ size: 3, rootHash: 'ab'.repeat(32) });
