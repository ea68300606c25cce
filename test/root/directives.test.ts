/** Directives from the operators' signatures to the node's acknowledgement, whatever becomes of replies on the way. */
import { commonTables, readNewestDocument, type CommonSchema, type Database } from '../../src/db';
import type { DirectivesTable } from '../../src/db/schema';
import { DirectiveChain, openTrustStatement, type Order } from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import { CodedError } from '../../src/errors';
import { placeOfSerialNumber, serialNumberAt } from '../../src/journal';
import { LedgerError } from '../../src/ledger';
import {
  acceptReply,
  exportSubmissions,
  NodeError,
  nodeStatus,
  recoverJournals,
  synchronise,
  verifyNode,
  type Carrier,
} from '../../src/node';
import { storeRootCrl } from '../../src/node/storedDocuments';
import {
  approveDirective,
  discardDirective,
  draftDirective,
  importSubmissions,
  listDirectives,
  listFindings,
  listNodes,
  RootError,
  showDirective,
  verifyRoot,
  watchNodes,
  type NodeSummary,
} from '../../src/root';
import { requireGrantable } from '../../src/root/applications';
import { sha256Hex } from '../../src/signer';
import { decodeReplies, decodeReply, decodeSubmissions, encodeReply } from '../../src/sync';
import { readCrl } from '../../src/x509';
import {
  DAY,
  directiveAfter,
  NODE_ID,
  NOW,
  ORIGIN,
  rootCrlOf,
  sealDirective,
  sealTrust,
  trustOf,
} from '../support/delegationFixture';
import { holdings } from '../support/holdings';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { keepCopy } from '../support/engines';
import { GrantingRoot } from '../support/grantingRoot';
import { softSigner } from '../support/softSigner';

const SUSPEND: Order = { kind: 'suspend-issuance' };
const RESUME: Order = { kind: 'resume-issuance' };
const RUN_OUT: Order = { kind: 'withdraw', mode: 'run-out' };
const REVOKE_ALL: Order = { kind: 'withdraw', mode: 'revoke-all' };
const revoke = (serialNumber: string): Order => ({ kind: 'revoke', serialNumber, reason: 'keyCompromise' });
const AN = { operator: 'an', pin: undefined };
const BINH = { operator: 'binh', pin: undefined };
/** What a receipt leaves behind, which is no matter of directives. */
const RECEIPTS = { 'table receipts': '' };
const REASON = 'Theo kết luận kiểm tra';

let soft: SoftNode;
let side: GrantingRoot;

beforeEach(async () => {
  soft = await SoftNode.activated();
  side = await GrantingRoot.of(soft);
  await sync();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await side.remove();
  await soft.remove();
});

const OPTIONS = { software: '0.1.0' };
const carry: Carrier = (submission) => side.registry.receive(submission);
async function sync(by: Carrier = carry): Promise<void> {
  tick();
  await synchronise(soft.node, soft.journal, by, OPTIONS);
}
/** Each contact is later than the one before. */
function tick(ms = 1000): void {
  soft.now = new Date(soft.now.getTime() + ms);
}

const issue = async (): Promise<string> => (await soft.issue()).serialNumber;

const states = async (): Promise<readonly string[]> =>
  (await listDirectives(side.root, NODE_ID)).map(({ state }) => state);
async function summary(): Promise<NodeSummary['directives']> {
  const [node] = await listNodes(side.root);
  return node!.directives;
}
async function allIsWell(): Promise<void> {
  expect(await listFindings(side.root)).toEqual([]);
  await verifyRoot(side.root);
  await verifyNode(soft.node);
}

