/** What the journals of earlier CA keys say: lines that go over to the next key, and keys that came before it. */
import { EarlierCertificates, type Grant, type Verdict } from '../../src/delegation';
import { serialNumberAt, type Entry, type EntryOf } from '../../src/journal';
import { formatName, type Name } from '../../src/x509';
import { documentOf, grantOf, PERSON, type LeafChanges } from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import {
  abandoned,
  at,
  codes,
  grant,
  intent,
  issued,
  Ledger,
  open,
  revoked,
  serialAt,
  suspended,
  told,
  useJournals,
  VALID,
} from './memoryLedger';

const { world } = useJournals();

const FIRST = serialAt(2);
const ROOT = 'a'.repeat(64);
const BINH: Name = [...PROVINCE, { type: 'CN', value: 'Trần Văn Bình' }];
const ALL: Grant['services'] = [
  'issue',
  'renew',
  'change-information',
  'recover-device',
  'revoke',
  'suspend',
];
const OTHER_KEY = softSigner('p-256').spki;

type Step = (ledger: Ledger) => void;
const take =
  (entry: Entry): Step =>
  (ledger) =>
    void ledger.take(entry, VALID);

/** A first journal with FIRST issued, what else happens before its seal, and after. */
function firstJournal(before: readonly Step[] = [], after: readonly Step[] = []) {
  const document = documentOf(grantOf(world(), { services: ALL }));
  const grants = new Map([[1, document]]);
  const ledger = new Ledger({ grants });
  ledger.good(open({ grantSha256: document.sha256 }), grant(1, { sha256: document.sha256 }), intent(FIRST));
  for (const step of [take(issued(2)), ...before]) step(ledger);
  const sealedAt = ledger.state.size;
  for (const step of after) step(ledger);
  return { ledger, sealedAt, grants, sha256: document.sha256 };
}

/** The journal of the second epoch, that knows what the first one says in the end. */
function secondJournal(first = firstJournal()): Ledger {
  const earlier = new EarlierCertificates();
  const journal = { epoch: 1, sealedAt: first.sealedAt };
  for (const record of first.ledger.records.values()) earlier.add(record, journal);
  const ledger = new Ledger({ epoch: 2, grants: first.grants }, earlier);
  const sealed = { size: first.sealedAt, rootHash: ROOT };
  const opening = open({ epoch: 2, grantSha256: first.sha256, sealed });
  expect(ledger.take(opening, { sealedRoot: ROOT }).findings).toEqual([]);
  return ledger.good(grant(1, { sha256: first.sha256 }));
}

const serialIn2 = (index: number): string => serialNumberAt({ epoch: 2, index }, Buffer.alloc(10, 7));

function next(ledger: Ledger, changes: Partial<EntryOf<'intent'>>, leaf: LeafChanges = {}): Verdict {
  return ledger.take(intent(serialIn2(ledger.state.size), changes, leaf));
}

const FOLLOWING = [
  ['renew', {}],
  ['change-information', { subject: BINH }],
  ['recover-device', {}],
] as const;

describe.each(FOLLOWING)('%s under the next CA key', (service, leaf) => {
  const spki = service === 'recover-device' ? { spki: OTHER_KEY } : {};
  const follow = (ledger: Ledger, changes: Partial<EntryOf<'intent'>> = {}): Verdict =>
    next(ledger, { service, predecessor: FIRST, ...changes }, { ...leaf, ...spki });

  test('follows a certificate of the one before, once', () => {
    const ledger = secondJournal();
    const verdict = follow(ledger);
    expect(verdict.findings).toEqual([]);
    expect(verdict.record).toMatchObject({ predecessor: FIRST, renewals: service === 'renew' ? 1 : 0 });
    expect(told(follow(ledger).findings)).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.successor', `${serialIn2(2)} (${service})`, '—']],
    ]);
    ledger.good(abandoned(2), abandoned(3));
    expect(follow(ledger).findings).toEqual([]);
  });

  test('does not follow one that was followed under its own key', () => {
    const followed = intent(serialAt(4), { service: 'renew', predecessor: FIRST });
    expect(told(follow(secondJournal(firstJournal([take(followed), take(issued(4))]))).findings)).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.successor', `${serialAt(4)} (renew)`, '—']],
    ]);
    // What had no signature at the seal has none for good.
    for (const rest of [[], [take(issued(4))], [take(abandoned(4))]])
      expect(follow(secondJournal(firstJournal([take(followed)], rest))).findings).toEqual([]);
  });

  test('does not follow one that is not there, or has no signature from before the seal', () => {
    const predecessor = serialAt(4);
    const [unknown] = told(follow(secondJournal(), { predecessor }).findings);
    expect(unknown).toEqual(['OUT_OF_SCOPE', ['predecessor', predecessor, 'a certificate of this node']]);
    const begun = take(intent(predecessor));
    for (const first of [firstJournal([begun]), firstJournal([begun], [take(issued(4))])]) {
      const [finding] = follow(secondJournal(first), { predecessor }).findings;
      expect(finding?.problems).toMatchObject([{ where: 'predecessor.status', found: 'abandoned' }]);
    }
    const late = follow(secondJournal(firstJournal([], [begun])), { predecessor });
    expect(late.findings[0]?.problems).toMatchObject([{ where: 'predecessor', found: predecessor }]);
  });

  test('does not follow one that was revoked by then; a later revocation changes nothing', () => {
    const first = firstJournal([], [take(revoked(FIRST, { time: at(60), reason: 'superseded' }))]);
    expect(follow(secondJournal(first), { time: at(59) }).findings).toEqual([]);
    for (const time of [at(60), at(61)]) {
      const [finding] = follow(secondJournal(first), { time }).findings;
      expect(finding?.problems).toMatchObject([
        { where: 'predecessor.status', found: 'revoked (superseded)' },
      ]);
    }
  });

  test('is not held to a suspension, which may have been lifted by then', () => {
    const first = firstJournal([], [take(suspended(FIRST))]);
    expect(follow(secondJournal(first), { time: at(60) }).findings).toEqual([]);
  });
});

