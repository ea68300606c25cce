/**
 * Apply, be rejected, mend, be approved: what both sides run without a telephone call, and what neither can fake.
 *
 *   node 15-1 ─ application ──▶ root with a policy: not approved, rejected criterion by criterion
 *             ◀─ answer ─────── (and answers that look like it: altered, of another root, for another node, old)
 *             ─ mended ───────▶ approved ─▶ grant ─▶ activated
 *   a copy of the root: approves by way of exception; knows nothing of the rejection
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAnswer } from '../../src/delegation';
import { sha256Hex } from '../../src/signer';
import { holdings } from '../support/holdings';
import { expectRefusal, nodeHoldings } from '../support/refusal';
import { softHsmModule, World, type Ran } from '../support/world';

/** As the template, but for what software tokens and a machine of tests cannot have. */
const POLICY = `
title: Tiêu chí thử nghiệm
minimumScore: 60
reportWithinDays: 30
criteria:
  - { id: approvers, kind: people, role: approver, atLeast: 2, weight: 20, mustHave: true }
  - { id: auditor, kind: separate, role: auditor, from: approver, atLeast: 1, weight: 10, mustHave: true }
  - { id: training, kind: training, roles: [approver, auditor], withinDays: 3650, weight: 10, mustHave: false }
  - { id: papers, kind: documents, kinds: [practice-statement], weight: 10, mustHave: true, basis: Nghị định 68/2024 }
  - { id: need, kind: need, atLeast: 100, weight: 10, mustHave: true }
  - { id: database, kind: checks, checks: [database, configuration], acceptWarnings: false, weight: 10, mustHave: true }
  - { id: hsm, kind: hsm, certified: true, withinDays: 365, weight: 10, mustHave: false }
`;
const UNMET = ['approvers', 'auditor', 'training', 'papers', 'need', 'hsm'];
const REASON = 'Thiếu nhân sự và văn bản';

const ALTERED_SAMPLES = 24;
const MOST_MS = 240_000;

interface Row {
  readonly criterion: { readonly id: string };
  readonly met: boolean;
  readonly found: string;
}

let world: World;

beforeAll(async () => {
  world = await World.applied();
  writeFileSync(world.path('root', 'eligibility.yaml'), POLICY);
  cpSync(world.path('root'), world.path('copy'), { recursive: true });
}, MOST_MS);

afterAll(() => {
  world.remove();
});

const by = (operator: string): readonly string[] => [
  ...['--operator', operator, '--pin-file', world.path('pins', operator)],
];

function approve(file: string, operator: string, ...more: readonly string[]): Ran {
  return world.rootca('application', 'approve', file, ...by(operator), '--yes', ...more);
}

function takeAnswer(file: string, fingerprint = world.fingerprint): readonly string[] {
  return ['application', 'answer', file, '--root-fingerprint', fingerprint];
}

/** The command must be refused, and the root hold what it held. @returns what it said */
async function rootRefuses(exit: number, code: string, run: () => Ran): Promise<Ran['json']['error']> {
  const before = await holdings(world.path('root'), 'rootca.db');
  const { code: ended, json } = run();
  expect([ended, json.error?.code]).toEqual([exit, code]);
  expect(await holdings(world.path('root'), 'rootca.db')).toEqual(before);
  return json.error;
}

describe('rejected', () => {
  test(
    'the application is laid against the policy, criterion by criterion',
    async () => {
      const shown = await world.rootcaOk('application', 'show', 'application.dsse');
      const { rows, ...eligibility } = shown['eligibility'] as { readonly rows: readonly Row[] };
      expect(eligibility).toMatchObject({
        ...{ score: 10, of: 80, minimumScore: 60, eligible: false },
        missing: ['approvers', 'auditor', 'papers', 'need'],
        policy: { sha256: sha256Hex(Buffer.from(POLICY)) },
      });
      expect(rows.filter(({ met }) => !met).map(({ criterion }) => criterion.id)).toEqual(UNMET);
      const { stdout } = world.told(
        'rootca',
        { LANG: 'vi_VN.UTF-8' },
        'application',
        'show',
        'application.dsse',
      );
      expect(stdout).toMatch(/CHƯA ĐẠT +approvers +Có ít nhất 2 cán bộ phê duyệt +có +20 +0/);
      expect(stdout).toContain('10/80 điểm, cần 60 – CHƯA ĐỦ ĐIỀU KIỆN');
    },
    MOST_MS,
  );

  test(
    'it is not approved without a reason for the exception',
    async () => {
      const error = await rootRefuses(3, 'APPLICATION_INELIGIBLE', () => approve('application.dsse', 'an'));
      expect(error?.problems.map(({ where }) => where)).toEqual([
        ...['approvers *', 'auditor *', 'training', 'papers *', 'need *', 'hsm'],
      ]);
      await rootRefuses(2, 'BAD_COMMAND_LINE', () => approve('application.dsse', 'an', '--override'));
      await rootRefuses(2, 'BAD_COMMAND_LINE', () => approve('application.dsse', 'an', '--reason', 'x'));
    },
    MOST_MS,
  );

  test(
    'only a trusted operator rejects, by criteria that there are',
    async () => {
      const reject = (operator: string, ...more: readonly string[]): Ran => {
        const how = ['--operator', operator, '--pin-file', world.path('pins', 'an'), '--reason', REASON];
        return world.rootca('application', 'reject', 'application.dsse', ...how, ...more);
      };
      await rootRefuses(3, 'OPERATOR_NOT_TRUSTED', () => reject('nobody'));
      await rootRefuses(2, 'CRITERION_UNKNOWN', () => reject('an', '--criterion', 'weather'));
      expect(reject('an', '--criterion', 'database', '--out', 'answer.dsse').json).toMatchObject({
        ...{ status: 'rejected', operator: 'an', reason: REASON },
        mend: ['approvers', 'auditor', 'training', 'papers', 'need', 'database', 'hsm'],
      });
      await rootRefuses(3, 'APPLICATION_STATE', () => approve('application.dsse', 'binh'));
      await world.rootcaOk('application', 'answer', 'application.dsse', '--out', 'again.dsse');
      expect(world.read('again.dsse').equals(world.read('answer.dsse'))).toBe(true);
      await world.rootcaOk('verify');
    },
    MOST_MS,
  );
});

