/** What the root removes of a hostile node's journal, and what stays as evidence. */
import { commonTables } from '../../src/db';
import { encodeEntry, serialNumberAt, type Entry } from '../../src/journal';
import { appendHeld, readEntries, readJournal, whole } from '../../src/ledger';
import { prune } from '../../src/node';
import { openProof } from '../../src/proof';
import { inspectCertificate, proveInspected, pruneCopies, verifyRoot } from '../../src/root';
import { assembleCertificate, readCertificate } from '../../src/x509';
import { DAY, leafDer, ORIGIN } from '../support/delegationFixture';
import { GrantingRoot } from '../support/grantingRoot';
import { SoftNode } from '../support/softNode';
import { twinOf } from '../support/twin';

let soft: SoftNode;
let side: GrantingRoot;

beforeEach(async () => {
  soft = await SoftNode.activated({}, { retentionYears: 2 });
  side = await GrantingRoot.of(soft);
});

afterEach(async () => {
  await side.remove();
  await soft.remove();
});

/** The node writes what it likes into its journal. @param make of the journal's size */
async function write(make: (size: number) => readonly Entry[]): Promise<void> {
  const [generation] = (await soft.node.delegation()).generations;
  const { state } = await readJournal(soft.node.read, ORIGIN);
  const entries = whole(make(state.size).map(encodeEntry));
  await soft.node.store.transaction((tx) =>
    appendHeld(commonTables(tx), ORIGIN, generation!.authority, entries),
  );
  await side.sync();
}

/** Announced, confirmed, removed at the root. @returns indexes of the entries that are not whole there */
async function removedAtRoot(): Promise<readonly number[]> {
  soft.now = new Date(soft.now.getTime() + 8 * 366 * DAY);
  await side.sync();
  await prune(soft.node, soft.journal);
  await side.sync();
  await pruneCopies(side.root);
  await verifyRoot(side.root);
  const journal = await readJournal(side.root.read, ORIGIN);
  const entries = await readEntries(side.root.read, journal, 0, journal.state.size);
  return entries.flatMap(({ leaf }, index) => (leaf === null ? [] : [index]));
}

test('whoever kept a removed certificate can prove it, and a second one of its number is still hidden', async () => {
  const { der, serialNumber } = await soft.issue();
  const { signer } = soft.world.subCa;
  const other = leafDer(soft.world, { serialNumber, notBefore: soft.now });
  const signed = assembleCertificate(other, signer.algorithm, await signer.sign(other));
  const [issued, hidden] = [der, signed].map((one) => readCertificate(one, 'found'));
  await side.sync();
  const before = await inspectCertificate(side.root, issued!);
  expect(await removedAtRoot()).toHaveLength(2);

  const after = await inspectCertificate(side.root, issued!);
  expect(after).toMatchObject({ verdict: 'recorded', status: 'issued' });
  expect(after.proof?.intent.bytes).toEqual(before.proof?.intent.bytes);
  expect(after.proof?.issued.bytes).toEqual(before.proof?.issued.bytes);
  const proof = await proveInspected(side.root, after.proof!);
  const fingerprint = soft.world.root.certificate.sha256;
  expect(openProof(proof, { fingerprint }).certificate.der).toEqual(der);
  expect(await inspectCertificate(side.root, hidden!)).toMatchObject({ verdict: 'hidden' });
  // The signature that was in the entry cannot be told from a twin of it.
  const twin = await inspectCertificate(side.root, twinOf(issued!));
  expect(twin).toMatchObject({ verdict: 'recorded', status: 'issued' });
  expect(twin.proof).toBeUndefined();
});

test('a second signature for a certificate stays', async () => {
  const time = soft.now.toISOString();
  await soft.issue();
  const { state } = await readJournal(soft.node.read, ORIGIN);
  const [intent, issued] = [state.size - 2, state.size - 1];
  await write(() => [{ type: 'issued', time, intent, signature: 'AAAA' }]);
  expect(await removedAtRoot()).toEqual([intent, issued]);
});

test('of more broken rules than are told one by one, none goes', async () => {
  const time = soft.now.toISOString();
  const strays = 120;
  let first = 0;
  await write((size) => {
    first = size;
    return Array.from({ length: strays }, (_, at): readonly Entry[] => {
      const intent = size + 2 * at;
      const serialNumber = serialNumberAt({ epoch: 1, index: intent }, Buffer.alloc(10, at));
      const tbs = leafDer(soft.world, { serialNumber, notBefore: soft.now }).toString('base64');
      const request = at.toString(16).padStart(64, '0');
      return [
        { type: 'intent', time, service: 'issue', profile: 'stranger', request, tbs },
        { type: 'abandoned', time, intent },
      ];
    }).flat();
  });
  await soft.issue();
  await side.sync();
  expect(await removedAtRoot()).toEqual([first + 2 * strays, first + 2 * strays + 1]);
});
