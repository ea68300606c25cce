/** Journals in memory for tests of the judge: a ledger, entries of every type, and findings in a short form. */
import {
  INITIAL_STATE,
  judge,
  KeyHistory,
  registryKeys,
  type Authority,
  type CertificateRecord,
  type EarlierCertificates,
  type Evidence,
  type Finding,
  type JudgeState,
  type Lookups,
  type Verdict,
} from '../../src/delegation';
import {
  decodeEntry,
  encodeEntry,
  serialNumberAt,
  type ChangeOrigin,
  type Entry,
  type EntryOf,
} from '../../src/journal';
import {
  documentOf,
  grantOf,
  leafDer,
  makeWorld,
  NODE_ID,
  NOW,
  type LeafChanges,
  type World,
} from '../support/delegationFixture';

let world: World;
let grants: Authority['grants'];

/** Makes the world of a file's journals, with three versions of the grant; to be called once, outside every test. */
export function useJournals(): { readonly world: () => World; readonly grants: () => Authority['grants'] } {
  beforeAll(async () => {
    world = await makeWorld();
    const first = documentOf(grantOf(world));
    const second = documentOf(grantOf(world, { version: 2, previous: first.sha256, services: ['renew'] }));
    const third = documentOf(grantOf(world, { version: 3, previous: second.sha256 }));
    grants = new Map([first, second, third].map((grant) => [grant.value.version, grant]));
  });
  return { world: () => world, grants: () => grants };
}

/** A journal in memory: takes every entry, whatever is found, as the root does. */
export class Ledger implements Lookups {
  state: JudgeState = INITIAL_STATE;
  readonly records = new Map<string, CertificateRecord>();
  readonly #byIntent = new Map<number, CertificateRecord>();
  readonly quota = new Map<string, number>();
  readonly authority: Authority;

  constructor(
    changes: Partial<Authority> = {},
    readonly earlier?: EarlierCertificates,
  ) {
    const { certificate } = world.subCa;
    const registry = registryKeys([world.trust.value]);
    this.authority = { nodeId: NODE_ID, epoch: 1, caCertificate: certificate, grants, registry, ...changes };
  }

  bySerialNumber(serialNumber: string): CertificateRecord | undefined {
    return this.records.get(serialNumber);
  }

  byIntent(index: number): CertificateRecord | undefined {
    return this.#byIntent.get(index);
  }

  byKey(spkiSha256: string): KeyHistory {
    return new KeyHistory([...this.records.values()].filter((record) => record.spkiSha256 === spkiSha256));
  }

  successorsOf(serialNumber: string): readonly CertificateRecord[] {
    return [...this.records.values()].filter(({ predecessor }) => predecessor === serialNumber);
  }

  quotaUsed(key: string): number {
    return this.quota.get(key) ?? 0;
  }

  take(entry: Entry, evidence?: Evidence): Verdict {
    const verdict = judge(decodeEntry(encodeEntry(entry)), this.state, this.authority, this, evidence);
    for (const key of verdict.quotaKeys) this.quota.set(key, this.quotaUsed(key) + 1);
    if (verdict.record !== undefined) {
      this.records.set(verdict.record.serialNumber, verdict.record);
      this.#byIntent.set(verdict.record.intentIndex, verdict.record);
    }
    this.state = verdict.state;
    return verdict;
  }

  /** Takes entries that must be beyond reproach. */
  good(...entries: readonly Entry[]): this {
    for (const entry of entries) expect(this.take(entry).findings).toEqual([]);
    return this;
  }
}

export const at = (seconds: number): string => new Date(NOW.getTime() + seconds * 1000).toISOString();
export const time = at(0);
export const LOCAL: ChangeOrigin = { kind: 'local', request: 'r-1' };

export function open(changes: Partial<EntryOf<'open'>> = {}): EntryOf<'open'> {
  const { caSpkiSha256 } = grantOf(world).keys;
  const grantSha256 = grants.get(1)?.sha256 ?? '';
  return { type: 'open', time, node: NODE_ID, epoch: 1, caSpkiSha256, grantSha256, ...changes };
}

export function grant(version = 1, changes: Partial<EntryOf<'grant'>> = {}): EntryOf<'grant'> {
  return {
    type: 'grant',
    time,
    grantId: 'g-1',
    version,
    sha256: grants.get(version)?.sha256 ?? '',
    ...changes,
  };
}

/** Acknowledges a directive of the ledger's. */
export function acknowledged(
  ledger: Ledger,
  sequence: number,
  changes: Partial<EntryOf<'directive'>> = {},
): EntryOf<'directive'> {
  const sha256 = ledger.authority.directives?.get(sequence)?.sha256 ?? '0'.repeat(64);
  return { type: 'directive', time, sequence, sha256, outcome: 'applied', ...changes };
}

export function serialAt(index: number, fill = 0x5a): string {
  return serialNumberAt({ epoch: 1, index }, Buffer.alloc(10, fill));
}

export function intent(
  serialNumber: string,
  changes: Partial<EntryOf<'intent'>> = {},
  leaf: LeafChanges = {},
): EntryOf<'intent'> {
  const tbs = leafDer(world, { serialNumber, ...leaf }).toString('base64');
  const request = 'ab'.repeat(32);
  return { type: 'intent', time, service: 'issue', profile: 'individual', request, tbs, ...changes };
}

export const issued = (index: number, when = time): EntryOf<'issued'> => ({
  type: 'issued',
  time: when,
  intent: index,
  signature: 'AAAA',
});
export const abandoned = (index: number): EntryOf<'abandoned'> => ({
  type: 'abandoned',
  time,
  intent: index,
});
export const revoked = (
  serialNumber: string,
  changes: Partial<EntryOf<'revoked'>> = {},
): EntryOf<'revoked'> => ({
  type: 'revoked',
  time,
  serialNumber,
  reason: 'keyCompromise',
  by: LOCAL,
  ...changes,
});
export const suspended = (serialNumber: string, by: ChangeOrigin = LOCAL): EntryOf<'suspended'> => ({
  type: 'suspended',
  time,
  serialNumber,
  by,
});
export const resumed = (serialNumber: string, by: ChangeOrigin = LOCAL): EntryOf<'resumed'> => ({
  type: 'resumed',
  time,
  serialNumber,
  by,
});
export const crl = (number: number, changes: Partial<EntryOf<'crl'>> = {}): EntryOf<'crl'> => ({
  type: 'crl',
  time,
  number,
  kind: 'full',
  covers: 0,
  thisUpdate: time,
  nextUpdate: at(3600),
  sha256: '0'.repeat(64),
  ...changes,
});

export const VALID: Evidence = { signatureValid: true };
/** A journal with the opening, the first grant and, at index 2, one certificate on its way. */
export function opened(): Ledger {
  return new Ledger().good(open(), grant());
}
export function withIntent(): Ledger {
  return opened().good(intent(serialAt(2)));
}
export function withIssued(): Ledger {
  const ledger = withIntent();
  expect(ledger.take(issued(2), VALID).findings).toEqual([]);
  return ledger;
}

export type Told = readonly [
  code: string,
  ...problems: readonly (readonly [where: string, found: string, allowed: string])[],
];
export function told(findings: readonly Finding[]): readonly Told[] {
  return findings.map(({ code, problems }) => [
    code,
    ...problems.map(({ where, found, allowed }) => [where, found, allowed] as const),
  ]);
}
export const codes = (findings: readonly Finding[]): readonly string[] => findings.map(({ code }) => code);
