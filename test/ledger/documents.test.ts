/** Stored documents: each row must say of its bytes what they say of themselves. */
import { commonTables, storeDocument, type DocumentKind, type RootSchema, type Store } from '../../src/db';
import { DelegationError } from '../../src/delegation';
import { asStored, LedgerError, verifyDocuments } from '../../src/ledger';
import { sha256Hex } from '../../src/signer';
import {
  documentOf,
  grantOf,
  makeWorld,
  NOW,
  rootCrlOf,
  sealGrant,
  type World,
} from '../support/delegationFixture';
import { expectCode } from '../support/matchers';
import { softSubCa } from '../support/softCa';
import { newStore, removeStores } from './journals';

let world: World;
let store: Store<RootSchema>;

beforeAll(async () => {
  world = await makeWorld();
});

beforeEach(async () => {
  store = await newStore();
  const { certificate } = world.root;
  const crl = await rootCrlOf(world);
  const grant = grantOf(world);
  const envelope = await sealGrant(world, grant);
  await keep('root-certificate', 1, certificate.sha256, certificate.der);
  await keep('ca-certificate', 1, world.subCa.certificate.sha256, world.subCa.certificate.der);
  await keep('root-crl', 7, sha256Hex(crl), crl);
  await keep('external-crl', NOW.getTime() / 1000, sha256Hex(crl), crl);
  await keep('trust-statement', 1, world.trust.sha256, world.trust.envelope);
  await keep('grant', 1, sha256Hex(JSON.stringify(grant)), envelope);
});

afterEach(removeStores);

async function keep(kind: DocumentKind, version: number, sha256: string, bytes: Buffer): Promise<void> {
  const document = { kind, subject: '', version, sha256, bytes };
  await store.transaction((tx) => storeDocument(commonTables(tx), document, NOW));
}

const verify = (): Promise<void> => verifyDocuments(commonTables(store.read));

async function expectDamaged(
  kind: string,
  changes: Partial<{ kind: string; version: number; sha256: string; bytes: Buffer }>,
): Promise<void> {
  await verify();
  await store.transaction((tx) =>
    tx.updateTable('documents').set(changes).where('kind', '=', kind).execute(),
  );
  await expectCode(verify(), LedgerError, 'DOCUMENT_DAMAGED');
}

const KINDS = ['root-certificate', 'ca-certificate', 'root-crl', 'external-crl', 'trust-statement', 'grant'];

test.each(KINDS)('%s: another digest', (kind) => expectDamaged(kind, { sha256: '0'.repeat(64) }));
test.each(KINDS)('%s: another version', (kind) => expectDamaged(kind, { version: 3 }));
test.each(KINDS)('%s: another kind', (kind) => expectDamaged(kind, { kind: `${kind}s` }));
test.each(KINDS)('%s: other bytes', (kind) => expectDamaged(kind, { bytes: Buffer.from('other') }));
test('a kind that every object knows', () => expectDamaged('grant', { kind: 'constructor' }));
test('the bytes of another document', () =>
  expectDamaged('grant', { bytes: Buffer.from(world.trust.envelope) }));

test('a CA certificate is of the epoch that its grant names, whether there are others between or not', async () => {
  const { certificate } = await softSubCa('p-256', world.root);
  const caSpkiSha256 = certificate.tbs.publicKey.spkiSha256;
  const keys = { ...grantOf(world).keys, epoch: 3, caSpkiSha256 };
  const grant = grantOf(world, { version: 3, previous: documentOf(grantOf(world)).sha256, keys });
  await keep('grant', 3, documentOf(grant).sha256, await sealGrant(world, grant));
  await keep('ca-certificate', 3, certificate.sha256, certificate.der);
  await verify();
});

describe('what was in order when it was stored', () => {
  const refused = new DelegationError('FINGERPRINT_MISMATCH', { found: 'a', expected: 'b' });

  test('is given as it is read', async () => {
    expect(await asStored('it', () => 7)).toBe(7);
    expect(await asStored('it', () => Promise.resolve(8))).toBe(8);
  });

  test('is damaged when it is refused now, and the refusal is the cause', async () => {
    const read = (): never => {
      throw refused;
    };
    const error = await expectCode(asStored('it', read), LedgerError, 'DOCUMENT_DAMAGED');
    expect(error.category).toBe('integrity');
    expect(error.cause).toBe(refused);
  });

  test.each([
    ['damage that says more', new LedgerError('ENTRY_MISSING', { origin: 'o', index: 1 })],
    ['a fault of the program', new TypeError('a fault')],
  ])('lets through %s', async (_, thrown) => {
    await expect(asStored('it', () => Promise.reject(thrown))).rejects.toBe(thrown);
  });
});