describe('at the node', () => {
  test(
    'an answer with any byte altered is refused',
    async () => {
      const before = await nodeHoldings(world);
      const bytes = world.read('answer.dsse');
      for (let sample = 0; sample < ALTERED_SAMPLES; sample += 1) {
        const at = Math.floor((sample * bytes.length) / ALTERED_SAMPLES);
        const altered = Buffer.from(bytes);
        altered[at] = (altered[at] ?? 0) ^ (at % 2 === 0 ? 0x01 : 0x20);
        expect(() =>
          openAnswer(altered, world.fingerprint.replaceAll(':', '').toLowerCase(), new Date()),
        ).toThrow();
      }
      writeFileSync(world.path('altered.dsse'), bytes.toString('utf8').replace('"sig":"M', '"sig":"N'));
      expect([2, 3, 5]).toContain(world.subca(...takeAnswer('altered.dsse')).code);
      expect(await nodeHoldings(world)).toEqual(before);
    },
    MOST_MS,
  );

  test(
    'of another root, or for another node, it is refused with the reason',
    async () => {
      const wrong = world.fingerprint.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      await expectRefusal(world, takeAnswer('answer.dsse', wrong), { exit: 3, code: 'FINGERPRINT_MISMATCH' });
      await expectRefusal(world, takeAnswer('application.dsse'), { exit: 2, code: 'ENVELOPE_TYPE' });
      const dir = world.path('node-2');
      world.token('node-2');
      await world.subcaOk(
        ...['init', '--dir', dir, '--organisation', '15', '--node', '15-2', '--host', 'ca2.laocai.gov.vn'],
        ...['--module', softHsmModule(), '--token', 'node-2', '--pin-file', world.path('pins', 'node-2')],
        ...['--ca-key', 'p-256'],
      );
      const { code, json } = world.subca(...takeAnswer('answer.dsse'), '--dir', dir);
      expect([code, json.error?.code]).toEqual([3, 'ANSWER_FOREIGN']);
    },
    MOST_MS,
  );

  test(
    'the right one is explained, with what to mend, and may be read again',
    async () => {
      const taken = await world.subcaOk(...takeAnswer('answer.dsse'));
      expect(taken).toMatchObject({ decision: 'rejected', operator: 'an', reason: REASON, known: false });
      expect(await world.subcaOk(...takeAnswer('answer.dsse'))).toMatchObject({ known: true });
      const { stdout } = world.told('subca', { LANG: 'vi_VN.UTF-8' }, ...takeAnswer('answer.dsse'));
      expect(stdout).toContain('BỊ TỪ CHỐI bởi an');
      expect(stdout).toContain(`Lý do: ${REASON}`);
      expect(stdout).toContain('• papers – Có đủ văn bản: quy chế chứng thực (Nghị định 68/2024)');
      expect(stdout).toContain('Ghi các tệp vào mục documents của config.yaml và gửi kèm.');
      expect(stdout).toMatch(/CẦN BỔ SUNG +database/);
    },
    MOST_MS,
  );
});

