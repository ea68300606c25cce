/** Operators who come and go, and what their signatures count for: every change takes effect with the next statement. */
import { DelegationError, openTrustStatement } from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { HsmError } from '../../src/hsm';
import {
  approveApplication,
  draftTrust,
  issueGrant,
  listOperators,
  rejectApplication,
  rekeyRegistry,
  removeOperator,
  RootError,
  signTrust,
  trustStanding,
  verifyRoot,
  viewApplication,
} from '../../src/root';
import { ReceiptSigner } from '../../src/root/receiptSigner';
import { sha256Hex } from '../../src/signer';
import { openReceipt } from '../../src/sync';
import { NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftRoot } from '../support/softRoot';

const DAY = 86_400_000;
let soft: SoftRoot;

beforeEach(async () => {
  soft = await SoftRoot.ready();
});

afterEach(async () => {
  await soft.remove();
});

const approve = (id: string, operator: string): ReturnType<typeof approveApplication> =>
  approveApplication(soft.root, id, { operator, pin: undefined });
const NO_REASONS = { reason: 'why', criteria: [] };
const remove = (name: string): Promise<void> => removeOperator(soft.root, name, 'lost the token');

describe('the next statement', () => {
  test('says what it changes before it is signed, and nothing else is changed', async () => {
    await remove('binh');
    await soft.addOperator('chi');
    const { differences } = await draftTrust(soft.root, { validDays: 10, threshold: 1 });
    expect(
      differences.map(({ what, name, before, after }) => [what, name, before === null, after === null]),
    ).toEqual([
      ['operator', 'binh', false, true],
      ['threshold', '', false, false],
      ['operator', 'chi', true, false],
    ]);
    const { value } = await soft.signTrust(1, 10);
    expect(value).toMatchObject({ version: 2, threshold: 1 });
    expect(value.operators.map(({ name }) => name)).toEqual(['an', 'chi']);
    expect((await draftTrust(soft.root, { validDays: 10 })).differences).toEqual([]);
  });

  test('keeps the threshold if none is given, which must be met by those who are left', async () => {
    await remove('binh');
    await expectCode(soft.signTrust(), RootError, 'THRESHOLD_IMPOSSIBLE');
    await soft.addOperator('chi');
    expect((await soft.signTrust()).value.threshold).toBe(2);
  });

  test('names an operator who comes back with the new key only', async () => {
    const before = (await listOperators(soft.root)).find(({ name }) => name === 'binh');
    await remove('binh');
    await expectCode(remove('binh'), RootError, 'OPERATOR_UNKNOWN');
    await soft.addOperator('binh');
    const { differences } = await draftTrust(soft.root, { validDays: 10 });
    expect(differences).toMatchObject([
      { what: 'operator', name: 'binh', before: sha256Hex(before!.key.spki) },
    ]);
    await verifyRoot(soft.root);
  });

  test('follows the one that its signer was shown', async () => {
    const draft = await draftTrust(soft.root, { validDays: 10 });
    await soft.signTrust();
    await expectCode(signTrust(soft.root, draft), DelegationError, 'TRUST_SEQUENCE');
  });
});

describe('an approval that is not complete', () => {
  test('loses the signature of an operator who has left', async () => {
    const id = await soft.applied();
    await approve(id, 'binh');
    await remove('binh');
    await soft.addOperator('chi');
    // Not before the statement: until then binh is in force.
    expect((await viewApplication(soft.root, id)).approvedBy).toEqual(['binh']);
    await soft.signTrust();
    expect((await viewApplication(soft.root, id)).approvedBy).toEqual([]);
    await expectCode(approve(id, 'binh'), RootError, 'OPERATOR_NOT_TRUSTED');
    const rejection = rejectApplication(soft.root, id, { operator: 'binh', pin: undefined }, NO_REASONS);
    await expectCode(rejection, RootError, 'OPERATOR_NOT_TRUSTED');
    expect(await approve(id, 'an')).toMatchObject({ status: 'pending', approvedBy: ['an'] });
    expect(await approve(id, 'chi')).toMatchObject({ status: 'approved', approvedBy: ['an', 'chi'] });
    const { bundle } = await issueGrant(soft.root, id);
    expect(bundle.length).toBeGreaterThan(1000);
    await verifyRoot(soft.root);
  });

  test('loses the signature of a key that was replaced under the same name', async () => {
    const id = await soft.applied();
    await approve(id, 'binh');
    await remove('binh');
    await soft.addOperator('binh', 'binh-2');
    await soft.signTrust();
    expect(await approve(id, 'binh')).toMatchObject({ status: 'pending', approvedBy: ['binh'] });
    await expectCode(approve(id, 'binh'), EnvelopeError, 'ALREADY_SIGNED');
    expect(await approve(id, 'an')).toMatchObject({ status: 'approved', approvedBy: ['binh', 'an'] });
    await verifyRoot(soft.root);
  });
});

