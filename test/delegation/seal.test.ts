/** The seal between two epochs: what an opening must name, and what a sealed journal may not say any more. */
import { checkAfterSeal, type Authority } from '../../src/delegation';
import { serialNumberAt, type Entry, type EntryOf } from '../../src/journal';
import { extendedKeyUsage, keyUsage } from '../../src/x509';
import { DAY, documentOf, grantOf, leafDer, NOW, PERSON } from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import {
  abandoned,
  at,
  codes,
  crl,
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

const ROOT = 'a'.repeat(64);
const SEAL = { size: 9, rootHash: ROOT };

describe('the opening of a later epoch', () => {
  const later = (): Ledger => new Ledger({ epoch: 2 });
  const opening = (sealed?: EntryOf<'open'>['sealed']): EntryOf<'open'> =>
    open({ epoch: 2, ...(sealed && { sealed }) });

  test('names the end of the one before', () => {
    expect(later().take(opening(SEAL), { sealedRoot: ROOT }).findings).toEqual([]);
  });

  test.each<[string, EntryOf<'open'>['sealed'], string | undefined, string, string]>([
    ['no end', undefined, ROOT, '—', 'a head of the journal before'],
    ['another end', SEAL, 'b'.repeat(64), `9 entries ${ROOT}`, `9 entries ${'b'.repeat(64)}`],
    ['an end nobody holds', SEAL, undefined, `9 entries ${ROOT}`, 'a head of the journal before'],
  ])('is found out when it names %s', (_, sealed, sealedRoot, found, allowed) => {
    const evidence = sealedRoot === undefined ? {} : { sealedRoot };
    expect(told(later().take(opening(sealed), evidence).findings)).toEqual([
      ['SEAL_MISMATCH', ['sealed', found, allowed]],
    ]);
  });

  test('the first epoch has none before it', () => {
    expect(codes(new Ledger().take(open({ sealed: SEAL }), { sealedRoot: ROOT }).findings)).toEqual([
      'SEAL_MISMATCH',
    ]);
  });
});

/** A certificate of the OCSP responder, for the place of the next entry. */
function responderIntent(index: number, notBefore = NOW): Entry {
  const name = [...PROVINCE, { type: 'CN', value: 'OCSP' }] as const;
  const extensions = {
    certificatePolicies: undefined,
    extendedKeyUsage: extendedKeyUsage(['ocspSigning']),
    keyUsage: keyUsage(['digitalSignature']),
    subjectAltName: undefined,
  };
  const notAfter = new Date(NOW.getTime() + 30 * DAY);
  return intent(
    serialAt(index),
    { profile: 'ocsp-responder' },
    { subject: name, spki: world().registry.spki, extensions, notBefore, notAfter },
  );
}

describe('a sealed journal', () => {
  /** With one certificate issued, one on its way, and the seal behind both. */
  function sealed(changes: Partial<Authority> = {}): Ledger {
    const ledger = new Ledger({ sealedAt: 5, ...changes }).good(open(), grant(), intent(serialAt(2)));
    expect(ledger.take(issued(2), VALID).findings).toEqual([]);
    return ledger.good(intent(serialAt(4)));
  }

  test('tells what becomes of its certificates', () => {
    sealed().good(revoked(serialAt(2)), abandoned(4), crl(1, { covers: 6 }));
    sealed().good(suspended(serialAt(2)));
  });

  const late = (where: string, found: string): readonly unknown[] => [
    'EPOCH_SEALED',
    [where, found, "before entry 5, or an OCSP responder's own certificate"],
  ];

  test.each<[string, () => Entry, readonly unknown[]]>([
    ['a certificate', () => intent(serialAt(5)), late('extendedKeyUsage', 'clientAuth')],
    ['the signature of one begun before', () => issued(4), late('intent', '4')],
    ['a grant', () => grant(2), late('entry 5', 'grant')],
    ['a ceremony', () => ({ type: 'ceremony', time: at(0), sha256: ROOT }), late('entry 5', 'ceremony')],
  ])('does not take %s', (_, entry, finding) => {
    expect(told(sealed().take(entry(), VALID).findings)).toEqual([finding]);
  });

  test('issues to its own OCSP responder, and counts it', () => {
    const ledger = sealed();
    const verdict = ledger.take(responderIntent(5));
    expect(verdict.findings).toEqual([]);
    expect(verdict.quotaKeys).toHaveLength(3);
    expect(ledger.take(issued(5), VALID).findings).toEqual([]);
  });

  test('does so whatever the grant says of services, dates and numbers, as every journal does', () => {
    const { limits } = grantOf(world());
    const quota = { total: 2, perDay: 2, perProfile: {} };
    const notAfter = new Date(NOW.getTime() + 1000).toISOString();
    const lease = { maxOfflineDays: 1, graceDays: 0 };
    const granted = { limits: { ...limits, quota, notAfter, lease } };
    const spent = documentOf(grantOf(world(), granted));
    const idle = documentOf(
      grantOf(world(), { ...granted, version: 2, previous: spent.sha256, services: [] }),
    );
    const authority = { grants: new Map([spent, idle].map((one) => [one.value.version, one])) };
    const later = new Date(NOW.getTime() + 2 * DAY);
    const ledgerOf = (changes: Partial<Authority>): Ledger =>
      new Ledger({ ...authority, ...changes }).good(
        open({ grantSha256: spent.sha256 }),
        grant(1, { sha256: spent.sha256 }),
        intent(serialAt(2)),
        intent(serialAt(3)),
        grant(2, { sha256: idle.sha256 }),
      );
    for (const changes of [{}, { sealedAt: 5 }])
      ledgerOf(changes).good({ ...responderIntent(5, later), time: later.toISOString() });
    const subscriber = intent(serialAt(5), { time: later.toISOString() }, { notBefore: later });
    const problems = ledgerOf({})
      .take(subscriber)
      .findings.flatMap((finding) => finding.problems);
    expect(problems.map(({ where }) => where)).toEqual(['service', 'time', 'quota.total', 'lease']);
  });

  test('an entry is judged by its place alone, so that the root can judge what it took before it knew of the seal', () => {
    const tbs = leafDer(world(), { subject: PERSON }).toString('base64');
    const entry = intent(serialNumberAt({ epoch: 1, index: 7 }, Buffer.alloc(10)), { tbs });
    expect(checkAfterSeal(entry, 7, 8)).toEqual([]);
    expect(codes(checkAfterSeal(entry, 8, 8))).toEqual(['EPOCH_SEALED']);
    expect(codes(checkAfterSeal({ ...entry, tbs: 'AAAA' }, 8, 8))).toEqual(['EPOCH_SEALED']);
  });
});