describe('mended', () => {
  test(
    'a survey with errors is refused, every one with row and column',
    async () => {
      const year = new Date().getFullYear() + 1;
      const survey = `agency,year,profile,certificates\nSở A,1999,individual,5\nSở B,${String(year)},nobody,x\n`;
      writeFileSync(world.path('survey.csv'), survey);
      const args = ['apply', '--out', 'mended.dsse', '--need', 'survey.csv'];
      const problems = ['row 2, column year', 'row 3, column profile', 'row 3, column certificates'].map(
        (where) => ({ where }),
      );
      await expectRefusal(world, args, { exit: 2, code: 'SURVEY_INVALID', problems });
      writeFileSync(
        world.path('survey.csv'),
        `agency,year,profile,certificates\nSở A,${String(year)},individual,90\nSở B,${String(year)},individual,60\n`,
      );
    },
    MOST_MS,
  );

  test(
    'with people, papers and need it names the rejected one, and meets the policy',
    async () => {
      mkdirSync(world.path('node', 'papers'));
      writeFileSync(world.path('node', 'papers', 'cps.pdf'), 'quy chế chứng thực');
      const config = world.path('node', 'config.yaml');
      const person = (id: string, name: string, role: string): string =>
        `  - { id: ${id}, name: ${name}, roles: [${role}], training: [{ date: 2026-01-05, certificate: "${id}-1" }] }`;
      const sections = [
        'personnel:',
        person('lan', 'Trần Thị Lan', 'approver'),
        person('minh', 'Lê Văn Minh', 'approver'),
        person('nga', 'Phạm Thị Nga', 'auditor'),
        'documents:',
        '  - { kind: practice-statement, file: papers/cps.pdf, reference: 45/QĐ-UBND }',
      ];
      writeFileSync(config, `${readFileSync(config, 'utf8')}\n${sections.join('\n')}\n`);
      const applied = await world.subcaOk(
        ...['apply', '--out', 'mended.dsse', '--email-domain', 'laocai.gov.vn', '--need', 'survey.csv'],
        ...['--policy', join('root', 'eligibility.yaml')],
      );
      const first = await world.rootcaOk('application', 'show', 'application.dsse');
      expect(applied).toMatchObject({
        wanted: { perYear: 150 },
        mends: { application: first['id'] },
        eligibility: { score: 70, eligible: true, missing: [] },
      });
      expect(applied['missing']).not.toContain('need');
      const shown = await world.rootcaOk('application', 'show', 'mended.dsse');
      expect(shown).toMatchObject({
        eligibility: { score: 70, eligible: true },
        others: [{ id: first['id'], status: 'rejected' }],
      });
      const listed = { node: '15-1', approvedBy: [] };
      expect(await world.rootcaOk('application', 'list')).toMatchObject({
        applications: [
          { ...listed, id: shown['id'], status: 'pending' },
          { ...listed, id: first['id'], status: 'rejected' },
        ],
      });
      expect(await world.rootcaOk('application', 'list', '--status', 'granted')).toEqual({
        applications: [],
      });
      expect(shown['application']).toMatchObject({
        shown: {
          papers: [{ name: 'cps.pdf', sha256: sha256Hex(Buffer.from('quy chế chứng thực')) }],
          need: { survey: { agencies: 2, sha256: sha256Hex(world.read('survey.csv')) } },
        },
      });
    },
    MOST_MS,
  );

  test(
    'the old answer is not taken again',
    async () => {
      await expectRefusal(world, takeAnswer('answer.dsse'), { exit: 3, code: 'ANSWER_REPLAYED' });
    },
    MOST_MS,
  );

  test(
    'it is approved and activated; both sides still hold together',
    async () => {
      for (const operator of ['an', 'binh']) expect(approve('mended.dsse', operator).code).toBe(0);
      await world.rootcaOk('grant', 'issue', 'mended.dsse', '--out', 'grant.bundle');
      await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
      await world.rootcaOk('verify');
      await world.subcaOk('verify');
    },
    MOST_MS,
  );
});

describe('a root that did not reject it', () => {
  const copy = (...args: readonly string[]): Ran => world.rootca(...args, '--dir', world.path('copy'));
  const approveAt = (file: string, operator: string, ...more: readonly string[]): Ran =>
    copy('application', 'approve', file, ...by(operator), '--yes', ...more);

  test(
    'does not take a mended application for one',
    () => {
      const { code, json } = approveAt('mended.dsse', 'an');
      expect([code, json.error?.code]).toEqual([3, 'MENDS_UNKNOWN']);
    },
    MOST_MS,
  );

  test(
    'approves by way of exception if every operator signs why',
    () => {
      const exception = (reason: string): readonly string[] => ['--override', '--reason', reason];
      expect(approveAt('application.dsse', 'an', ...exception('Thử nghiệm')).code).toBe(0);
      expect(approveAt('application.dsse', 'binh').json.error?.code).toBe('APPLICATION_INELIGIBLE');
      const { json } = approveAt('application.dsse', 'binh', ...exception('Đồng ý thử nghiệm'));
      expect(json).toMatchObject({
        status: 'approved',
        answers: [
          { operator: 'an', decision: 'approved', override: true, reason: 'Thử nghiệm' },
          { operator: 'binh', decision: 'approved', override: true, reason: 'Đồng ý thử nghiệm' },
        ],
      });
      expect(copy('verify').code).toBe(0);
    },
    MOST_MS,
  );
});
