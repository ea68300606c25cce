/** Succession: which certificate may follow which, and what the judge remembers of a line of them. */
import { generateKeyPairSync } from 'node:crypto';
import type { CertificateRecord, Grant, ProfileScope, Verdict } from '../../src/delegation';
import type { EntryOf } from '../../src/journal';
import {
  DAY,
  documentOf,
  grantOf,
  INDIVIDUAL,
  leafTbs,
  NOW,
  PERSON,
  type LeafChanges,
} from '../support/delegationFixture';
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
  type Told,
} from './memoryLedger';

const { world } = useJournals();
const FIRST = serialAt(2);
const END = new Date(NOW.getTime() + 365 * DAY).toISOString();
const OTHER_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'der',
});
const ELSEWHERE = PERSON.map(({ type, value }) => ({ type, value: type === 'OU' ? 'Sở Nội vụ' : value }));
const nameOf = (name: typeof PERSON): string => name.map(({ type, value }) => `${type}=${value}`).join(', ');

/** A journal whose grant delegates everything, with one certificate at index 2. */
function withFirst(
  limits: Partial<Grant['limits']> = {},
  services: Grant['services'] = [
    'issue',
    'renew',
    'change-information',
    'recover-device',
    'revoke',
    'suspend',
  ],
  profile: Partial<ProfileScope> = {},
): Ledger {
  const fixture = grantOf(world());
  const quota = { total: 99, perDay: 99, perProfile: {} };
  const document = documentOf({
    ...fixture,
    services,
    scope: { profiles: [{ ...INDIVIDUAL, ...profile }, ...fixture.scope.profiles.slice(1)] },
    limits: { ...fixture.limits, quota, ...limits },
  });
  const ledger = new Ledger({ grants: new Map([[1, document]]) });
  const { sha256 } = document;
  ledger.good(open({ grantSha256: sha256 }), grant(1, { sha256 }), intent(FIRST));
  expect(ledger.take(issued(2), VALID).findings).toEqual([]);
  return ledger;
}

type Following = Partial<EntryOf<'intent'>> & { readonly service: EntryOf<'intent'>['service'] };

/** The next certificate's intent. */
function follow(ledger: Ledger, changes: Following, leaf: LeafChanges = {}): Verdict {
  const serialNumber = serialAt(ledger.state.size);
  return ledger.take(intent(serialNumber, { predecessor: FIRST, ...changes }, leaf));
}
const found = (verdict: Verdict): readonly Told[] => told(verdict.findings);

/** Follows, and issues what followed. */
function followed(ledger: Ledger, changes: Following, leaf: LeafChanges = {}): CertificateRecord {
  const index = ledger.state.size;
  expect(found(follow(ledger, changes, leaf))).toEqual([]);
  expect(ledger.take(issued(index), VALID).findings).toEqual([]);
  return ledger.records.get(serialAt(index)) as CertificateRecord;
}

