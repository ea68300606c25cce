/** The few records of a key or a predecessor that are read must tell what all of them would. */
import fc from 'fast-check';
import { commonTables } from '../../src/db';
import { KeyHistory, Successors, type CertificateRecord } from '../../src/delegation';
import { readJournal, writeRecords } from '../../src/ledger';
import { readKeyHolders, readSuccessorsTold } from '../../src/ledger/bounded';
import { sha256Hex } from '../../src/signer';
import { NOW } from '../support/delegationFixture';
import { newStore, ORIGIN, removeStores } from './journals';

afterEach(removeStores);

const timeAt = (second: number): string => new Date(NOW.getTime() + second * 1000).toISOString();

/** Certificates of two keys after two predecessors, in a few names, in every state. */
const records = fc
  .array(
    fc.record({
      spkiSha256: fc.constantFrom('k1', 'k2'),
      predecessor: fc.constantFrom('p1', 'p2', null),
      subject: fc.constantFrom('CN=A', 'CN=B', 'CN=C'),
      service: fc.constantFrom('renew' as const, 'recover-device' as const),
      status: fc.constantFrom(
        ...(['reserved', 'abandoned', 'issued', 'suspended', 'revoked', 'revoked'] as const),
      ),
      second: fc.nat(3),
      exposed: fc.option(fc.nat(3)),
      serial: fc.nat(15),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ second, exposed, serial, ...one }, intentIndex): CertificateRecord => {
      const signed = one.status !== 'reserved' && one.status !== 'abandoned';
      return {
        ...one,
        subjectSha256: sha256Hex(one.subject),
        serialNumber: `${serial.toString(16)}${String(intentIndex)}`,
        intentIndex,
        issuedIndex: signed ? 20 + intentIndex : null,
        renewals: 0,
        profile: 'individual',
        request: 'r',
        notBefore: timeAt(0),
        notAfter: timeAt(9),
        statusTime: timeAt(second),
        reason: one.status === 'revoked' ? 'superseded' : null,
        invalidityDate: null,
        heldSince: null,
        exposureTime: one.status === 'revoked' && exposed !== null ? timeAt(second + exposed) : null,
      };
    }),
  );

const known = (history: KeyHistory): readonly unknown[] => [history.holders, history.exposed];
const told = (list: readonly CertificateRecord[]): readonly CertificateRecord[] => {
  const successors = new Successors();
  for (const record of list) successors.add(record);
  return successors.told;
};

test('of keys and of predecessors', async () => {
  const part = fc.nat(12);
  await fc.assert(
    fc.asyncProperty(records, part, fc.subarray([0, 1, 2, 3, 4, 5]), async (list, before, except) => {
      const store = await newStore();
      const db = commonTables(store.read);
      const { id } = await readJournal(db, ORIGIN);
      await store.transaction((tx) => writeRecords(commonTables(tx), id, list));
      for (const key of ['k1', 'k2']) {
        const own = list.filter(({ spkiSha256 }) => spkiSha256 === key);
        const bounded = (await readKeyHolders(db, id, ['k1', 'k2'], before)).filter(
          ({ spkiSha256 }) => spkiSha256 === key,
        );
        expect(bounded.length).toBeLessThanOrEqual(3);
        const expected = new KeyHistory(own.filter(({ intentIndex }) => intentIndex < before));
        expect(known(new KeyHistory(bounded))).toEqual(known(expected));
      }
      for (const predecessor of ['p1', 'p2']) {
        const own = list.filter((record) => record.predecessor === predecessor);
        const of = (bounded: readonly CertificateRecord[]): readonly CertificateRecord[] =>
          bounded.filter((record) => record.predecessor === predecessor);
        // Beside those that are known already, in whatever state they come to be.
        const others = own.filter(({ intentIndex }) => !except.includes(intentIndex));
        const rest = of(await readSuccessorsTold(db, id, ['p1', 'p2'], { except }));
        expect(rest.length).toBeLessThanOrEqual(2);
        expect(told(rest)).toEqual(told(others));
        const signed = own.filter(({ issuedIndex }) => issuedIndex !== null && issuedIndex < 20 + before);
        const early = await readSuccessorsTold(db, id, ['p1', 'p2'], { signedBefore: 20 + before });
        expect(told(of(early))[0]).toEqual(told(signed)[0]);
      }
    }),
    { numRuns: 60 },
  );
});
