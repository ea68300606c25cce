/** What a turn loads before it judges foreign entries must be all that judging asks for, whatever they are. */
import { createPrivateKey, sign } from 'node:crypto';
import fc from 'fast-check';
import { commonTables } from '../../src/db';
import { decodeEntry, encodeEntry } from '../../src/journal';
import { verifyJournal } from '../../src/ledger';
import {
  append,
  inPieces,
  makeJournalWorld,
  newStore,
  ORIGIN,
  removeStores,
  rowsOf,
  soundJournal,
  type JournalWorld,
} from './journals';

let journals: JournalWorld;
let entries: readonly Buffer[];

beforeAll(async () => {
  journals = await makeJournalWorld();
  entries = await soundJournal(journals, 60, 11);
});

afterEach(removeStores);

test('signatures are judged by the algorithm the grant names', async () => {
  const pss = await makeJournalWorld({ pss: true });
  const sound = await soundJournal(pss, 30, 5);
  expect(await append(await newStore(), pss.authority, sound)).toEqual([]);
  const key = createPrivateKey(pss.world.subCa.signer.privateKeyPem);
  const at = sound.findIndex((bytes) => decodeEntry(bytes).type === 'issued');
  const issued = decodeEntry(sound[at] ?? Buffer.alloc(0));
  const intent = issued.type === 'issued' ? decodeEntry(sound[issued.intent] ?? Buffer.alloc(0)) : undefined;
  if (issued.type !== 'issued' || intent?.type !== 'intent') throw new Error('no issued certificate');
  // The right key over the right bytes, by the scheme the certificate does not name.
  const signature = sign('sha256', Buffer.from(intent.tbs, 'base64'), key).toString('base64');
  const changed = [...sound];
  changed[at] = encodeEntry({ ...issued, signature });
  const findings = await append(await newStore(), pss.authority, changed);
  expect(findings[0]).toEqual([at, 'SIGNATURE_INVALID']);
  // The receipts after it are for the journal with the right one.
  expect(new Set(findings.slice(1).map(([, code]) => code))).toEqual(new Set(['LEASE_INVALID']));
});

/** A journal with entries left out, repeated and out of their order. */
const disordered = fc
  .array(fc.tuple(fc.nat(59), fc.constantFrom('drop', 'repeat', 'swap')), { minLength: 1, maxLength: 12 })
  .map((changes) => {
    const list = [...entries];
    for (const [at, change] of changes) {
      const place = Math.min(at, list.length - 2);
      const [one, next] = [list[place]!, list[place + 1]!];
      if (change === 'drop') list.splice(place, 1);
      else if (change === 'repeat') list.splice(place, 0, one);
      else list.splice(place, 2, next, one);
    }
    return list;
  });

test('a node’s rule-breaking journal gives the root the same rows and findings, however it is cut', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 8 });
  let broken = 0;
  const property = fc.asyncProperty(disordered, sizes, async (list, lengths) => {
    const whole = await newStore();
    const expected = await append(whole, journals.authority, list);
    broken += expected.length;
    const cut = await newStore();
    const found = [];
    for (const piece of inPieces(list, lengths))
      found.push(...(await append(cut, journals.authority, piece)));
    expect(found).toEqual(expected);
    expect(await rowsOf(cut)).toEqual(await rowsOf(whole));

    // Read again from the beginning, it gives the very findings.
    const again: unknown[] = [];
    await verifyJournal(commonTables(cut.read), ORIGIN, journals.authority, {
      keepFinding: (index, code) => again.push([index, code]),
    });
    expect(again).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 15 });
  expect(broken).toBeGreaterThan(15);
});
