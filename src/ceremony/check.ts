/** Checking a record offline: the signatures by the keys it names, its exact form, and that it agrees with itself. */
import { parseCanonicalJson, schemaIssues } from '../encoding';
import { EnvelopeError, openEnvelope, readUnverified, type VerificationKey } from '../envelope';
import { isSoftwareToken } from '../hsm';
import { keyAlgorithmOf, publicKeyFromSpki, sha256Hex } from '../signer';
import { unprotected } from './protection';
import { CeremonyError } from './errors';
import { custodiansOf, signatureOf } from './plan';
import { RECORD_PAYLOAD_TYPE, recordSchema, REHEARSAL_PAYLOAD_TYPE, type CeremonyRecord } from './record';
import { nextKeyOf, signingRoles } from './roles';
import { readScriptHead } from './script';
import { isWalked, stepsOf } from './steps';
import { wordsOf } from './words';

export interface CheckedRecord {
  readonly record: CeremonyRecord;
  /** SHA-256 of the signed payload: what the journal names. */
  readonly sha256: string;
  /** Roles of the keys that signed. */
  readonly signedBy: readonly string[];
}

/**
 * Opens the record of a real ceremony.
 * @param what how it is called in errors
 * @throws CeremonyError `RECORD_ALTERED` for whatever does not hold, `RECORD_OF_REHEARSAL`
 */
export function openRecord(envelope: Buffer, what: string): CheckedRecord {
  const checked = openAnyRecord(envelope, what);
  if (checked.record.rehearsal) throw new CeremonyError('RECORD_OF_REHEARSAL', { what });
  return checked;
}

/** As `openRecord`, of a rehearsal too. @throws CeremonyError `RECORD_ALTERED` */
export function openAnyRecord(envelope: Buffer, what: string): CheckedRecord {
  const altered = (reason: string, cause?: unknown): CeremonyError =>
    new CeremonyError('RECORD_ALTERED', { what, reason }, { cause });
  try {
    const payloadType = typeOf(envelope, what);
    const record = parse(readUnverified(envelope, payloadType, what).payload);
    const keys = signingKeys(record);
    const { payload, signedBy } = openEnvelope(envelope, {
      payloadType,
      keys,
      threshold: keys.length,
      what,
    });
    const rehearsal = payloadType === REHEARSAL_PAYLOAD_TYPE;
    const wrong = contradictionsIn(record, rehearsal);
    if (wrong.length > 0) throw altered(wrong.join('; '));
    return { record, sha256: sha256Hex(payload), signedBy };
  } catch (error) {
    if (error instanceof CeremonyError) throw error;
    throw altered(error instanceof Error ? error.message : 'unreadable', error);
  }
}

/** @throws CeremonyError `RECORD_DIFFERS`, `SCRIPT_ALTERED` */
export function requireScript({ record }: CheckedRecord, script: Buffer, file: string): void {
  const { sha256, plan, rehearsal } = readScriptHead(script, file);
  const same = JSON.stringify(plan) === JSON.stringify(record.plan) && rehearsal === record.rehearsal;
  if (record.script.sha256 === sha256 && same) return;
  throw new CeremonyError('RECORD_DIFFERS', { what: file, found: record.script.sha256, expected: sha256 });
}

/** That the record names this device report. @throws CeremonyError `RECORD_DIFFERS` */
export function requireDeviceReport({ record }: CheckedRecord, report: Buffer, file: string): void {
  const expected = sha256Hex(report);
  const named = record.deviceReports.map(({ report: { sha256 } }) => sha256);
  if (named.includes(expected)) return;
  throw new CeremonyError('RECORD_DIFFERS', { what: file, found: named.join(', ') || '–', expected });
}

/** The key that the ceremony was for. */
export function mainKey({ keys, plan }: CeremonyRecord): CeremonyRecord['keys'][number] | undefined {
  const [main] = signingRoles(plan);
  return keys.find(({ role }) => role === main);
}

/** That the key the ceremony was for is the one given. @throws CeremonyError `RECORD_DIFFERS` */
export function requireKey({ record }: CheckedRecord, spkiSha256: string, file: string): void {
  const found = mainKey(record)?.spkiSha256 ?? '';
  if (found !== spkiSha256) {
    throw new CeremonyError('RECORD_DIFFERS', { what: file, found, expected: spkiSha256 });
  }
}

function typeOf(envelope: Buffer, what: string): string {
  try {
    readUnverified(envelope, REHEARSAL_PAYLOAD_TYPE, what);
    return REHEARSAL_PAYLOAD_TYPE;
  } catch (error) {
    if (error instanceof EnvelopeError && error.code === 'ENVELOPE_TYPE') return RECORD_PAYLOAD_TYPE;
    throw error;
  }
}

function parse(payload: Buffer): CeremonyRecord {
  const parsed = recordSchema.safeParse(parseCanonicalJson(payload));
  if (!parsed.success) throw new Error(schemaIssues(parsed.error));
  return parsed.data;
}

