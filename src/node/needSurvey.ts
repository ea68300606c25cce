/** The needs survey: what each managing agency expects, row by row, summed up for the application. */
import { basename } from 'node:path';
import { readFileBounded } from '../config';
import type { Need } from '../delegation';
import type { Problem } from '../errors';
import { sha256Hex } from '../signer';
import { readCsv } from './csv';
import { NodeError } from './errors';

const MAX_SURVEY = 8 * 1024 * 1024;
const MOST_IN_A_ROW = 1_000_000;
/** How many years ahead a survey may look. */
const YEARS_AHEAD = 10;
/** Columns of the file: the agency that answered, the year, the profile and how many certificates. */
const COLUMNS = ['agency', 'year', 'profile', 'certificates'] as const;

/**
 * Reads a survey; each agency answers once for each year and profile.
 * @param profiles those that are asked for
 * @param year the current one
 * @throws NodeError `SURVEY_INVALID`, every problem with its row and column; ConfigError for the file
 */
export async function readSurvey(file: string, profiles: readonly string[], year: number): Promise<Need> {
  const bytes = await readFileBounded(file, MAX_SURVEY);
  const { rows, problems } = readCsv(bytes, { columns: COLUMNS, required: COLUMNS });
  const found: Problem[] = [...problems];
  const agencies = new Set<string>();
  const answered = new Map<string, number>();
  const sums = new Map<string, { year: number; profile: string; certificates: number }>();
  for (const { row, record } of rows) {
    const { agency = '', profile = '', certificates = '' } = record;
    const allowedYears = [year, year + YEARS_AHEAD] as const;
    const wanted = wholeNumber(record['year'] ?? '', allowedYears);
    const count = wholeNumber(certificates, [0, MOST_IN_A_ROW]);
    const at = (column: (typeof COLUMNS)[number]): string => `row ${String(row)}, column ${column}`;
    const wrong: Problem[] = [];
    if (agency === '') wrong.push({ code: 'MISSING', where: at('agency'), found: '', allowed: '' });
    if (wanted === undefined) wrong.push(bad(at('year'), record['year'] ?? '', allowedYears.join('–')));
    if (!profiles.includes(profile)) wrong.push(bad(at('profile'), profile, profiles.join(', ')));
    if (count === undefined) wrong.push(bad(at('certificates'), certificates, `0–${String(MOST_IN_A_ROW)}`));
    if (wanted !== undefined && count !== undefined && wrong.length === 0) {
      const answer = `${agency.normalize('NFC')}\0${String(wanted)}\0${profile}`;
      const before = answered.get(answer);
      if (before !== undefined)
        wrong.push({
          code: 'DUPLICATE',
          where: at('agency'),
          found: agency,
          allowed: `row ${String(before)}`,
        });
      answered.set(answer, row);
      agencies.add(agency.normalize('NFC'));
      const key = `${String(wanted)} ${profile}`;
      const sum = (sums.get(key)?.certificates ?? 0) + count;
      sums.set(key, { year: wanted, profile, certificates: sum });
    }
    found.push(...wrong);
  }
  const expected = [...sums.values()].sort((a, b) => a.year - b.year || (a.profile < b.profile ? -1 : 1));
  if (found.length === 0 && expected.every(({ certificates }) => certificates === 0))
    found.push({ code: 'BAD_VALUE', where: 'certificates', found: '0', allowed: '> 0' });
  if (found.length > 0)
    throw new NodeError('SURVEY_INVALID', { file: basename(file), count: found.length }, { problems: found });
  return { survey: { sha256: sha256Hex(bytes), agencies: agencies.size }, expected };
}

function bad(where: string, found: string, allowed: string): Problem {
  return { code: 'BAD_VALUE', where, found, allowed };
}

function wholeNumber(text: string, [least, most]: readonly [number, number]): number | undefined {
  const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
