/** Whose a key is: what the judge says to a key that comes again, in every status its first certificate may have. */
import { KeyHistory, type Grant } from '../../src/delegation';
import type { EntryOf } from '../../src/journal';
import { sha256Hex } from '../../src/signer';
import { extendedKeyUsage, formatName, keyUsage, ocspNoCheck, type Name } from '../../src/x509';
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

const named = (cn: string): Name => [...PROVINCE, { type: 'CN', value: cn }];
const BINH = named('Trần Văn Bình');

/** A journal whose grant delegates the given services, with one issued certificate for PERSON at index 2. */
function ledgerOf(services: Grant['services'] = ['issue', 'renew', 'revoke', 'suspend']): Ledger {
  const document = documentOf(grantOf(world(), { services }));
  const ledger = new Ledger({ grants: new Map([[1, document]]) });
  ledger.take(open({ grantSha256: document.sha256 }));
  ledger.good(grant(1, { sha256: document.sha256 }), intent(serialAt(2)));
  expect(ledger.take(issued(2), VALID).findings).toEqual([]);
  return ledger;
}

function again(ledger: Ledger, leaf: LeafChanges, changes: Partial<EntryOf<'intent'>> = {}) {
  return ledger.take(intent(serialAt(ledger.state.size), changes, leaf)).findings;
}

test('a new key has no history', () => {
  expect(again(ledgerOf(), { subject: BINH, spki: softSigner('p-256').spki })).toEqual([]);
});

test('the key of another subscriber is told with that certificate and its subject', () => {
  expect(told(again(ledgerOf(), { subject: BINH }))).toEqual([
    ['KEY_REUSED', ['publicKey', `${serialAt(2)}: ${formatName(PERSON)}`, formatName(BINH)]],
  ]);
});

test.each([{ service: 'issue' }, { service: 'renew', predecessor: serialAt(2) }] as const)(
  'the same subscriber may have it again: $service',
  (changes) => {
    expect(again(ledgerOf(), {}, changes)).toEqual([]);
  },
);

test('another spelling of the name is another subject', () => {
  const capitals = PERSON.map(({ type, value }) => ({
    type,
    value: type === 'CN' ? value.toUpperCase() : value,
  }));
  expect(codes(again(ledgerOf(), { subject: capitals }))).toEqual(['KEY_REUSED']);
});

describe('another subject', () => {
  const ALL = ['issue', 'renew', 'recover-device', 'change-information', 'revoke'] as const;
  const follow = (ledger: Ledger, service: (typeof ALL)[number], predecessor: string, leaf: LeafChanges) =>
    again(ledger, leaf, { service: service as EntryOf<'intent'>['service'], predecessor });

  test('may have the key that a change of information keeps, and keep it', () => {
    const ledger = ledgerOf([...ALL]);
    expect(follow(ledger, 'change-information', serialAt(2), { subject: BINH })).toEqual([]);
    ledger.take(issued(4), VALID);
    expect(follow(ledger, 'renew', serialAt(4), { subject: BINH })).toEqual([]);
    expect(codes(again(ledger, { subject: named('Lê Hoàng') }))).toEqual(['KEY_REUSED']);
  });

  test('has no key of another line, whatever the service', () => {
    const ledger = ledgerOf([...ALL]);
    const spki = softSigner('p-256').spki;
    ledger.good(intent(serialAt(4), {}, { subject: BINH, spki }));
    ledger.take(issued(5), VALID);
    for (const service of ['renew', 'recover-device', 'change-information'] as const) {
      expect(codes(follow(ledger, service, serialAt(4), { subject: BINH }))).toContain('KEY_REUSED');
    }
  });

  test('cannot take a key by naming no certificate, or none there is', () => {
    const ledger = ledgerOf([...ALL]);
    expect(codes(again(ledger, { subject: BINH }, { service: 'change-information' }))).toEqual([
      'OUT_OF_SCOPE',
      'KEY_REUSED',
    ]);
    expect(codes(follow(ledger, 'change-information', serialAt(9), { subject: BINH }))).toEqual([
      'OUT_OF_SCOPE',
      'KEY_REUSED',
    ]);
  });
});

