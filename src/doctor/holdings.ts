/** What a party holds: database, PIN sources, device reports, papers, people, backups. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSha256, readFileBounded } from '../config';
import { addressOf, inspectDatabase, inspectServer, type DatabasePlace } from '../db';
import type { Measured, OfficePerson, OfficeRole, ReadinessCheck } from '../delegation';
import { isCodedError } from '../errors';
import { deviceReportSchema, type HsmConfig } from '../hsm';
import { sha256Hex } from '../signer';
import { check, reasonOf } from './check';
import type { PaperFile, Subject } from './subject';

const DAY = 86_400_000;
const MAX_REPORT = 1024 * 1024;
const MAX_REPORTS = 1000;
/** Up to this size every page of the database is read. */
const DEEP_UP_TO = 1024 ** 3;
const REPORT_DAYS = 365;
const BACKUP_DAYS = 7;
const OLD_BACKUP_DAYS = 30;
const RESTORE_DAYS = 180;
const NEEDED_ROLES: Readonly<Partial<Record<OfficeRole, number>>> = { officer: 1, approver: 2, auditor: 1 };
const NEEDED_PAPERS = ['practice-statement', 'regulation'] as const;

export function checkConfiguration({ configuration, directory }: Subject): ReadinessCheck {
  const id = 'configuration';
  if (configuration === 'read') return check(id, 'pass', 'config.yaml', 'config.yaml', directory);
  if (configuration === 'absent') return check(id, 'fail', '—', 'config.yaml', directory);
  return check(id, 'fail', configuration.wrong, 'config.yaml', directory);
}

export async function checkDatabase(place: DatabasePlace): Promise<ReadinessCheck> {
  if ('file' in place) return checkDatabaseFile(place.file);
  const expected = 'PostgreSQL ≥ 13, UTF8, fsync, full_page_writes, synchronous_commit';
  const subject = addressOf(place.server);
  try {
    // Whatever does not hold there is an error.
    const { version } = await inspectServer(place.server);
    return check('database', 'pass', `PostgreSQL ${version}`, expected, subject);
  } catch (cause) {
    return check('database', resultOf(cause), reasonOf(cause), expected, subject);
  }
}

async function checkDatabaseFile(file: string): Promise<ReadinessCheck> {
  const expected = 'wal, FULL, ok';
  try {
    const { size } = await stat(file);
    const state = await inspectDatabase(file, size <= DEEP_UP_TO);
    const { journalMode, synchronous, integrity = '?' } = state;
    const sound = journalMode === 'wal' && synchronous === '2' && integrity !== '?' && integrity === 'ok';
    const result = sound ? 'pass' : integrity === '?' ? 'unknown' : 'fail';
    const level = synchronous === '2' ? 'FULL' : synchronous;
    return check('database', result, `${journalMode}, ${level}, ${integrity}`, expected, file);
  } catch (cause) {
    if (reasonOf(cause) === 'ENOENT') return check('database', 'unknown', '—', expected, file);
    return check('database', resultOf(cause), reasonOf(cause), expected, file);
  }
}

function resultOf(cause: unknown): 'unknown' | 'fail' {
  return isCodedError(cause) && cause.category === 'unavailable' ? 'unknown' : 'fail';
}

/** Where each PIN comes from: a service cannot be asked, and an environment shows itself to other processes. */
export function checkPinSources({ tokens }: HsmConfig, caToken: string): readonly ReadinessCheck[] {
  const expected = 'file, credential';
  const own = tokens.filter(({ label }) => label === caToken);
  if (own.length === 0) return [check('pin-source', 'warn', 'prompt', expected, caToken)];
  return own.map(({ label, serial, pin }) => {
    const [kind = ''] = Object.keys(pin);
    const unattended = 'file' in pin || 'credential' in pin;
    return check(
      'pin-source',
      unattended ? 'pass' : 'warn',
      kind,
      expected,
      [label, serial].join(' ').trim(),
    );
  });
}

