/** Intents of processes that died are abandoned, once; those of the living are left alone. */
import { abandonOrphans, Issuer, publishCrl, verifyNode } from '../../src/node';
import { readCrl } from '../../src/x509';
import { ENGINES } from '../support/engines';
import { SoftNode, type OpenNode } from '../support/softNode';

describe.each(ENGINES)('on %s', (engine) => {
  let soft: SoftNode;

  beforeEach(async () => {
    soft = await SoftNode.activated({}, {}, undefined, undefined, engine);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await soft.remove();
  });

  /** Reserves intents whose signatures never come. */
  async function leaveIntents({ node, journal }: OpenNode, count: number): Promise<void> {
    jest.spyOn(node, 'signer').mockImplementation((role) => {
      return Promise.resolve({ ...soft.signerOf(role), sign: () => new Promise<never>(() => undefined) });
    });
    const issuer = await Issuer.open(node, journal);
    for (let at = 0; at < count; at += 1) {
      const request = await soft.request();
      const subject = [
        { type: 'CN', value: `Nguyễn Thị Ánh ${'A'.repeat(at + 1)}` },
        { type: 'E', value: 'anh@lamdong.gov.vn' },
      ] as const;
      void issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
    }
    while ((await verifyNode(soft.node)).pending < count)
      await journal.submit({ needs: {}, run: () => undefined });
  }

  test('a living process keeps its intents; when it has died, they are abandoned and go on the CRL', async () => {
    const other = await soft.open();
    await leaveIntents(other, 3);
    expect(await abandonOrphans(soft.node, soft.journal)).toBe(0);
    expect(await verifyNode(soft.node)).toMatchObject({ pending: 3, abandoned: 0 });

    await other.node.close();
    expect(await abandonOrphans(soft.node, soft.journal)).toBe(3);
    expect(await verifyNode(soft.node)).toMatchObject({ pending: 0, abandoned: 3 });
    expect(await abandonOrphans(soft.node, soft.journal)).toBe(0);

    const { der } = await publishCrl(soft.node, soft.journal);
    const rows = await soft.node.read.selectFrom('certificates').select('serialNumber').execute();
    const listed = readCrl(der, 'CRL').entries.map(({ serialNumber }) => serialNumber);
    expect([...listed].sort()).toEqual(rows.map(({ serialNumber }) => serialNumber).sort());
  });

  test('it is the first thing a node does after it was opened', async () => {
    const other = await soft.open();
    await leaveIntents(other, 1);
    await other.node.close();
    const { node, journal } = await soft.open();
    expect(await abandonOrphans(node, journal)).toBe(1);
  });

  test('two that recover at once close each intent once', async () => {
    const other = await soft.open();
    await leaveIntents(other, 5);
    await other.node.close();
    const third = await soft.open();
    const counts = await Promise.all([
      abandonOrphans(soft.node, soft.journal),
      abandonOrphans(third.node, third.journal),
    ]);
    expect(counts[0] + counts[1]).toBe(5);
    expect(await verifyNode(soft.node)).toMatchObject({ pending: 0, abandoned: 5 });
  });
});