test('a line is renewed once, under however many keys', () => {
  const renewal = { service: 'renew', predecessor: FIRST } as const;
  const first = firstJournal([take(intent(serialAt(4), renewal)), take(issued(4))]);
  const verdict = next(secondJournal(first), { ...renewal, predecessor: serialAt(4) });
  expect(told(verdict.findings)).toEqual([['OUT_OF_SCOPE', ['predecessor.renewals', '1', '< 1']]]);
});

test('a serial number of another epoch that stands in an earlier journal names no certificate of its own', () => {
  const foreign = serialIn2(9);
  const first = firstJournal([take(intent(foreign)), take(issued(4))]);
  const [finding] = next(secondJournal(first), { service: 'renew', predecessor: foreign }).findings;
  expect(finding?.problems).toMatchObject([{ where: 'predecessor', found: foreign }]);
  // Nor does one of the first epoch in the second journal.
  const ledger = secondJournal(firstJournal());
  const own = intent(serialAt(7));
  expect(codes(ledger.take(own).findings)).toEqual(['SERIAL_MISPLACED']);
  ledger.take(issued(2), VALID);
  const [unknown] = next(ledger, { service: 'renew', predecessor: serialAt(7) }).findings;
  expect(unknown?.problems).toMatchObject([{ where: 'predecessor', found: serialAt(7) }]);
});

describe('a key of the journal before', () => {
  test('is its subscriber’s, and no other’s', () => {
    const ledger = secondJournal();
    expect(told(next(ledger, {}, { subject: BINH }).findings)).toEqual([
      ['KEY_REUSED', ['publicKey', `${FIRST}: ${formatName(PERSON)}`, formatName(BINH)]],
    ]);
    expect(next(secondJournal(), {}).findings).toEqual([]);
    expect(next(ledger, {}, { subject: BINH, spki: OTHER_KEY }).findings).toEqual([]);
  });

  test('is nobody’s from the time of its exposure on', () => {
    const first = firstJournal([], [take(revoked(FIRST, { time: at(60) }))]);
    expect(next(secondJournal(first), { time: at(59) }).findings).toEqual([]);
    expect(told(next(secondJournal(first), { time: at(60) }).findings)).toEqual([
      [
        'KEY_COMPROMISED',
        ['publicKey', `${FIRST}: revoked (keyCompromise)`, 'a key whose private half was never exposed'],
      ],
    ]);
    expect(next(secondJournal(first), { time: at(60) }, { spki: OTHER_KEY }).findings).toEqual([]);
  });

  test('is exposed from the first time it was, whichever certificate told', () => {
    const two = [take(intent(serialAt(4))), take(issued(4))];
    const both = [take(revoked(serialAt(4), { time: at(60) })), take(revoked(FIRST, { time: at(90) }))];
    for (const first of [firstJournal(two, both), firstJournal(two, [...both].reverse())])
      expect(codes(next(secondJournal(first), { time: at(61) }).findings)).toContain('KEY_COMPROMISED');
  });

  test('is not taken by what the journal began after its seal', () => {
    const late = take(intent(serialAt(4), {}, { subject: BINH, spki: OTHER_KEY }));
    const first = firstJournal([], [late]);
    expect(next(secondJournal(first), {}, { spki: OTHER_KEY }).findings).toEqual([]);
  });
});