/** The newest report of `doctor --hsm` on the token with the CA key. */
export async function checkDevice(
  directory: string,
  token: string,
  now: Date,
): Promise<{ readonly check: ReadinessCheck; readonly device: Measured['device'] }> {
  const expected = `pass, certified, ≤ ${String(REPORT_DAYS)} d`;
  const device = await newestReport(directory, token);
  if (device === null) return { check: check('hsm', 'warn', '—', expected, token), device };
  const { verdict, software, certified, probedAt } = device;
  const paper = software ? 'software' : certified === null ? 'not certified' : certified.number;
  const recent = now.getTime() - Date.parse(probedAt) <= REPORT_DAYS * DAY;
  const result = verdict === 'fail' ? 'fail' : recent && certified !== null && !software ? 'pass' : 'warn';
  const found = `${verdict}, ${paper}, ${probedAt.slice(0, 10)}`;
  return { check: check('hsm', result, found, expected, token), device };
}

async function newestReport(directory: string, token: string): Promise<Measured['device']> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch {
    return null;
  }
  let newest: Measured['device'] = null;
  const reports = names.filter((name) => /^device-report-.*\.json$/.test(name)).slice(-MAX_REPORTS);
  for (const name of reports) {
    const bytes = await readFileBounded(join(directory, name), MAX_REPORT).catch(() => Buffer.alloc(0));
    const report = deviceReportSchema.safeParse(parsed(bytes)).data;
    // A report that was altered or belongs to another token is none of this one.
    if (report?.token.label !== token || (newest !== null && newest.probedAt >= report.endedAt)) continue;
    const { software, certified } = report.certification;
    newest = {
      token,
      serial: report.token.serial,
      reportSha256: sha256Hex(bytes),
      probedAt: report.endedAt,
      verdict: report.verdict,
      software,
      certified,
    };
  }
  return newest;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

export function checkBackup(backup: Subject['backup'], now: Date): ReadinessCheck {
  const expected = `≤ ${String(BACKUP_DAYS)} d, restored ≤ ${String(RESTORE_DAYS)} d`;
  if (backup === null || backup === undefined) return check('backup', 'warn', '—', expected);
  const age = (day: string): number => (now.getTime() - Date.parse(day)) / DAY;
  const { made, restored } = backup;
  const found = `${made}, ${restored ?? '—'}`;
  const ahead = age(made) < -1 || (restored !== undefined && age(restored) < -1);
  if (ahead || age(made) > OLD_BACKUP_DAYS) return check('backup', 'fail', found, expected);
  const good = age(made) <= BACKUP_DAYS && restored !== undefined && age(restored) <= RESTORE_DAYS;
  return check('backup', good ? 'pass' : 'warn', found, expected);
}

export function checkPersonnel(people: readonly OfficePerson[]): ReadinessCheck {
  const count = (role: string): number =>
    people.filter(({ roles }) => roles.some((one) => one === role)).length;
  const needed = Object.entries(NEEDED_ROLES);
  const found = needed.map(([role]) => `${role} ${String(count(role))}`).join(', ');
  const untrained = people.filter(({ training }) => training.length === 0).map(({ id }) => id);
  const enough = needed.every(([role, least]) => count(role) >= least) && untrained.length === 0;
  const expected = needed.map(([role, least]) => `${role} ≥ ${String(least)}`).join(', ');
  const told = untrained.length === 0 ? found : `${found}, untrained: ${untrained.join(', ')}`;
  return check('personnel', enough ? 'pass' : 'warn', told, expected);
}

export async function checkPapers(papers: readonly PaperFile[]): Promise<readonly ReadinessCheck[]> {
  const there = await Promise.all(
    papers.map(async ({ kind, path }) => {
      try {
        return check('documents', 'pass', `${kind} SHA-256 ${await fileSha256(path)}`, kind, path);
      } catch (cause) {
        return check('documents', 'fail', reasonOf(cause), kind, path);
      }
    }),
  );
  const absent = NEEDED_PAPERS.filter((kind) => papers.every((paper) => paper.kind !== kind));
  return [...there, ...absent.map((kind) => check('documents', 'warn', '—', kind))];
}
