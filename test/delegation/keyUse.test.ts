/** Whose a key is: what the judge says to a key that comes again, in every status its first certificate may have. */
import { KeyHistory, type Grant } from '../../src/delegation';
import type { EntryOf } from '../../src/journal';
import { extendedKeyUsage, formatName, keyUsage, ocspNoCheck, type Name } from '../../src/x509';
import { documentOf, grantOf, PERSON, type LeafChanges } from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import {
  abandoned,
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

test.each(['issue', 'renew'] as const)('the same subscriber may have it again: %s', (service) => {
  expect(again(ledgerOf(), {}, { service })).toEqual([]);
});

test('another spelling of the name is another subject', () => {
  const capitals = PERSON.map(({ type, value }) => ({
    type,
    value: type === 'CN' ? value.toUpperCase() : value,
  }));
  expect(codes(again(ledgerOf(), { subject: capitals }))).toEqual(['KEY_REUSED']);
});

test.each([
  ['issue', ['KEY_REUSED']],
  ['renew', ['KEY_REUSED']],
  ['recover-device', ['KEY_REUSED']],
  ['change-information', []],
] as const)('another subject under the service %s: %j', (service, expected) => {
  const ledger = ledgerOf(['issue', 'renew', 'recover-device', 'change-information']);
  expect(codes(again(ledger, { subject: BINH }, { service }))).toEqual(expected);
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
      ['publicKey', `${serialAt(2)}: revoked, keyCompromise`, 'a key whose private half was never exposed'],
    ],
  ]);
  expect(codes(again(ledger, {}, { service: 'renew' }))).toEqual(['KEY_COMPROMISED']);
  expect(codes(again(ledger, { subject: BINH }, { service: 'change-information' }))).toEqual([
    'KEY_COMPROMISED',
  ]);
  expect(codes(again(ledger, { subject: BINH }))).toEqual(['KEY_COMPROMISED', 'KEY_REUSED']);
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
  const holder = (subject: string, status = 'issued', reason: string | null = null) => ({
    serialNumber: subject,
    profile: 'p',
    subject,
    status,
    reason,
  });
  for (let at = 0; at < 1000; at += 1) history.add(holder(`CN=${String(at)}`));
  expect(history.holders).toHaveLength(2);
  expect(history.exposed).toBeUndefined();
  history.add(holder('CN=900', 'revoked', 'superseded'));
  expect(history.exposed).toBeUndefined();
  history.add(holder('CN=901', 'revoked', 'keyCompromise'));
  history.add(holder('CN=901', 'issued'));
  expect(history.exposed?.serialNumber).toBe('CN=901');
});