test.each([
  ['reserved', []],
  ['abandoned', [() => abandoned(2)]],
  ['suspended', [() => issued(2), () => suspended(serialAt(2))]],
  ['revoked', [() => issued(2), () => revoked(serialAt(2), { reason: 'superseded' })]],
])('a certificate that is %s holds its key', (_, steps) => {
  const ledger = new Ledger().good(open(), grant(), intent(serialAt(2)));
  for (const step of steps) ledger.take(step(), VALID);
  expect(codes(again(ledger, {}))).toEqual([]);
  expect(codes(again(ledger, { subject: BINH }))).toEqual(['KEY_REUSED']);
});

test('a key that was exposed is nobody’s any more, not even in a change of information', () => {
  const ledger = ledgerOf(['issue', 'renew', 'change-information', 'revoke']);
  ledger.good(revoked(serialAt(2)));
  expect(told(again(ledger, {}))).toEqual([
    [
      'KEY_COMPROMISED',
      ['publicKey', `${serialAt(2)}: revoked (keyCompromise)`, 'a key whose private half was never exposed'],
    ],
  ]);
  const predecessor = serialAt(2);
  for (const service of ['renew', 'change-information'] as const) {
    expect(codes(again(ledger, {}, { service, predecessor }))).toEqual(['OUT_OF_SCOPE', 'KEY_COMPROMISED']);
  }
  expect(codes(again(ledger, { subject: BINH }))).toEqual(['KEY_COMPROMISED', 'KEY_REUSED']);
});

test('a key of which it is told long after the revocation is good until then, and nobody’s from then on', () => {
  const ledger = ledgerOf();
  const history = (): KeyHistory => ledger.byKey(ledger.bySerialNumber(serialAt(2))?.spkiSha256 ?? '');
  ledger.good(revoked(serialAt(2), { reason: 'superseded', time: at(60) }));
  expect(again(ledger, {}, { time: at(60) })).toEqual([]);
  ledger.good(revoked(serialAt(2), { time: at(120) }));
  expect(told(again(ledger, {}, { time: at(120) }))).toEqual([
    [
      'KEY_COMPROMISED',
      ['publicKey', `${serialAt(2)}: revoked (keyCompromise)`, 'a key whose private half was never exposed'],
    ],
  ]);
  // As another journal asks, whatever has come since.
  for (const [second, serialNumber] of [
    [59, undefined],
    [60, undefined],
    [119.999, undefined],
    [120, serialAt(2)],
  ] as const)
    expect(history().asOf(at(second)).exposed?.serialNumber).toBe(serialNumber);
});

test('the OCSP responder keeps its key when a new grant names it otherwise, and no other may take it', () => {
  const spki = softSigner('p-256').spki;
  const responder = (cn: string): LeafChanges => ({
    subject: named(cn),
    spki,
    extensions: {
      keyUsage: keyUsage(['digitalSignature']),
      extendedKeyUsage: extendedKeyUsage(['ocspSigning']),
      certificatePolicies: undefined,
      subjectAltName: undefined,
      ocspNoCheck: ocspNoCheck(),
    },
  });
  const profile = { profile: 'ocsp-responder' } as const;
  const ledger = ledgerOf();
  expect(again(ledger, responder('OCSP lam-dong'), profile)).toEqual([]);
  expect(again(ledger, responder('OCSP Lâm Đồng'), profile)).toEqual([]);
  expect(codes(again(ledger, { subject: BINH, spki }))).toEqual(['KEY_REUSED']);
});

test('a history stays small, and still tells every subject from another', () => {
  const history = new KeyHistory();
  const holder = (subject: string, exposureTime: string | null = null) => ({
    serialNumber: subject,
    profile: 'p',
    subject,
    subjectSha256: sha256Hex(subject),
    exposureTime,
  });
  for (let at = 0; at < 1000; at += 1) history.add(holder(`CN=${String(at)}`));
  expect(history.holders).toHaveLength(2);
  expect(history.exposed).toBeUndefined();
  history.add(holder('CN=901', at(60)));
  history.add(holder('CN=901'));
  expect(history.exposed?.serialNumber).toBe('CN=901');
});
