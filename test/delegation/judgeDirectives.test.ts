/** The judge: what a journal says of directives, and what it may say after them. */
import type { Order } from '../../src/delegation';
import { serialNumberAt, type ChangeOrigin, type EntryOf } from '../../src/journal';
import { extendedKeyUsage, keyUsage, type Name } from '../../src/x509';
import { chainOf, DAY, NOW, type LeafChanges } from '../support/delegationFixture';
import { PROVINCE } from '../support/softCa';
import { softSigner } from '../support/softSigner';
import {
  acknowledged,
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

useJournals();

const SERIAL = serialAt(2);
const UNKNOWN = serialAt(9);
const SUSPEND: Order = { kind: 'suspend-issuance' };
const RESUME: Order = { kind: 'resume-issuance' };
const RUN_OUT: Order = { kind: 'withdraw', mode: 'run-out' };
const REVOKE_ALL: Order = { kind: 'withdraw', mode: 'revoke-all' };
const revoke = (serialNumber: string): Order => ({ kind: 'revoke', serialNumber, reason: 'keyCompromise' });
const revokedAs = (reason: EntryOf<'revoked'>['reason']) => revoked(SERIAL, { reason });
const by = (sequence: number): ChangeOrigin => ({ kind: 'directive', sequence });

/** A journal with a certificate issued at index 2, for which these orders are known. */
function journal(...orders: readonly Order[]): Ledger {
  const ledger = new Ledger({ directives: chainOf(...orders) }).good(open(), grant(), intent(SERIAL));
  expect(ledger.take(issued(2), VALID).findings).toEqual([]);
  return ledger;
}

const next = (ledger: Ledger, changes: Partial<EntryOf<'intent'>> = {}, leaf: LeafChanges = {}) =>
  ledger.take(intent(serialAt(ledger.state.size), changes, leaf));

const RESPONDER_NAME: Name = [...PROVINCE, { type: 'CN', value: 'OCSP lam-dong' }];
/** The node's own OCSP certificate, within the grant. */
const forResponder = (ledger: Ledger) =>
  next(
    ledger,
    { profile: 'ocsp-responder' },
    {
      subject: RESPONDER_NAME,
      spki: softSigner('p-256').spki,
      notAfter: new Date(NOW.getTime() + 30 * DAY),
      extensions: {
        keyUsage: keyUsage(['digitalSignature']),
        extendedKeyUsage: extendedKeyUsage(['ocspSigning']),
        certificatePolicies: undefined,
        subjectAltName: undefined,
      },
    },
  );

describe('an acknowledgement', () => {
  test('tells of the next directive', () => {
    const ledger = journal(SUSPEND, RESUME);
    const verdict = ledger.take(acknowledged(ledger, 1));
    expect(verdict.findings).toEqual([]);
    expect(verdict.acknowledged).toMatchObject({ sequence: 1, outcome: 'applied' });
    expect(ledger.good(acknowledged(ledger, 2)).state.lastDirective).toBe(2);
  });

  test.each<[string, number, Partial<EntryOf<'directive'>>]>([
    ['one skipped', 2, {}],
    ['one that nobody signed', 3, {}],
    ['the number of one, the bytes of another', 1, { sha256: chainOf(SUSPEND, RESUME).get(2)?.sha256 ?? '' }],
  ])('%s acknowledges nothing', (_, sequence, changes) => {
    const ledger = journal(SUSPEND, RESUME);
    const verdict = ledger.take(acknowledged(ledger, sequence, changes));
    expect(codes(verdict.findings)).toEqual(['ORDER_MISMATCH']);
    expect(verdict.acknowledged).toBeUndefined();
    expect(ledger.state.lastDirective).toBe(0);
    expect(codes(next(ledger).findings)).toEqual([]);
  });

  test('the same a second time', () => {
    const ledger = journal(SUSPEND);
    ledger.good(acknowledged(ledger, 1));
    expect(codes(ledger.take(acknowledged(ledger, 1)).findings)).toEqual(['ORDER_MISMATCH']);
    expect(ledger.state.lastDirective).toBe(1);
  });

  test('no directive is known', () => {
    const ledger = new Ledger().good(open(), grant());
    expect(codes(ledger.take(acknowledged(ledger, 1)).findings)).toEqual(['ORDER_MISMATCH']);
  });

  test('an order that could change nothing was impossible, any other was not', () => {
    for (const [orders, outcome, other] of [
      [[SUSPEND], 'applied', 'impossible'],
      [[RESUME], 'impossible', 'applied'],
    ] as const) {
      const [right, wrong] = [journal(...orders), journal(...orders)];
      right.good(acknowledged(right, 1, { outcome }));
      expect(told(wrong.take(acknowledged(wrong, 1, { outcome: other })).findings)).toEqual([
        ['ORDER_MISMATCH', ['outcome', other, outcome]],
      ]);
      // It was heard all the same.
      expect(wrong.state.lastDirective).toBe(1);
    }
  });
});

describe('an order to revoke', () => {
  test('is carried out before it is acknowledged, and needs no delegated service', () => {
    const ledger = journal(revoke(SERIAL)).good(grant(2), revoked(SERIAL, { by: by(1) }));
    ledger.good(acknowledged(ledger, 1));
    expect(ledger.bySerialNumber(SERIAL)?.status).toBe('revoked');
  });

  test('revokes what is suspended', () => {
    const ledger = journal(revoke(SERIAL)).good(suspended(SERIAL), revoked(SERIAL, { by: by(1) }));
    ledger.good(acknowledged(ledger, 1));
  });

  test.each(['applied', 'impossible'] as const)('acknowledged as %s and not carried out', (outcome) => {
    const ledger = journal(revoke(SERIAL));
    const { findings } = ledger.take(acknowledged(ledger, 1, { outcome }));
    expect(told(findings)).toContainEqual([
      'ORDER_MISMATCH',
      ['serialNumber', `${SERIAL}: issued`, 'revoked by now'],
    ]);
  });

  test('of an unknown certificate is impossible', () => {
    const ledger = journal(revoke(UNKNOWN), revoke(UNKNOWN));
    ledger.good(acknowledged(ledger, 1, { outcome: 'impossible' }));
    expect(told(ledger.take(acknowledged(ledger, 2)).findings)).toEqual([
      ['ORDER_MISMATCH', ['outcome', 'applied', 'impossible']],
    ]);
  });

  test('of a certificate revoked before is impossible', () => {
    const ledger = journal(revoke(SERIAL)).good(revoked(SERIAL));
    ledger.good(acknowledged(ledger, 1, { outcome: 'impossible' }));
  });

  test('of a certificate revoked for another reason, because its key was exposed, is not', () => {
    const before = (): Ledger => journal(revoke(SERIAL)).good(revokedAs('superseded'), grant(2));
    const ledger = before().good(revoked(SERIAL, { by: by(1) }));
    ledger.good(acknowledged(ledger, 1));
    expect(ledger.bySerialNumber(SERIAL)?.exposureTime).not.toBeNull();
    for (const outcome of ['applied', 'impossible'] as const) {
      const lazy = before();
      expect(told(lazy.take(acknowledged(lazy, 1, { outcome })).findings)).toEqual([
        [
          'ORDER_MISMATCH',
          ['serialNumber', `${SERIAL}: revoked (superseded)`, 'revoked (keyCompromise) by now'],
        ],
      ]);
    }
  });

  test('for another reason than a revoked certificate has is impossible', () => {
    const order: Order = { kind: 'revoke', serialNumber: SERIAL, reason: 'affiliationChanged' };
    const ledger = journal(order).good(revokedAs('superseded'));
    ledger.good(acknowledged(ledger, 1, { outcome: 'impossible' }));
  });

  test('of a certificate of an earlier CA key leaves the outcome to the journal of that key', () => {
    const earlier = serialNumberAt({ epoch: 1, index: 5 }, Buffer.alloc(10));
    const directives = chainOf(revoke(earlier), revoke(earlier));
    const ledger = new Ledger({ epoch: 2, directives });
    for (const [sequence, outcome] of [
      [1, 'applied'],
      [2, 'impossible'],
    ] as const)
      ledger.take(acknowledged(ledger, sequence, { outcome }));
    expect(ledger.state.lastDirective).toBe(2);
  });

  test.each<[string, readonly Order[], Partial<EntryOf<'revoked'>>]>([
    ['for another certificate', [revoke(UNKNOWN)], {}],
    ['for another reason', [revoke(SERIAL)], { reason: 'superseded' }],
    ['from another time', [revoke(SERIAL)], { invalidityDate: NOW.toISOString() }],
    ['by another order', [SUSPEND], {}],
    ['by an order that nobody gave', [], {}],
    ['by a withdrawal that lets certificates run out', [RUN_OUT], { reason: 'cessationOfOperation' }],
    ['by a withdrawal, for a reason of its own', [REVOKE_ALL], { reason: 'superseded' }],
  ])('does not excuse a revocation %s', (_, orders, changes) => {
    const ledger = journal(...orders);
    expect(told(ledger.take(revoked(SERIAL, { by: by(1), ...changes })).findings)).toEqual([
      ['OUT_OF_SCOPE', ['by', 'directive 1', 'a directive that orders this']],
    ]);
  });

  test('no order suspends a certificate', () => {
    const { findings } = journal(revoke(SERIAL)).take(suspended(SERIAL, by(1)));
    expect(codes(findings)).toEqual(['OUT_OF_SCOPE']);
  });
});

describe('issuing is stopped', () => {
  test.each<[string, Order, string]>([
    ['suspended', SUSPEND, 'suspended by directive 1'],
    ['withdrawn', RUN_OUT, 'withdrawn by directive 1'],
    ['withdrawn with all certificates', REVOKE_ALL, 'withdrawn by directive 1'],
  ])('%s: for subscribers, and not before it is acknowledged', (_, order, found) => {
    const ledger = journal(order);
    expect(next(ledger).findings).toEqual([]);
    const begun = ledger.state.size - 1;
    ledger.good(acknowledged(ledger, 1));
    for (const service of ['issue', 'renew'] as const) {
      const predecessor = service === 'renew' ? { predecessor: SERIAL } : {};
      expect(told(next(ledger, { service, ...predecessor }).findings)).toContainEqual([
        'ISSUANCE_STOPPED',
        ['issuance', found, 'open'],
      ]);
    }
    expect(forResponder(ledger).findings).toEqual([]);
    // What was begun before may end either way.
    expect(ledger.take(issued(begun), VALID).findings).toEqual([]);
    ledger.good(revoked(SERIAL));
  });

  test('and goes on when it is resumed', () => {
    const ledger = journal(SUSPEND, RESUME);
    ledger.good(acknowledged(ledger, 1), acknowledged(ledger, 2));
    expect(next(ledger).findings).toEqual([]);
  });

  test('never after a withdrawal', () => {
    const ledger = journal(RUN_OUT, RESUME);
    ledger.good(acknowledged(ledger, 1), acknowledged(ledger, 2, { outcome: 'impossible' }));
    expect(codes(next(ledger).findings)).toEqual(['ISSUANCE_STOPPED']);
  });

  test('a withdrawn node keeps its responder beyond the numbers of the grant', () => {
    const ledger = journal(RUN_OUT);
    ledger.good(acknowledged(ledger, 1));
    for (const key of ledger.quota.keys()) ledger.quota.set(key, 1000);
    expect(forResponder(ledger).findings).toEqual([]);
  });

  test('a withdrawal revokes whatever is valid', () => {
    const ledger = journal(REVOKE_ALL).good(grant(2));
    ledger.good(acknowledged(ledger, 1), revoked(SERIAL, { by: by(1), reason: 'cessationOfOperation' }));
  });
});

test('a sealed journal takes no acknowledgement: the next one does', () => {
  const ledger = new Ledger({ directives: chainOf(SUSPEND), sealedAt: 2 }).good(open(), grant());
  expect(codes(ledger.take(acknowledged(ledger, 1)).findings)).toEqual(['EPOCH_SEALED']);
});
