/** Decisions of operators on applications: what is signed, kept and found again, and what does not get as far. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAnswer } from '../../src/delegation';
import { answerTo, approveApplication, rejectApplication, RootError, verifyRoot } from '../../src/root';
import { expectCode } from '../support/matchers';
import { RawDatabase } from '../support/rawDatabase';
import { SoftRoot } from '../support/softRoot';

const POLICY = `
title: Trial
minimumScore: 0
reportWithinDays: 30
criteria:
  - { id: need, kind: need, atLeast: 100, weight: 10, mustHave: true }
  - { id: approvers, kind: people, role: approver, atLeast: 1, weight: 10, mustHave: false }
`;
const an = { operator: 'an', pin: undefined };
const binh = { operator: 'binh', pin: undefined };

let soft: SoftRoot;

beforeEach(async () => {
  soft = await SoftRoot.ready();
  writeFileSync(join(soft.directory, 'eligibility.yaml'), POLICY);
});

afterEach(async () => {
  await soft.remove();
});

const reject = (id: string, criteria: readonly string[] = []): ReturnType<typeof rejectApplication> =>
  rejectApplication(soft.root, id, an, { reason: 'thiếu khảo sát', criteria });

test('a rejection is one operator’s, signed, and opened from the root’s fingerprint', async () => {
  const id = await soft.applied();
  const { envelope } = await reject(id);
  const { sha256: fingerprint } = await soft.root.certificate();
  const { value } = openAnswer(envelope, fingerprint, soft.now);
  expect(value).toMatchObject({
    ...{ application: { sha256: id, nodeId: '15-1' }, operator: 'an', decision: 'rejected' },
    ...{ reason: 'thiếu khảo sát', override: false, mend: ['need', 'approvers'] },
  });
  expect((await answerTo(soft.root, id)).envelope.equals(envelope)).toBe(true);
  await verifyRoot(soft.root);
});

test('a mended application is approved only if it names the rejection of the same node', async () => {
  const rejected = await soft.applied();
  const { sha256: answer } = await reject(rejected);
  // Made by another journal key: nobody mends another's application.
  for (const mends of [
    { application: rejected, answer },
    { application: rejected, answer: 'a'.repeat(64) },
    { application: 'b'.repeat(64), answer },
  ]) {
    const mended = await soft.applied('15-1', { mends });
    await expectCode(approveApplication(soft.root, mended, an, 'why'), RootError, 'MENDS_UNKNOWN');
  }
});

test('what lacks a must-have is approved only with a reason of each operator', async () => {
  const id = await soft.applied();
  const refusal = await expectCode(
    approveApplication(soft.root, id, an),
    RootError,
    'APPLICATION_INELIGIBLE',
  );
  expect(refusal.problems).toMatchObject([
    { code: 'UNMET', where: 'need *', found: '—', allowed: '≥ 100' },
    { code: 'UNMET', where: 'approvers', found: '0', allowed: 'approver ≥ 1' },
  ]);
  await approveApplication(soft.root, id, an, 'thử nghiệm');
  await expectCode(approveApplication(soft.root, id, binh), RootError, 'APPLICATION_INELIGIBLE');
  const { answers, status } = await approveApplication(soft.root, id, binh, 'đồng ý');
  expect(status).toBe('approved');
  expect(answers.map(({ operator, override, reason }) => [operator, override, reason])).toEqual([
    ['an', true, 'thử nghiệm'],
    ['binh', true, 'đồng ý'],
  ]);
  await verifyRoot(soft.root);
});

test('a criterion that is none, and a second decision, are refused before anything is signed', async () => {
  const id = await soft.applied();
  await expectCode(reject(id, ['weather']), RootError, 'CRITERION_UNKNOWN');
  await expectCode(answerTo(soft.root, id), RootError, 'APPLICATION_STATE');
  await reject(id);
  await expectCode(reject(id), RootError, 'APPLICATION_STATE');
  await expectCode(approveApplication(soft.root, id, binh, 'why'), RootError, 'APPLICATION_STATE');
});

test.each([
  ['taken away', "DELETE FROM documents WHERE kind = 'answer'"],
  [
    'exchanged',
    'UPDATE documents SET bytes = CAST(replace(CAST(bytes AS TEXT), \'"sig":"M\', \'"sig":"N\') AS BLOB) WHERE kind = \'answer\'',
  ],
])('an answer that was %s is found', async (_, change) => {
  await reject(await soft.applied());
  await verifyRoot(soft.root);
  const database = await RawDatabase.open(join(soft.directory, 'rootca.db'));
  await database.rows(change);
  await database.close();
  await expect(verifyRoot(soft.root)).rejects.toMatchObject({ category: 'integrity' });
});
