/** Issuing from a CSV file: every row is checked before the first is issued; a run that was cut off is simply repeated. */
import { dirname, resolve } from 'node:path';
import { readFileBounded, readSmallFile } from '../config';
import { isCodedError, type CodedError, type Problem } from '../errors';
import { checkKeyUse, factsOf, type QuotaUse } from '../delegation';
import { ISSUING_SERVICES, MAX_REQUEST_NUMBER, type IssuingService } from '../journal';
import {
  ATTRIBUTE_TYPES,
  readRequest,
  type AttributeType,
  type CertificationRequest,
  type NameAttribute,
} from '../x509';
import { readCsv, type CsvRow } from './csv';
import { NodeError } from './errors';
import { LINTERS_AT_ONCE } from './externalLinter';
import type { IssuedCertificate, Issuer } from './issuance';
import type { IssuancePlan } from './issuancePlan';
import type { SubCaNode } from './node';
import { WITHOUT_NUMBER } from './revocation';
import { planSuccession, type PlannedSuccession, type SuccessionService } from './succession';

const MAX_CSV = 32 * 1024 * 1024;
const MAX_REQUEST = 64 * 1024;
/** Certificates on their way at a time: enough to share commits and keep the token's sessions busy. */
const IN_FLIGHT = 256;

/**
 * Columns: `profile`, `csr` (path, relative to the CSV file), optional `name` (output file), and subject attributes.
 * For certificates that follow another: `service`, `predecessor` (its serial number) and `request` (the number of the
 * written request); their `csr` may be empty where the key stays, their `profile` is the predecessor's.
 */
const COLUMNS = ['profile', 'csr', 'name', ...ATTRIBUTE_TYPES, 'service', 'predecessor', 'request'] as const;

interface PlacedRow {
  /** As a spreadsheet counts: the heading is row 1. */
  readonly row: number;
  /** Base name of the certificate's file. */
  readonly name: string;
}

/** A row that is to be issued, or what an earlier run of the same batch made of it. */
export type BatchRow = PlacedRow & PlannedSuccession;

/**
 * Reads and plans every row, and finds what an earlier run has issued already.
 * @throws NodeError `BATCH_INVALID`, each problem with its row and column
 */
export async function planBatch(node: SubCaNode, issuer: Issuer, file: string): Promise<readonly BatchRow[]> {
  const records = readRecords(file, await readFileBounded(file, MAX_CSV));
  const problems: Problem[] = [];
  const planned: BatchRow[] = [];
  const names = new Set<string>();
  /** Rows by what must not come twice: requests, and predecessors. */
  const taken = new Map<string, number>();
  for (const { row, record } of records) {
    const name = record['name'] || `row-${row}`;
    problems.push(...checkFileName(row, name, names));
    names.add(name);
    try {
      const predecessor = serialNumberOf(record);
      const service = serviceOf(record);
      if (service === 'issue') {
        const plan = planRow(issuer, file, record);
        problems.push(...checkRepeated(row, 'csr', taken.get(plan.request)));
        taken.set(plan.request, row);
        planned.push({ row, name, plan });
      } else {
        problems.push(...checkRepeated(row, 'predecessor', taken.get(predecessor)));
        taken.set(predecessor, row);
        planned.push({ row, name, ...(await planFollower(node, issuer, file, service, record)) });
      }
    } catch (error) {
      if (!isCodedError(error)) throw error;
      problems.push(...rowProblems(row, error));
    }
  }
  const plans = planned.flatMap(({ plan }) => plan ?? []);
  const earlier = await issuer.findEarlier(plans);
  const rows = planned.map(({ row, name, ...outcome }): BatchRow => {
    const found = outcome.existing ?? earlier.get(outcome.plan.request);
    if (found instanceof NodeError) problems.push(...rowProblems(row, found));
    return {
      row,
      name,
      ...(found === undefined || found instanceof NodeError ? outcome : { existing: found }),
    };
  });
  problems.push(...(await checkKeys(issuer, rows)), ...(await checkQuotas(issuer, rows)));
  // Last, because it costs most, and not for a batch that is refused already.
  if (problems.length === 0) problems.push(...(await lintOutside(issuer, rows)));
  if (problems.length > 0) {
    const bad = new Set(problems.map(({ where }) => where.split(',')[0])).size;
    throw new NodeError('BATCH_INVALID', { file, rows: bad }, { problems });
  }
  return rows;
}