test('an approval that was complete, but not carried out, is one no more; the missing operator completes it', async () => {
  const id = await soft.applied();
  await approve(id, 'an');
  await approve(id, 'binh');
  await remove('binh');
  await soft.addOperator('chi');
  await soft.signTrust();
  const error = await expectCode(issueGrant(soft.root, id), RootError, 'APPROVALS_MISSING');
  expect([error.params, error.category]).toEqual([{ id: id.slice(0, 12), got: 1, needed: 2 }, 'refused']);
  await approve(id, 'chi');
  await issueGrant(soft.root, id);
  await verifyRoot(soft.root);
});

test('a grant that was carried out is not given out anew once its operators have left', async () => {
  const id = await soft.applied();
  await approve(id, 'an');
  await approve(id, 'binh');
  await issueGrant(soft.root, id);
  await remove('binh');
  await soft.addOperator('chi');
  await soft.signTrust();
  await expectCode(issueGrant(soft.root, id), RootError, 'APPROVALS_MISSING');
  await verifyRoot(soft.root);
});

test('a lost token ends no threshold by itself: remove, add and sign do', async () => {
  const id = await soft.applied();
  soft.loseToken('binh');
  await approve(id, 'an');
  const error = await expectCode(approve(id, 'binh'), HsmError, 'TOKEN_ABSENT');
  expect(error.category).toBe('unavailable');
  await expectCode(soft.addOperator('binh', 'other'), RootError, 'OPERATOR_EXISTS');
  await remove('binh');
  await soft.addOperator('binh', 'other');
  await expectCode(approve(id, 'binh'), HsmError, 'TOKEN_ABSENT');
  await soft.signTrust();
  expect(await approve(id, 'binh')).toMatchObject({ status: 'approved' });
});

test('under a statement that has ended, nothing is approved or granted until the next is signed', async () => {
  const id = await soft.applied();
  await approve(id, 'an');
  await approve(id, 'binh');
  const other = await soft.applied('15-2');
  soft.now = new Date(NOW.getTime() + 730 * DAY);
  await expectCode(issueGrant(soft.root, id), DelegationError, 'TRUST_EXPIRED');
  await expectCode(approve(other, 'an'), DelegationError, 'TRUST_EXPIRED');
  expect((await trustStanding(soft.root)).valid).toBe(false);
  await soft.signTrust();
  await issueGrant(soft.root, id);
});

describe('the registry key', () => {
  test('is replaced by the next statement, not before; a registry that runs goes over to it', async () => {
    const signer = await ReceiptSigner.open(soft.root);
    const before = (await soft.root.trust()).value.registry;
    const made = await rekeyRegistry(soft.root, 'a new HSM', undefined);
    await expectCode(rekeyRegistry(soft.root, 'again', undefined), RootError, 'REGISTRY_KEY_PENDING');
    const sign = async (): Promise<Buffer> =>
      signer.seal(
        { origin: 'o', size: 0, rootHash: '0'.repeat(64), time: NOW.toISOString(), findings: 0 },
        await soft.root.trustStatements(),
      );
    const old = { name: before.name, spki: Buffer.from(before.spki, 'base64') };
    expect(openReceipt(await sign(), old).size).toBe(0);
    const { value } = await soft.signTrust();
    expect(value.registry.spki).toBe(made.spki.toString('base64'));
    expect(openReceipt(await sign(), { name: before.name, spki: made.spki }).size).toBe(0);
    await verifyRoot(soft.root);
  });
});

test('what was judged under a statement that is replaced meanwhile is not kept', async () => {
  const id = await soft.applied();
  await approve(id, 'an');
  const signerOf = soft.root.signerOf.bind(soft.root);
  // A statement is signed while the operator types the PIN.
  const slow = jest.spyOn(soft.root, 'signerOf').mockImplementationOnce(async (...given) => {
    await soft.signTrust();
    return signerOf(...given);
  });
  const error = await expectCode(approve(id, 'binh'), RootError, 'TRUST_CHANGED');
  expect(error.category).toBe('unavailable');
  slow.mockRestore();
  expect(await approve(id, 'binh')).toMatchObject({ status: 'approved' });
  await verifyRoot(soft.root);
});

test('the standing says what is not signed yet', async () => {
  expect(await trustStanding(soft.root)).toMatchObject({ valid: true, pending: [], nodes: [] });
  await remove('an');
  expect((await trustStanding(soft.root)).pending).toMatchObject([
    { what: 'operator', name: 'an', after: null },
  ]);
  const id = await soft.applied();
  await approve(id, 'an');
  await approve(id, 'binh');
  await issueGrant(soft.root, id);
  expect((await trustStanding(soft.root)).nodes).toEqual([
    { node: '15-1', version: null, lastContact: null, caughtUp: false },
  ]);
});

test('every statement opens under the root certificate', async () => {
  const { envelope } = await soft.signTrust();
  const [first] = await soft.root.trustStatements();
  expect(openTrustStatement(envelope, await soft.root.certificate(), soft.now, first).value.version).toBe(2);
});
