/** The needs survey: summed up by year and profile, and every error told at once with its row and column. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Need } from '../../src/delegation';
import { NodeError } from '../../src/node';
import { readSurvey } from '../../src/node/needSurvey';
import { sha256Hex } from '../../src/signer';

const PROFILES = ['individual', 'organisation'];
const HEADING = 'agency,year,profile,certificates';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'survey-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function read(text: string | Buffer): Promise<Need> {
  const file = join(folder, 'survey.csv');
  writeFileSync(file, text);
  return readSurvey(file, PROFILES, 2026);
}

/** @returns `where: found` of every problem */
async function problemsOf(text: string | Buffer): Promise<readonly string[]> {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof NodeError)) throw new Error(`taken: ${JSON.stringify(error)}`);
  expect(error.code).toBe('SURVEY_INVALID');
  return error.problems.map(({ where, found }) => `${where}: ${found}`);
}

const lines = (...rows: readonly string[]): string => [HEADING, ...rows].join('\n');

test('rows are summed up by year and profile, and agencies counted once', async () => {
  const text = lines(
    'Sở A,2027,individual,10',
    'Sở B,2027,individual,5',
    'Sở A,2026,organisation,1',
    'Sở A,2027,organisation,0',
  );
  expect(await read(text)).toEqual({
    survey: { sha256: sha256Hex(Buffer.from(text)), agencies: 2 },
    expected: [
      { year: 2026, profile: 'organisation', certificates: 1 },
      { year: 2027, profile: 'individual', certificates: 15 },
      { year: 2027, profile: 'organisation', certificates: 0 },
    ],
  });
});

test('as a spreadsheet in Việt Nam writes it: BOM, semicolons, carriage returns, empty lines', async () => {
  const text = `\ufeff${lines('Sở A,2027,individual,10', '', 'Sở B,2027,individual,5').replaceAll(',', ';').replaceAll('\n', '\r\n')}`;
  expect((await read(text)).expected).toEqual([{ year: 2027, profile: 'individual', certificates: 15 }]);
});

test('every error of every row is told at once', async () => {
  expect(
    await problemsOf(
      lines(
        ',2027,individual,10',
        'Sở A,2025,individual,10',
        'Sở A,2037,individual,10',
        'Sở A,2027,device,1.5',
        'Sở A,2027,individual,-1',
        'Sở A,2027,individual,1',
        'Sở A,2027,individual,1',
        'Sở A,2027,organisation,1000001',
      ),
    ),
  ).toEqual([
    'row 2, column agency: ',
    'row 3, column year: 2025',
    'row 4, column year: 2037',
    'row 5, column profile: device',
    'row 5, column certificates: 1.5',
    'row 6, column certificates: -1',
    'row 8, column agency: Sở A',
    'row 9, column certificates: 1000001',
  ]);
});

test('one agency written in two ways of Unicode is one', async () => {
  const twice = lines('Sở A,2027,individual,1', `${'Sở A'.normalize('NFD')},2027,individual,1`);
  expect(await problemsOf(twice)).toHaveLength(1);
});

test.each<[string, string, readonly string[]]>([
  ['an empty file', '', ['row 1: —', 'row 1: —', 'row 1: —', 'row 1: —']],
  ['a heading alone', HEADING, ['row 2: —']],
  ['a column too many', `${HEADING},note\nA,2027,individual,1,x`, ['row 1: note']],
  ['a column too few', 'agency,year,profile\nA,2027,individual', ['row 1: —']],
  ['no certificates at all', lines('A,2027,individual,0'), ['certificates: 0']],
])('%s is refused', async (_, text, problems) => {
  expect(await problemsOf(text)).toEqual(problems);
});

test('rows that do not fit the heading, and bytes that are no text, are refused', async () => {
  expect(await problemsOf(lines('A,2027'))).toHaveLength(1);
  expect((await problemsOf(Buffer.alloc(2000, 0x22))).length).toBeGreaterThan(0);
});