describe('signing', () => {
  const draft = (order: Order, by = AN) => draftDirective(side.root, NODE_ID, { order, reason: REASON }, by);

  test('one operator drafts, another approves, then it may be handed out', async () => {
    expect(await draft(SUSPEND)).toMatchObject({ state: 'signing', signedBy: ['an'], threshold: 2 });
    await sync();
    expect((await soft.node.delegation()).directives.last).toBe(0);
    await expectCode(approveDirective(side.root, NODE_ID, AN), EnvelopeError, 'ALREADY_SIGNED');
    await expectCode(draft(RESUME, BINH), RootError, 'DIRECTIVE_WAITS');
    tick();
    const { sha256: shown } = await showDirective(side.root, NODE_ID, 1);
    const other = approveDirective(side.root, NODE_ID, BINH, 'a'.repeat(64));
    await expectCode(other, RootError, 'DIRECTIVE_CHANGED');
    const view = await approveDirective(side.root, NODE_ID, BINH, shown);
    expect(view).toMatchObject({ state: 'ready', signedBy: ['an', 'binh'], acknowledged: null });
    await expectCode(approveDirective(side.root, NODE_ID, BINH), RootError, 'NO_DIRECTIVE_WAITS');
    await expectCode(discardDirective(side.root, NODE_ID, 'an'), RootError, 'NO_DIRECTIVE_WAITS');
    await verifyRoot(side.root);
  });

  test('a draft can be dropped, and its number is given again', async () => {
    await draft(SUSPEND);
    await expectCode(discardDirective(side.root, NODE_ID, 'chi'), RootError, 'OPERATOR_NOT_TRUSTED');
    expect((await discardDirective(side.root, NODE_ID, 'binh')).sequence).toBe(1);
    expect(await states()).toEqual([]);
    expect((await side.order(RUN_OUT)).directive.sequence).toBe(1);
  });

  test('what would change nothing, or is for another node', async () => {
    const other = serialNumberAt({ epoch: 2, index: 1 }, Buffer.alloc(10));
    await expectCode(draft(RESUME), RootError, 'DIRECTIVE_POINTLESS');
    await expectCode(draft(revoke(other)), RootError, 'CERTIFICATE_OF_OTHER_NODE');
    const own = serialNumberAt({ epoch: 1, index: 1 }, Buffer.alloc(10));
    const ahead = { ...revoke(own), invalidityDate: new Date(soft.now.getTime() + 1).toISOString() };
    await expectCode(draft(ahead), RootError, 'INVALIDITY_DATE_AHEAD');
    await side.order(RUN_OUT);
    for (const order of [SUSPEND, RESUME, RUN_OUT])
      await expectCode(draft(order), RootError, 'DIRECTIVE_POINTLESS');
    await side.order(REVOKE_ALL);
    const unknown = draftDirective(side.root, 'dong-nai', { order: SUSPEND, reason: REASON }, AN);
    await expectCode(unknown, RootError, 'NODE_UNKNOWN');
  });

  test('two who draft at once: one of them is told to look again', async () => {
    const outcomes = await Promise.allSettled([draft(SUSPEND), draft(RUN_OUT, BINH)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await states()).toEqual(['signing']);
  });

  test('when the operators change, what the node has not taken is signed anew, the very same bytes', async () => {
    const before = await side.order(SUSPEND);
    const { world } = soft;
    const [chi, dung] = [softSigner('p-256'), softSigner('p-256')];
    Object.assign(side.signers, { 'operator-chi': chi, 'operator-dung': dung });
    const spki = (signer: typeof chi): string => signer.spki.toString('base64');
    const value = trustOf(world, {
      version: 2,
      previous: world.trust.sha256,
      operators: [
        { name: 'chi', spki: spki(chi) },
        { name: 'dung', spki: spki(dung) },
      ],
    });
    const next = openTrustStatement(await sealTrust(world, value), world.root.certificate, NOW, world.trust);
    await side.keepTrust(next);
    await sync();
    expect((await soft.node.delegation()).trust.value.version).toBe(2);
    expect((await soft.node.delegation()).directives.last).toBe(0);
    expect(await states()).toEqual(['signing']);
    await expectCode(draft(RESUME, { ...AN, operator: 'chi' }), RootError, 'DIRECTIVE_WAITS');
    await approveDirective(side.root, NODE_ID, { ...AN, operator: 'chi' });
    await verifyRoot(side.root);
    const again = await approveDirective(side.root, NODE_ID, { ...AN, operator: 'dung' });
    expect(again).toMatchObject({ sha256: before.sha256, signedBy: ['chi', 'dung'] });
    await sync();
    expect(await states()).toEqual(['applied']);
    await allIsWell();
  });
});

describe('to the node', () => {
  test('with a sync, which tells the root at once what became of it', async () => {
    const serialNumber = await issue();
    await sync();
    await side.order(revoke(serialNumber));
    await side.order(revoke(serialNumber));
    await side.order(SUSPEND);
    expect(await states()).toEqual(['ready', 'ready', 'ready']);
    await sync();
    expect(await states()).toEqual(['applied', 'impossible', 'applied']);
    const view = await showDirective(side.root, NODE_ID, 1);
    expect(view.acknowledged).toMatchObject({ outcome: 'applied', origin: ORIGIN });
    expect(await summary()).toEqual({
      issuance: 'suspended',
      signed: 3,
      acknowledged: 3,
      outstanding: 0,
    });
    await allIsWell();
  });

  test('a reply that is lost, comes twice, or comes late', async () => {
    await side.order(SUSPEND);
    const lost: Buffer[] = [];
    await expectCode(
      sync(async (submission) => {
        lost.push(await carry(submission, ''));
        throw new NodeError('REGISTRY_UNREACHABLE', { url: '', reason: 'cut' });
      }),
      NodeError,
      'REGISTRY_UNREACHABLE',
    );
    expect(await states()).toEqual(['delivered']);
    await side.order(RESUME);
    await sync();
    expect(await states()).toEqual(['applied', 'applied']);
    const before = await holdings(soft.directory, 'subca.db');
    for (const bytes of lost) await acceptReply(soft.node, soft.journal, decodeReply(bytes));
    expect({ ...(await holdings(soft.directory, 'subca.db')), ...RECEIPTS }).toEqual({
      ...before,
      ...RECEIPTS,
    });
    await issue();
    await sync();
    await allIsWell();
  });

  test('by file, the same bytes; replies in the wrong order change nothing', async () => {
    const byFile = async (): Promise<Buffer> => {
      tick();
      const { bytes } = await exportSubmissions(soft.node, '0.1.0');
      const { taken } = await importSubmissions(side.registry, decodeSubmissions(bytes));
      return Buffer.concat(taken.map(({ reply }) => encodeReply(reply)));
    };
    await side.order(SUSPEND);
    const first = await byFile();
    await side.order(RESUME);
    const second = await byFile();
    for (const file of [second, first, second]) {
      for (const reply of decodeReplies(file)) await acceptReply(soft.node, soft.journal, reply);
      expect((await soft.node.delegation()).directives.last).toBe(2);
    }
    await byFile();
    expect(await states()).toEqual(['applied', 'applied']);
    await allIsWell();
  });

  test('the next CA key knows what was acknowledged under the one before', async () => {
    const serialNumber = await issue();
    await side.order(SUSPEND);
    await sync();
    await soft.rollOver();
    await side.meet();
    await sync();
    await expectCode(issue(), NodeError, 'ISSUANCE_SUSPENDED');
    await side.order(revoke(serialNumber));
    await side.order(RESUME);
    await sync();
    await issue();
    await sync();
    expect(await states()).toEqual(['applied', 'applied', 'applied']);
    expect(await summary()).toMatchObject({ issuance: 'open', acknowledged: 3, outstanding: 0 });
    await allIsWell();
  });

  test('a restored node gets its directives back with its entries, and carries out what is new', async () => {
    const serialNumber = await issue();
    await sync();
    await side.order(SUSPEND);
    const { config, paths } = soft.node;
    await soft.node.close();
    const putBack = await keepCopy(config.database, paths.database);
    Object.assign(soft, await soft.open());
    await sync();
    await soft.node.close();
    await putBack();
    Object.assign(soft, await soft.open());
    await side.order(revoke(serialNumber));
    await expectCode(sync(), NodeError, 'ROOT_AHEAD');
    await recoverJournals(soft.node, carry, '0.1.0');
    expect((await nodeStatus(soft.node)).directives?.issuance.state).toBe('suspended');
    await sync();
    expect(await states()).toEqual(['applied', 'applied']);
    await allIsWell();
  });

  test('a withdrawn node gets no further grant', async () => {
    await side.order(RUN_OUT);
    const { grant } = await soft.node.delegation();
    const succeeds = { grantId: grant.value.grantId, version: 1, sha256: grant.sha256 };
    const application = { value: { nodeId: NODE_ID, succeeds } } as Parameters<typeof requireGrantable>[1];
    await expectCode(requireGrantable(side.root, application), RootError, 'NODE_WITHDRAWN');
  });
});

describe('a node that does not obey', () => {
  const conditions = async (): Promise<readonly string[]> =>
    (await watchNodes(side.root)).map(({ code, found, allowed }) => `${code} ${found} ${allowed}`);

  test('is told when it was heard of two days after the order was signed', async () => {
    await side.order(SUSPEND);
    tick(3 * DAY);
    const blind = jest.spyOn(DirectiveChain.prototype, 'get').mockReturnValue(undefined);
    await expect(sync()).resolves.toBeUndefined();
    blind.mockRestore();
    expect(await summary()).toMatchObject({ issuance: 'open', acknowledged: 0 });
    expect(await conditions()).toContain('ORDER_NOT_TAKEN 0 1');
    await sync();
    expect(await conditions()).not.toContain('ORDER_NOT_TAKEN 0 1');
  });

  test('and issues all the same: each intent is a finding', async () => {
    await side.order(SUSPEND);
    await sync();
    const blind = jest.spyOn(DirectiveChain.prototype, 'issuanceAfter').mockReturnValue({ state: 'open' });
    const serialNumber = await issue();
    blind.mockRestore();
    await sync();
    const [finding, ...others] = await listFindings(side.root);
    const entryIndex = placeOfSerialNumber(serialNumber)?.index;
    expect(finding).toMatchObject({ code: 'ISSUANCE_STOPPED', entryIndex });
    expect(others).toEqual([]);
    // Found again in the same entries.
    await verifyRoot(side.root);
  });

  test('and says that it has what its journal does not acknowledge', async () => {
    await side.order(SUSPEND);
    await soft.node.store.transaction((tx) => tx.updateTable('journals').set({ lastDirective: 1 }).execute());
    await sync();
    expect(await states()).toEqual(['delivered']);
    expect(await summary()).toMatchObject({ acknowledged: 0 });
    expect(await conditions()).toContain('ORDER_NOT_JOURNALLED 1 ≤ 0');
  });
});

test('a root that was put back to a time before a CRL which the node holds is told of it', async () => {
  const unknown = async (): Promise<readonly string[]> =>
    (await watchNodes(side.root)).flatMap(({ code, found }) => (code === 'ROOT_CRL_UNKNOWN' ? [found] : []));
  const hold = async (bytes: Buffer): Promise<void> => {
    const crl = readCrl(bytes, 'root CRL');
    await soft.node.store.transaction((tx) => storeRootCrl(commonTables(tx), crl, soft.now));
    await sync();
  };
  await hold((await readNewestDocument(side.root.read, 'root-crl'))!.bytes);
  expect(await unknown()).toEqual([]);
  const lost = await rootCrlOf(soft.world, { crlNumber: 8 });
  await hold(lost);
  expect(await unknown()).toEqual([sha256Hex(lost)]);
});

describe('what was changed in a database afterwards', () => {
  beforeEach(async () => {
    await side.order(SUSPEND);
    await sync();
  });

  test('at either end: what became of a directive', async () => {
    const change = (db: Database<CommonSchema>): Promise<unknown> =>
      db.updateTable('directiveResults').set({ outcome: 'impossible' }).execute();
    await side.root.store.transaction((tx) => change(commonTables(tx)));
    await soft.node.store.transaction((tx) => change(commonTables(tx)));
    await expectCode(verifyRoot(side.root), LedgerError, 'RECORD_DIFFERS');
    await expectCode(verifyNode(soft.node), LedgerError, 'RECORD_DIFFERS');
  });

  test('at the node: a directive', async () => {
    await soft.node.store.transaction((tx) =>
      tx.deleteFrom('documents').where('kind', '=', 'directive').execute(),
    );
    await expectCode(verifyNode(soft.node), LedgerError, 'RULE_BROKEN');
  });

  test('at the root: a directive, one of its signatures, or its place', async () => {
    const { store } = side.root;
    const [row] = await store.read.selectFrom('directives').selectAll().execute();
    const change = (values: Partial<DirectivesTable>): Promise<unknown> =>
      store.transaction((tx) => tx.updateTable('directives').set(values).execute());
    for (const values of [
      { envelope: await sealDirective(soft.world, directiveAfter(DirectiveChain.EMPTY, RUN_OUT)) },
      { draft: await sealDirective(soft.world, directiveAfter(DirectiveChain.EMPTY, RUN_OUT)) },
      { envelope: Buffer.from('{}') },
      { signedAt: null },
      { sequence: 2 },
    ]) {
      await change(values);
      const error = await verifyRoot(side.root).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(CodedError);
      expect((error as CodedError).category).toBe('integrity');
      await change(row!);
    }
    await verifyRoot(side.root);
  });
});