function planRow(issuer: Issuer, file: string, record: Readonly<Record<string, string>>): IssuancePlan {
  if ((record['predecessor'] ?? '') !== '') {
    throw unfit({
      code: 'BAD_VALUE',
      where: 'predecessor',
      found: record['predecessor'] ?? '',
      allowed: '—',
    });
  }
  const asked = { service: 'issue', request: readCsr(file, record), subject: subjectOf(record) } as const;
  return issuer.plan(record['profile'] ?? '', asked);
}

async function planFollower(
  node: SubCaNode,
  issuer: Issuer,
  file: string,
  service: SuccessionService,
  record: Readonly<Record<string, string>>,
): Promise<PlannedSuccession> {
  const subject = subjectOf(record);
  if (service !== 'change-information' && subject.length > 0) {
    const [{ type, value } = { type: 'CN', value: '' }] = subject;
    throw unfit({ code: 'BAD_VALUE', where: type, found: value, allowed: '—' });
  }
  const written = record['request'] || WITHOUT_NUMBER.batch;
  if (written.length > MAX_REQUEST_NUMBER) {
    const allowed = `1–${MAX_REQUEST_NUMBER}`;
    throw unfit({ code: 'BAD_VALUE', where: 'request', found: `${written.length}`, allowed });
  }
  const planned = await planSuccession(node, issuer, {
    service,
    predecessor: serialNumberOf(record),
    ...((record['csr'] ?? '') !== '' && { csr: readCsr(file, record) }),
    subject,
    by: { kind: 'local', request: written },
  });
  const profile = record['profile'] ?? '';
  const allowed = planned.plan?.profile ?? profile;
  if (profile !== '' && profile !== allowed) {
    throw unfit({ code: 'BAD_VALUE', where: 'profile', found: profile, allowed });
  }
  return planned;
}

function readCsr(file: string, record: Readonly<Record<string, string>>): CertificationRequest {
  return readRequest(readSmallFile(resolve(dirname(file), record['csr'] ?? ''), MAX_REQUEST));
}

function serviceOf({ service = '' }: Readonly<Record<string, string>>): IssuingService {
  const known = ISSUING_SERVICES.find((one) => one === (service || 'issue'));
  if (known !== undefined) return known;
  throw unfit({ code: 'BAD_VALUE', where: 'service', found: service, allowed: ISSUING_SERVICES.join(', ') });
}

/** As people copy it: capitals, colons and blanks are no part of the number. */
function serialNumberOf({ predecessor = '' }: Readonly<Record<string, string>>): string {
  return predecessor.replace(/[\s:]/g, '').toLowerCase();
}

function unfit(problem: Problem): NodeError {
  return new NodeError('REQUEST_UNFIT', { profile: '—', count: 1 }, { problems: [problem] });
}

function checkFileName(row: number, name: string, taken: ReadonlySet<string>): readonly Problem[] {
  const code = taken.has(name) ? 'DUPLICATE' : 'BAD_VALUE';
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !taken.has(name)
    ? []
    : [{ code, where: `row ${row}, name`, found: name, allowed: 'A-Z a-z 0-9 . _ -, 1 ×' }];
}

/** One request for one subject, and one predecessor, is one certificate, however often it stands in the file. */
function checkRepeated(
  row: number,
  column: 'csr' | 'predecessor',
  earlier: number | undefined,
): readonly Problem[] {
  return earlier === undefined
    ? []
    : [{ code: 'DUPLICATE', where: `row ${row}, ${column}`, found: `= row ${earlier}`, allowed: '1 ×' }];
}

