/** The view of one node: what its journals under all CA keys say, summed up by the database. */
import { payloadOf } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import type { Entry } from '../../src/journal';
import { RootError, viewNode } from '../../src/root';
import { STATUS_PAYLOAD_TYPE } from '../../src/sync';
import { NODE_ID, NOW } from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { SoftRegistry, type Epoch } from '../support/softRegistry';
import { softSigner } from '../support/softSigner';

const DAY = 86_400_000;
const time = NOW.toISOString();
const BY = { kind: 'local', request: '7/CV' } as const;

let soft: SoftRegistry;

beforeEach(async () => {
  soft = await SoftRegistry.open();
});

afterEach(async () => {
  await soft.remove();
});

/** @returns its serial number */
async function issue(epoch: Epoch, days = 365, profile = 'individual'): Promise<string> {
  const serialNumber = soft.serialAt(epoch, soft.taken[epoch].length);
  const notAfter = new Date(NOW.getTime() + days * DAY);
  const { spki } = softSigner('p-256');
  await soft.send(epoch, ...(await soft.certificate(epoch, { profile }, { spki, notAfter })));
  return serialNumber;
}

const crl = (number: number, days: number, covers: number): Entry => ({
  type: 'crl',
  time,
  number,
  kind: 'full',
  covers,
  thisUpdate: time,
  nextUpdate: new Date(NOW.getTime() + days * DAY).toISOString(),
  sha256: 'ab'.repeat(32),
});

test('a node that has sent nothing', async () => {
  expect(await viewNode(soft.root, NODE_ID)).toMatchObject({
    sync: { said: null, held: 0, behind: null, silentSeconds: null },
    crls: [],
    profiles: [],
  });
  await expectCode(viewNode(soft.root, 'nobody'), RootError, 'NODE_UNKNOWN');
});

test('certificates by profile under all CA keys, CRLs of each, and the sync', async () => {
  await soft.send(1, ...soft.opening(1));
  const [revoked, suspended] = [await issue(1), await issue(1)];
  await issue(1, 10);
  await issue(1, 365, 'device');
  const [intent] = await soft.certificate(1, {}, { spki: softSigner('p-256').spki });
  await soft.send(1, intent);
  await soft.send(1, { type: 'revoked', time, serialNumber: revoked, reason: 'keyCompromise', by: BY });
  await soft.send(
    1,
    { type: 'suspended', time, serialNumber: suspended, by: BY },
    crl(1, 3, 5),
    crl(2, 4, 6),
  );
  // Neither an older number nor what is no entry tells the last CRL.
  await soft.send(1, crl(1, 99, 6), Buffer.from('{"type":"crl","no":1}'));
  await soft.send(2, ...soft.opening(2, soft.seal(1)));
  await issue(2);
  await soft.send(2, crl(3, 2, 3));
  soft.now = new Date(NOW.getTime() + 11 * DAY);

  const held = soft.taken[1].length + soft.taken[2].length;
  const view = await viewNode(soft.root, NODE_ID);
  expect(view.sync).toEqual({ said: held, held, behind: 0, silentSeconds: 11 * 86_400 });
  const end = (days: number): string => new Date(NOW.getTime() + days * DAY).toISOString();
  expect(view.crls).toEqual([
    { epoch: 1, number: 2, thisUpdate: time, nextUpdate: end(4), ended: true },
    { epoch: 2, number: 3, thisUpdate: time, nextUpdate: end(2), ended: true },
  ]);
  expect(view.profiles).toEqual([
    { profile: 'device', issued: 1, inForce: 1, suspended: 0, revoked: 0, expired: 0 },
    { profile: 'individual', issued: 4, inForce: 1, suspended: 1, revoked: 1, expired: 1 },
  ]);
  expect(view.quota.profiles).toContainEqual({ profile: 'device', used: 1, limit: 2 });
});

test('what the node said it has, and the root has not', async () => {
  await soft.send(1, ...soft.opening(1));
  const { status } = await soft.root.store.read
    .selectFrom('nodes')
    .select('status')
    .where('epoch', '=', 1)
    .executeTakeFirstOrThrow();
  const { payload } = JSON.parse(status!.toString()) as { readonly payload: string };
  const said = { ...(JSON.parse(Buffer.from(payload, 'base64').toString()) as object), size: 9 };
  const ahead = await sealEnvelope(STATUS_PAYLOAD_TYPE, payloadOf(said), [soft.world.journal]);
  await soft.root.store.transaction((tx) =>
    tx.updateTable('nodes').set({ status: ahead }).where('epoch', '=', 1).execute(),
  );
  const { sync } = await viewNode(soft.root, NODE_ID);
  expect(sync).toEqual({ said: 9, held: 2, behind: 7, silentSeconds: 0 });
});
