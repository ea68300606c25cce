/** The probe as a step of a ceremony: its report is bound by the record, and a device that is not fit gets no key. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SessionObject } from 'graphene-pk11';
import { CeremonyError, openRecord, requireDeviceReport, type CheckedRecord } from '../../src/ceremony';
import { deviceReportSchema, listTokens } from '../../src/hsm';
import { sealEnvelope } from '../../src/envelope';
import { RECORD_PAYLOAD_TYPE } from '../../src/ceremony/record';
import { sha256Hex } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm, type SoftHsm } from '../support/softhsm';
import { PROBED_PLAN } from './plans';
import { TestCeremony } from './stage';

let softHsm: SoftHsm;

beforeAll(() => {
  softHsm = makeSoftHsm();
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => {
  softHsm.remove();
});

/** A device that gives private keys away. */
function leak(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = SessionObject.prototype.getAttribute as (name: unknown) => unknown;
  jest.spyOn(SessionObject.prototype, 'getAttribute').mockImplementation(function (
    this: SessionObject,
    name: unknown,
  ) {
    return name === 'value' ? Buffer.alloc(32, 7) : original.call(this, name);
  } as typeof SessionObject.prototype.getAttribute);
}

const reportsIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => /^device-report-.*\.json$/.test(name));

describe('a device that is fit', () => {
  let ceremony: TestCeremony;
  let sealed: CheckedRecord;
  let report: Buffer;

  beforeAll(async () => {
    ceremony = await TestCeremony.planned(softHsm, PROBED_PLAN);
    await ceremony.run();
    sealed = await ceremony.seal();
    report = readFileSync(join(ceremony.folder, reportsIn(ceremony.folder)[0] ?? ''));
  });

  test('is probed before any key is made, and its report is named by the record', () => {
    const label = ceremony.tokenLabel('node');
    const { serial } = listTokens(softHsm.module).find((facts) => facts.label === label) ?? {};
    const { record } = openRecord(readFileSync(ceremony.paths.record), 'record.dsse');
    expect(record.deviceReports).toEqual([
      {
        kind: 'probe',
        token: label,
        serial,
        report: { file: reportsIn(ceremony.folder)[0], sha256: sha256Hex(report) },
        moduleSha256: record.software.module.sha256,
        startedAt: expect.any(String) as string,
        endedAt: expect.any(String) as string,
        verdict: 'pass',
        checks: expect.any(Number) as number,
        failed: [],
        warnings: ['certification'],
      },
    ]);
    const kinds = ceremony.pinned.script.steps.map(({ act }) => act.kind);
    expect(kinds.indexOf('probe')).toBeGreaterThan(kinds.indexOf('custodians'));
    expect(kinds.indexOf('probe')).toBeLessThan(kinds.indexOf('generate'));
    const parsed = deviceReportSchema.parse(JSON.parse(report.toString('utf8')));
    expect(parsed.keys.map(({ algorithm }) => algorithm)).toEqual(['p-256']);
    for (const lang of ['vi', 'en']) {
      expect(readFileSync(join(ceremony.folder, `record.${lang}.md`), 'utf8')).toContain(sha256Hex(report));
    }
    expect(ceremony.said.join('\n')).toContain(sha256Hex(report));
  });

  test('a report is the one that the record names, or is refused', async () => {
    expect(() => {
      requireDeviceReport(sealed, report, 'report.json');
    }).not.toThrow();
    const other = Buffer.concat([report, Buffer.from('\n')]);
    await expectCode(
      () => {
        requireDeviceReport(sealed, other, 'report.json');
      },
      CeremonyError,
      'RECORD_DIFFERS',
    );
  });

  type Draft = { -readonly [K in keyof CheckedRecord['record']]: CheckedRecord['record'][K] };
  type Report = Draft['deviceReports'][number];
  const changed = (change: Partial<Report>) => (record: Draft) => {
    record.deviceReports = record.deviceReports.map((each) => ({ ...each, ...change }));
  };

  test.each<[string, (record: Draft) => void]>([
    ['left out', (record) => (record.deviceReports = [])],
    ['of another device', changed({ serial: 'another' })],
    ['of another module', changed({ moduleSha256: '0'.repeat(64) })],
    ['failed, though that was to end the ceremony', changed({ verdict: 'fail', failed: ['signature'] })],
    ['fit with a failure', changed({ failed: ['signature'] })],
    ['from before the ceremony', changed({ startedAt: '2020-01-01T00:00:00.000Z' })],
    ['where the plan has none', (record) => (record.plan = withoutProbe(record.plan))],
  ])('a record signed with a report %s is refused', async (_, change) => {
    const record = structuredClone<Draft>(sealed.record);
    change(record);
    const envelope = await ceremony.withParty(async (party) => {
      const signers = await Promise.all(
        ['ca', 'journal'].map(async (role) => {
          const key = await party.key(role);
          if (key === undefined) throw new Error(role);
          return party.signer(key);
        }),
      );
      return sealEnvelope(RECORD_PAYLOAD_TYPE, Buffer.from(JSON.stringify(record)), signers);
    });
    await expectCode(() => openRecord(envelope, 'record.dsse'), CeremonyError, 'RECORD_ALTERED');
  });

  function withoutProbe(plan: Draft['plan']): Draft['plan'] {
    return { ...plan, policy: { certifiedHsm: plan.policy.certifiedHsm } };
  }
});

describe('a device that gives keys away', () => {
  test('ends a ceremony that demands a fit one, and no key is made', async () => {
    const ceremony = await TestCeremony.planned(softHsm, PROBED_PLAN);
    leak();
    await expectCode(() => ceremony.run(), CeremonyError, 'DEVICE_UNFIT');
    jest.restoreAllMocks();
    expect(reportsIn(ceremony.folder)).toHaveLength(1);
    const log = readFileSync(ceremony.paths.log, 'utf8');
    expect(log).toContain('"code":"DEVICE_UNFIT"');
    expect(log).not.toContain('"type":"generating"');
  });

  test('is recorded as what it is where that is the policy', async () => {
    const recorded = PROBED_PLAN.replace('deviceProbe: required', 'deviceProbe: recorded');
    const ceremony = await TestCeremony.planned(softHsm, recorded);
    leak();
    await ceremony.run();
    jest.restoreAllMocks();
    const { record } = await ceremony.seal();
    expect(record.deviceReports).toMatchObject([{ verdict: 'fail', failed: ['key-secrecy p-256'] }]);
  });
});