function signingKeys({ plan, keys, inUse }: CeremonyRecord): readonly VerificationKey[] {
  return signingRoles(plan).map((role) => {
    const key = keys.find((recorded) => recorded.role === role);
    const planned = plan.keys.find((each) => each.role === role);
    // Beside the next CA key, one that was there before.
    if (planned === undefined && inUse !== undefined)
      return { name: role, spki: Buffer.from(inUse.journalSpki, 'base64') };
    if (key === undefined || planned === undefined) throw new Error(`no key ${role}`);
    return {
      name: role,
      spki: Buffer.from(key.spki, 'base64'),
      signatureAlgorithm: signatureOf(planned),
    };
  });
}

/** What a record signed by these keys would still not prove: each thing in it that does not fit another. */
function contradictionsIn(record: CeremonyRecord, rehearsal: boolean): readonly string[] {
  const { plan, keys, devices, deviceReports, custodians, software, certificate } = record;
  const required = plan.policy.certifiedHsm === 'required';
  const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    JSON.stringify(a) === JSON.stringify(b);
  const rules: readonly (readonly [holds: boolean, what: string])[] = [
    [record.rehearsal === rehearsal, 'rehearsal'],
    [
      same(
        devices.map(({ label }) => label),
        plan.tokens.map(({ label }) => label),
      ),
      'devices',
    ],
    [devices.every((device) => device.software === isSoftwareToken(device)), 'devices.software'],
    [devices.every((device) => !device.software || device.certified === null), 'devices.certified'],
    [!required || devices.every((device) => device.certified !== null), 'policy.certifiedHsm'],
    [
      same(
        deviceReports.map(({ token, serial }) => [token, serial]),
        plan.policy.deviceProbe === undefined ? [] : devices.map(({ label, serial }) => [label, serial]),
      ),
      'deviceReports',
    ],
    ...deviceReports.map((report) => [reportHolds(report, record), `deviceReports.${report.token}`] as const),
    [
      same(
        custodians.map(({ id }) => id),
        custodiansOf(plan).map(({ id }) => id),
      ),
      'custodians',
    ],
    [
      same(
        custodians.map(({ token }) => token?.label),
        custodiansOf(plan).map(({ token }) => token?.label),
      ),
      'custodians.token',
    ],
    [
      custodians.every(({ authenticated }) =>
        authenticated.every((time) => record.startedAt <= time && time <= record.endedAt),
      ),
      'custodians.authenticated',
    ],
    [same(keys.map(nameOf), plan.keys.map(nameOf)), 'keys'],
    ...keys.map((key) => [keyHolds(key, devices), `keys.${key.role}`] as const),
    [followsOn(record), 'inUse'],
    [(certificate?.subject ?? null) === (plan.certificate?.subject ?? null), 'certificate'],
    [
      same(
        record.steps.map(({ step }) => step),
        stepsOf(plan, software.version)
          .filter(isWalked)
          .map(({ number }) => number),
      ),
      'steps',
    ],
    [timesRise(record), 'times'],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => what);
}

/** A record of the next CA key names what it follows, and no other record does. */
function followsOn({ plan, inUse }: CeremonyRecord): boolean {
  const next = nextKeyOf(plan);
  if (next === undefined || inUse === undefined) return next === inUse;
  return next.epoch === (inUse.replaces?.epoch ?? inUse.epoch) + 1;
}

function nameOf({
  role,
  label,
  token,
  algorithm,
}: CeremonyRecord['keys'][number] | CeremonyRecord['plan']['keys'][number]) {
  return [role, label, token, algorithm];
}

/** Of the module the ceremony used, and fit where the plan demands that. */
function reportHolds(
  { verdict, failed, moduleSha256, startedAt, endedAt }: CeremonyRecord['deviceReports'][number],
  { plan, software, ...record }: CeremonyRecord,
): boolean {
  return (
    moduleSha256 === software.module.sha256 &&
    (verdict === 'pass') === (failed.length === 0) &&
    (verdict === 'pass' || plan.policy.deviceProbe !== 'required') &&
    record.startedAt <= startedAt &&
    startedAt <= endedAt &&
    endedAt <= record.endedAt
  );
}

function keyHolds(key: CeremonyRecord['keys'][number], devices: CeremonyRecord['devices']): boolean {
  const spki = Buffer.from(key.spki, 'base64');
  const device = devices.find(({ label }) => label === key.token);
  return (
    sha256Hex(spki) === key.spkiSha256 &&
    keyAlgorithmOf(publicKeyFromSpki(spki)) === key.algorithm &&
    device?.serial === key.tokenSerial &&
    unprotected(key.attributes) === '' &&
    key.words.vi.join() === wordsOf(key.spkiSha256, 'vi').join() &&
    key.words.en.join() === wordsOf(key.spkiSha256, 'en').join()
  );
}

function timesRise({ startedAt, steps, endedAt }: CeremonyRecord): boolean {
  const times = [startedAt, ...steps.flatMap((step) => [step.startedAt, step.doneAt]), endedAt];
  return times.every((time, index) => index === 0 || time >= (times[index - 1] ?? ''));
}
