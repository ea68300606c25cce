/** What the registry took of a journal before it knew of its seal: what is held against it is what is found anew. */
import type { Entry } from '../../src/journal';
import { extendedKeyUsage, keyUsage } from '../../src/x509';
import {
  chainOf,
  DAY,
  grantOf,
  makeWorld,
  NOW,
  sealDirective,
  type LeafChanges,
} from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import { documentEntry, journalise } from '../../src/root/rootJournal';
import { SoftRegistry } from '../support/softRegistry';

let soft: SoftRegistry;

beforeEach(async () => {
  const { limits } = grantOf(await makeWorld());
  soft = await SoftRegistry.open({ limits: { ...limits, quota: { total: 1, perDay: 1, perProfile: {} } } });
  await soft.send(1, ...soft.opening(1), ...(await soft.certificate(1, {}, {}, 2)));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await soft.remove();
});

/** Beyond the end of the grant. */
const LATE = new Date(NOW.getTime() + 400 * DAY);
const END = new Date(LATE.getTime() + 30 * DAY);

const responder = (): LeafChanges => ({
  notBefore: LATE,
  notAfter: END,
  subject: [...PROVINCE, { type: 'CN', value: 'OCSP' }],
  spki: softSigner('p-256').spki,
  extensions: {
    certificatePolicies: undefined,
    extendedKeyUsage: extendedKeyUsage(['ocspSigning']),
    keyUsage: keyUsage(['digitalSignature']),
    subjectAltName: undefined,
  },
});

test('the responder’s certificate, and one that must not be, are told alike before and after', async () => {
  const seal = soft.seal(1);
  const asked = { time: LATE.toISOString(), profile: 'ocsp-responder' };
  await soft.send(1, ...(await soft.certificate(1, asked, responder())));
  expect(await soft.held()).toEqual([]);
  await soft.send(
    1,
    ...(await soft.certificate(1, { time: LATE.toISOString() }, { notBefore: LATE, notAfter: END })),
  );
  const before = ['e1 6 LEASE_OVER', 'e1 6 OUT_OF_SCOPE'];
  expect(await soft.held()).toEqual(before);
  expect(await soft.send(2, ...soft.opening(2, seal))).toMatchObject({ size: 2 });
  expect(await soft.held()).toEqual(['e1 6 EPOCH_SEALED', ...before]);
  // The numbers of the second key go on from those at the seal.
  await soft.send(2, ...(await soft.certificate(2)));
  expect(await soft.held()).toEqual(['e1 6 EPOCH_SEALED', ...before, 'e2 2 OUT_OF_SCOPE']);
});

test('what the next CA key begins with was acknowledged before the seal', async () => {
  const orders = chainOf({ kind: 'suspend-issuance' }, { kind: 'resume-issuance' });
  for (const { value, sha256 } of orders.documents) {
    const { nodeId, sequence, issuedAt: signedAt } = value;
    const envelope = await sealDirective(soft.world, value);
    await soft.root.store.transaction(async (tx) => {
      await tx
        .insertInto('directives')
        .values({ nodeId, sequence, envelope, draft: null, signedAt })
        .execute();
      const document = { kind: 'directive', subject: nodeId, version: sequence, sha256 } as const;
      await journalise(soft.root, tx, documentEntry(document));
    });
  }
  const [first, second] = orders.documents.map(({ value, sha256 }): Entry => {
    const { sequence } = value;
    return { type: 'directive', time: NOW.toISOString(), sequence, sha256, outcome: 'applied' };
  });
  await soft.send(1, first!);
  const seal = soft.seal(1);
  await soft.send(1, second!);
  expect(await soft.held()).toEqual([]);
  await soft.send(2, ...soft.opening(2, seal), second!);
  expect(await soft.held()).toEqual(['e1 5 EPOCH_SEALED']);
  await soft.send(2, second!);
  expect(await soft.held()).toEqual(['e1 5 EPOCH_SEALED', 'e2 3 ORDER_MISMATCH']);
});
