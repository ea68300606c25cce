/**
 * An operator of the node issues a certificate and takes it out of the database before the root hears of it, or after.
 *
 *   before the sync:  issue ─ rows gone ─ issue another ─ sync     the certificate names a place that holds the other one
 *   after the sync:   issue ─ sync ─ rows gone ─ sync              the root has it; the node's own check says what is gone
 */
import { rmSync } from 'node:fs';
import { RawDatabase } from '../support/rawDatabase';
import { World, type Ran } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
  await issue('first');
  await sync();
  world.copy('node', 'node.saved');
  world.copy('root', 'root.saved');
});

beforeEach(() => {
  world.copy('node.saved', 'node');
  world.copy('root.saved', 'root');
});

afterAll(() => {
  world.remove();
});

async function issue(name: string): Promise<string> {
  const csr = await world.newCsr();
  const how = ['--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`];
  return (await world.subcaOk('issue', ...how, '--out', `${name}.crt`))['serialNumber'] as string;
}

const sync = (): Promise<Ran> => world.withRegistry(() => world.subca('sync'));

test('taken out before the sync: nobody is accused until the certificate turns up, and then the node must answer', async () => {
  await issue('secret');
  // Every trace of it: the database as it was before.
  world.copy('node.saved/subca.db', 'node/subca.db');
  for (const rest of ['-wal', '-shm']) rmSync(world.path('node', `subca.db${rest}`), { force: true });
  await issue('other');
  expect(await sync()).toMatchObject({ code: 0, json: { findings: 0 } });
  await world.rootcaOk('verify');
  expect(world.rootca('inspect', 'other.crt')).toMatchObject({ code: 0, json: { verdict: 'recorded' } });
  expect(world.rootca('inspect', 'secret.crt')).toMatchObject({
    code: 5,
    json: { verdict: 'hidden', node: '15-1' },
  });
  expect(world.rootca('inspect', 'secret.crt', '--proof-out', 'secret.proof.json')).toMatchObject({
    code: 5,
    json: { verdict: 'hidden', file: null },
  });
});

test('taken out after the sync: the root has it still, and the node’s own check ends with 5', async () => {
  const serialNumber = await issue('known');
  const prove = (): Ran => world.subca('certificate', 'proof', serialNumber, '--out', 'known.proof.json');
  expect(prove()).toMatchObject({ code: 4, json: { error: { code: 'NOT_CONFIRMED' } } });
  expect(await sync()).toMatchObject({ code: 0 });
  expect(prove()).toMatchObject({ code: 0, json: { serialNumber, file: 'known.proof.json' } });
  const database = await RawDatabase.open(world.path('node', 'subca.db'));
  try {
    const [row] = await database.rows(
      'SELECT intentIndex, issuedIndex FROM certificates WHERE serialNumber = ?',
      serialNumber,
    );
    await database.rows('DELETE FROM certificates WHERE serialNumber = ?', serialNumber);
    for (const index of [row?.['intentIndex'], row?.['issuedIndex']])
      await database.rows('DELETE FROM entries WHERE idx = ?', Number(index));
  } finally {
    await database.close();
  }
  expect(world.subca('verify')).toMatchObject({ code: 5, json: { error: { code: 'ENTRY_MISSING' } } });
  await sync();
  expect(world.rootca('inspect', 'known.crt')).toMatchObject({ code: 0, json: { verdict: 'recorded' } });
  await world.rootcaOk('verify');
  // What the node has lost it has handed out before, and the root can prove it as well.
  const written = world.rootca('inspect', 'known.crt', '--proof-out', 'root.proof.json');
  expect(written).toMatchObject({
    code: 0,
    json: { file: 'root.proof.json', proof: { size: expect.any(Number) as number } },
  });
  for (const proof of ['known.proof.json', 'root.proof.json']) {
    const proven = { code: 0, json: { verdict: 'proven', node: '15-1', serialNumber } };
    expect(world.rootca('inspect', '--proof', proof)).toMatchObject(proven);
    expect(world.rootca('inspect', 'known.crt', '--proof', proof)).toMatchObject(proven);
    expect(world.rootca('inspect', 'first.crt', '--proof', proof)).toMatchObject({
      code: 3,
      json: { error: { code: 'OTHER_CERTIFICATE' } },
    });
  }
  expect(world.rootca('inspect', '--proof', 'known.crt')).toMatchObject({
    code: 2,
    json: { error: { code: 'PROOF_MALFORMED' } },
  });
});