describe('naming a predecessor', () => {
  test('is for every service but issuing', () => {
    expect(found(follow(withFirst(), { service: 'issue' }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor', FIRST, '—']],
    ]);
    const ledger = withFirst();
    for (const service of ['renew', 'change-information', 'recover-device'] as const) {
      expect(found(ledger.take(intent(serialAt(ledger.state.size), { service })))).toEqual([
        ['OUT_OF_SCOPE', ['predecessor', '—', 'a certificate of this node']],
      ]);
    }
  });

  test('means one of this journal', () => {
    const unknown = serialAt(99);
    expect(found(follow(withFirst(), { service: 'renew', predecessor: unknown }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor', unknown, 'a certificate of this node']],
    ]);
  });

  test('means no other than itself', () => {
    const ledger = withFirst();
    const own = serialAt(4);
    expect(found(follow(ledger, { service: 'renew', predecessor: own }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor', own, 'a certificate of this node']],
    ]);
  });

  test('is remembered', () => {
    expect(followed(withFirst(), { service: 'renew' })).toMatchObject({
      service: 'renew',
      predecessor: FIRST,
      renewals: 1,
    });
    expect(followed(withFirst(), { service: 'change-information' })).toMatchObject({
      predecessor: FIRST,
      renewals: 0,
    });
  });
});

describe('renewal', () => {
  test('keeps the key, or takes another', () => {
    followed(withFirst(), { service: 'renew' });
    followed(withFirst(), { service: 'renew' }, { spki: OTHER_KEY });
  });

  test('keeps the name', () => {
    expect(found(follow(withFirst(), { service: 'renew' }, { subject: ELSEWHERE }))).toEqual([
      ['OUT_OF_SCOPE', ['subject', nameOf(ELSEWHERE), nameOf(PERSON)]],
    ]);
  });

  test('keeps the profile', () => {
    const verdict = follow(withFirst(), { service: 'renew', profile: 'device' });
    expect(found(verdict)[0]).toContainEqual(['profile', 'device', 'individual']);
  });

  test('may end later than what is renewed, within the time of a renewal', () => {
    const days = (count: number): LeafChanges => ({ notAfter: new Date(NOW.getTime() + count * DAY) });
    followed(withFirst(), { service: 'renew' }, days(INDIVIDUAL.maxRenewedDays));
    expect(found(follow(withFirst(), { service: 'renew' }, days(INDIVIDUAL.maxRenewedDays + 1)))).toEqual([
      ['OUT_OF_SCOPE', ['validity', '1096.00000 d', '> 0, ≤ 1095 d']],
    ]);
  });

  test('happens once in a line', () => {
    const ledger = withFirst();
    const renewed = followed(ledger, { service: 'renew' });
    expect(found(follow(ledger, { service: 'renew', predecessor: renewed.serialNumber }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.renewals', '1', '< 1']],
    ]);
  });

  test('is not forgotten over a change of information', () => {
    const ledger = withFirst();
    const { serialNumber } = followed(ledger, { service: 'renew' });
    const changed = followed(ledger, { service: 'change-information', predecessor: serialNumber });
    expect(changed.renewals).toBe(1);
    expect(found(follow(ledger, { service: 'renew', predecessor: changed.serialNumber }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.renewals', '1', '< 1']],
    ]);
  });

  test('is not for a profile without a time for it', () => {
    const ledger = withFirst({}, undefined, { maxRenewedDays: 0 });
    expect(found(follow(ledger, { service: 'renew' }))).toEqual([
      ['OUT_OF_SCOPE', ['validity', '365.00000 d', '—']],
    ]);
  });
});

describe('change of information', () => {
  test('changes the name, and keeps the key or takes another', () => {
    followed(withFirst(), { service: 'change-information' }, { subject: ELSEWHERE });
    followed(withFirst(), { service: 'change-information' }, { subject: ELSEWHERE, spki: OTHER_KEY });
  });
});

describe('recovery of a device', () => {
  test('takes a new key', () => {
    followed(withFirst(), { service: 'recover-device' }, { spki: OTHER_KEY });
    const { spkiSha256 } = leafTbs(world()).publicKey;
    expect(found(follow(withFirst(), { service: 'recover-device' }))).toEqual([
      ['OUT_OF_SCOPE', ['publicKey', spkiSha256, 'a new key']],
    ]);
  });

  test('keeps the name', () => {
    const leaf = { subject: ELSEWHERE, spki: OTHER_KEY };
    expect(found(follow(withFirst(), { service: 'recover-device' }, leaf))).toEqual([
      ['OUT_OF_SCOPE', ['subject', nameOf(ELSEWHERE), nameOf(PERSON)]],
    ]);
  });
});

test.each(['change-information', 'recover-device'] as const)('%s keeps the end', (service) => {
  const notAfter = new Date(Date.parse(END) + 1000);
  expect(found(follow(withFirst(), { service }, { notAfter, spki: OTHER_KEY }))).toEqual([
    ['OUT_OF_SCOPE', ['validity.notAfter', notAfter.toISOString(), `≤ ${END}`]],
  ]);
  const earlier = new Date(Date.parse(END) - 1000);
  followed(withFirst(), { service }, { notAfter: earlier, spki: OTHER_KEY });
});

describe('the state of the predecessor', () => {
  const changes = { keyCompromise: 'keyCompromise', superseded: 'superseded' } as const;
  const ALLOWED = {
    renew: 'issued',
    'change-information': 'issued',
    'recover-device': 'issued, suspended, revoked (keyCompromise)',
  } as const;

  test.each([
    ['renew', 'suspended'],
    ['renew', 'keyCompromise'],
    ['change-information', 'suspended'],
    ['change-information', 'keyCompromise'],
    ['recover-device', 'superseded'],
  ] as const)('%s does not start from %s', (service, state) => {
    const ledger = withFirst();
    ledger.good(state === 'suspended' ? suspended(FIRST) : revoked(FIRST, { reason: changes[state] }));
    const status = state === 'suspended' ? state : `revoked (${state})`;
    expect(found(follow(ledger, { service }, { spki: OTHER_KEY }))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.status', status, ALLOWED[service]]],
    ]);
  });

  test.each([suspended(FIRST), revoked(FIRST)])('recovery starts from $type', (entry) => {
    const ledger = withFirst().good(entry);
    followed(ledger, { service: 'recover-device' }, { spki: OTHER_KEY });
  });

  test('nothing starts from what was never issued', () => {
    const ledger = withFirst();
    const reserved = serialAt(4);
    ledger.good(intent(reserved));
    for (const status of ['reserved', 'abandoned']) {
      expect(found(follow(ledger, { service: 'renew', predecessor: reserved }))[0]).toContainEqual([
        'predecessor.status',
        status,
        'issued',
      ]);
      if (status === 'reserved') ledger.good(abandoned(4));
    }
  });

  test('nothing starts from what has ended', () => {
    const time = END;
    const leaf = { notBefore: new Date(END), notAfter: new Date(Date.parse(END) + DAY) };
    const ledger = withFirst({ notAfter: '2030-01-01T00:00:00.000Z' });
    expect(found(follow(ledger, { service: 'renew', time }, leaf))).toEqual([
      ['OUT_OF_SCOPE', ['predecessor.notAfter', END, `> ${time}`]],
    ]);
  });
});

describe('a second successor', () => {
  test.each(['renew', 'change-information', 'recover-device'] as const)(
    'of %s is one too many',
    (service) => {
      const ledger = withFirst();
      const { serialNumber } = followed(ledger, { service }, { spki: OTHER_KEY });
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = publicKey.export({ type: 'spki', format: 'der' });
      for (const other of ['renew', 'change-information', 'recover-device'] as const) {
        expect(found(follow(ledger, { service: other }, { spki }))).toEqual([
          ['OUT_OF_SCOPE', ['predecessor.successor', `${serialNumber} (${service})`, '—']],
        ]);
      }
    },
  );

  test('may take the place of one that was abandoned', () => {
    const ledger = withFirst();
    expect(found(follow(ledger, { service: 'renew' }))).toEqual([]);
    expect(codes(follow(ledger, { service: 'renew' }).findings)).toEqual(['OUT_OF_SCOPE']);
    ledger.good(abandoned(4), abandoned(5));
    followed(ledger, { service: 'renew' });
  });
});

describe('revoking what was replaced', () => {
  const without = (): Ledger => withFirst({}, ['issue', 'renew', 'change-information', 'recover-device']);

  test('needs no delegation of its own', () => {
    for (const service of ['change-information', 'recover-device'] as const) {
      const ledger = without();
      followed(ledger, { service }, { spki: OTHER_KEY });
      ledger.good(revoked(FIRST, { reason: 'superseded', time: at(0) }));
    }
  });

  test('is for what has been replaced', () => {
    const refused: Told = [
      'OUT_OF_SCOPE',
      ['service', 'revoke', 'issue, renew, change-information, recover-device'],
    ];
    expect(found(without().take(revoked(FIRST)))).toEqual([refused]);
    const renewed = without();
    followed(renewed, { service: 'renew' });
    expect(found(renewed.take(revoked(FIRST)))).toEqual([refused]);
    const reserved = without();
    follow(reserved, { service: 'change-information' });
    expect(found(reserved.take(revoked(FIRST)))).toEqual([refused]);
  });
});