/** What the administrator's own linter says of each row that is still to be issued. */
async function lintOutside(issuer: Issuer, rows: readonly BatchRow[]): Promise<readonly Problem[]> {
  const queue = fresh(rows).values();
  const problems: Problem[] = [];
  let isOver = false;
  const worker = async (): Promise<void> => {
    for (const { row, plan } of queue) {
      if (isOver) return;
      try {
        await issuer.lintOutside(plan);
      } catch (error) {
        // A verdict is its row's own matter; a linter that fails would fail, slowly, for every other.
        if (isCodedError(error) && error.code === 'LINTER_REFUSED') {
          problems.push(...rowProblems(row, error));
        } else {
          isOver = true;
          throw error;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: LINTERS_AT_ONCE }, worker));
  return problems;
}

/** Whether each key is its subscriber's alone, by the journal and by the file; of two rows with one key both are told. */
async function checkKeys(issuer: Issuer, rows: readonly BatchRow[]): Promise<readonly Problem[]> {
  const planned = fresh(rows);
  const histories = await issuer.keyHistories(planned.map(({ plan }) => plan));
  for (const { row, plan } of planned) {
    const { tbs, profile } = plan;
    const holder = { ...factsOf(tbs), profile, exposureTime: null };
    histories.get(tbs.publicKey.spkiSha256)?.add({ ...holder, serialNumber: `row ${row}` });
  }
  return planned.flatMap(({ row, plan }) => {
    const findings = checkKeyUse(plan, histories.get(plan.tbs.publicKey.spkiSha256));
    const problems = findings.flatMap((finding) => finding.problems);
    return problems.map((problem) => ({ ...problem, where: `row ${row}, csr` }));
  });
}

/** The rows that are still to be issued. */
function fresh(rows: readonly BatchRow[]): readonly { readonly row: number; readonly plan: IssuancePlan }[] {
  return rows.flatMap(({ row, plan }) => (plan === undefined ? [] : { row, plan }));
}

/** Whether the quota will do for every row that is still to be issued. */
async function checkQuotas(issuer: Issuer, rows: readonly BatchRow[]): Promise<readonly Problem[]> {
  const perProfile = new Map<string, number>();
  const problems: Problem[] = [];
  const used = new Map<string, QuotaUse>();
  for (const [before, { row, plan }] of fresh(rows).entries()) {
    const { profile } = plan;
    const ofProfile = perProfile.get(profile) ?? 0;
    const base = used.get(profile) ?? (await issuer.quotaUse(profile));
    used.set(profile, base);
    perProfile.set(profile, ofProfile + 1);
    const use = { total: base.total + before, day: base.day + before, profile: base.profile + ofProfile };
    problems.push(
      ...issuer.checkQuota(profile, use).map((one) => ({ ...one, where: `row ${row}, ${one.where}` })),
    );
  }
  return problems;
}

/**
 * Issues the planned rows, many at a time, and hands each certificate on as soon as it is recorded.
 * @param hand called for each certificate; puts it where it belongs
 */
export async function issueBatch(
  issuer: Issuer,
  rows: readonly BatchRow[],
  hand: (row: BatchRow, certificate: IssuedCertificate) => Promise<void>,
): Promise<{ readonly issued: number; readonly existing: number }> {
  const queue = rows.values();
  let issued = 0;
  const failures: unknown[] = [];
  const fail = (error: unknown): void => {
    failures.push(error);
  };
  const worker = async (): Promise<void> => {
    let handed = Promise.resolve();
    for (const row of queue) {
      // One failure ends the batch; what is on its way is finished first.
      if (failures.length > 0) break;
      try {
        const certificate = row.existing ?? (await issuer.issue(row.plan));
        if (!certificate.existing) issued += 1;
        // One is handed on while the next is issued.
        await handed;
        handed = hand(row, certificate).catch(fail);
      } catch (error) {
        fail(error);
      }
    }
    await handed;
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, rows.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return { issued, existing: rows.length - issued };
}

function readRecords(file: string, text: Buffer): readonly CsvRow[] {
  const { rows, problems } = readCsv(text, { columns: COLUMNS, required: ['profile', 'csr'] });
  if (problems.length > 0) throw new NodeError('BATCH_INVALID', { file, rows: 1 }, { problems });
  return rows;
}

/** Attribute columns in the order in which a subject has them; several OUs are separated by ` / `, parent first. */
function subjectOf(record: Readonly<Record<string, string>>): readonly NameAttribute[] {
  return ATTRIBUTE_TYPES.flatMap((type: AttributeType) => {
    const value = record[type] ?? '';
    const values = type === 'OU' ? value.split(' / ') : [value];
    return values.filter((one) => one !== '').map((one) => ({ type, value: one }));
  });
}

/** Where an error belongs: the column its problems name, or else the request's. */
function rowProblems(row: number, error: CodedError): readonly Problem[] {
  const at = (where: string): string => `row ${row}, ${where.replace(/^subject\./, '')}`;
  if (error.problems.length > 0)
    return error.problems.map((problem) => ({ ...problem, where: at(problem.where) }));
  const column = error.code.startsWith('PROFILE_')
    ? 'profile'
    : error.code === 'CERTIFICATE_UNKNOWN'
      ? 'predecessor'
      : 'csr';
  const told = (lang: 'en' | 'vi'): string => `${error.inLang(lang)} [${error.code}]`;
  return [{ code: 'BAD_VALUE', where: at(column), found: told('en'), foundVi: told('vi'), allowed: '—' }];
}
