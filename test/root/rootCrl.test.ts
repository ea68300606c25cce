/** The root's CRL where two processes are at work: each number has one list, and the newest list is whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNewestDocument } from '../../src/db';
import { renewRootCrl } from '../../src/root';
import { markRevoked } from '../../src/root/certificates';
import { listEntries } from '../../src/root/rootJournal';
import { decodeRootEntry } from '../../src/journal';
import { SigningError } from '../../src/signing';
import { readCrl } from '../../src/x509';
import { ENGINES } from '../support/engines';
import { GrantingRoot } from '../support/grantingRoot';
import { expectCode } from '../support/matchers';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

describe.each(ENGINES)('on %s', (engine) => {
  let soft: SoftNode;
  let side: GrantingRoot;

  beforeAll(async () => {
    soft = await SoftNode.activated({}, {}, undefined, undefined, engine);
    side = await GrantingRoot.of(soft, engine);
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await side.remove();
    await soft.remove();
  });

  const newest = async (): Promise<ReturnType<typeof readCrl>> =>
    readCrl((await readNewestDocument(side.root.read, 'root-crl'))!.bytes, 'root CRL');

  test('that the root certificate does not vouch for is not kept', async () => {
    const { root } = side;
    const before = await newest();
    jest.spyOn(root, 'signer').mockResolvedValueOnce(softSigner('p-256'));
    await expectCode(renewRootCrl(root), SigningError, 'SIGNATURE_WRONG');
    expect(await newest()).toEqual(before);
  });

  test('published at once, and revoked between signing and storing', async () => {
    const { root } = side;
    const serialNumber = '7f'.repeat(16);
    await root.store.transaction((tx) =>
      tx
        .insertInto('rootCertificates')
        .values({
          serialNumber,
          purpose: 'lost',
          tbs: Buffer.alloc(1),
          der: Buffer.alloc(1),
          issuedAt: soft.now.toISOString(),
          revokedAt: null,
          revocationReason: null,
        })
        .execute(),
    );
    const signer = await root.signer('root');
    let signed = 0;
    jest.spyOn(root, 'signer').mockResolvedValue({
      ...signer,
      sign: async (message) => {
        signed += 1;
        // Somebody else revokes while this one signs.
        if (signed === 1)
          await root.store.transaction((tx) => markRevoked(root, tx, serialNumber, 'superseded'));
        return signer.sign(message);
      },
    });
    const numbers = (await Promise.all([renewRootCrl(root), renewRootCrl(root), renewRootCrl(root)])).map(
      ({ crlNumber }) => crlNumber,
    );
    expect(new Set(numbers).size).toBe(3);
    const crl = await newest();
    expect(crl.entries.map((entry) => entry.serialNumber)).toEqual([serialNumber]);
    expect(crl.crlNumber).toBe(numbers.sort().at(-1));
    expect(readFileSync(join(root.paths.published, 'root.crl'))).toEqual(crl.der);
    const { entries } = await listEntries(root, { from: undefined, count: 100 });
    const told = entries
      .map(({ bytes }) => decodeRootEntry(bytes))
      .flatMap((entry) => {
        return entry.type === 'document' && entry.kind === 'root-crl' ? [entry.version] : [];
      });
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  });
});
