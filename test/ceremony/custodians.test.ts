/** Key custodians: each shows who they are in one try a run, and what goes wrong is written down with their name. */
import { CeremonyError } from '../../src/ceremony';
import { CeremonyLog } from '../../src/ceremony/log';
import { HsmError } from '../../src/hsm';
import { expectCode } from '../support/matchers';
import { makeSoftHsm, type SoftHsm } from '../support/softhsm';
import { NODE_PLAN } from './plans';
import { TestCeremony, type Behaviour } from './stage';

/** The question right after the custodians have authenticated: the one that confirms the step. */
const AFTER = 7;
const pins = (given: Readonly<Record<string, string>>): Behaviour => ({ pins: given, breakOffAt: AFTER });

let softHsm: SoftHsm;

beforeAll(() => {
  softHsm = makeSoftHsm();
});

afterAll(() => {
  softHsm.remove();
});

async function events(
  ceremony: TestCeremony,
  type: 'failed' | 'enrolled' | 'authenticated',
): Promise<string[]> {
  const log = await CeremonyLog.open(ceremony.paths.log, ceremony.pinned.sha256, () => new Date());
  await log.close();
  return log
    .of(type)
    .map(({ event }) => `${event.person ?? ''}${event.type === 'failed' ? ` ${event.code}` : ''}`);
}

/** A ceremony whose custodians have authenticated. */
async function authenticated(plan = NODE_PLAN): Promise<TestCeremony> {
  const ceremony = await TestCeremony.planned(softHsm, plan);
  await expectCode(ceremony.run(pins({})), CeremonyError, 'PAUSED');
  return ceremony;
}

test('with a token, or with a PIN chosen then and there', async () => {
  const ceremony = await authenticated();
  expect(await events(ceremony, 'enrolled')).toEqual(['binh']);
  expect(await events(ceremony, 'authenticated')).toEqual(['binh', 'cuong']);
});

test('a wrong PIN of a person ends the run, and after five the ceremony', async () => {
  const ceremony = await authenticated();
  for (let left = 4; left >= 0; left -= 1) {
    const error = await expectCode(ceremony.run(pins({ binh: 'pin of bin' })), CeremonyError, 'PIN_WRONG');
    expect(error.params).toMatchObject({ left });
  }
  expect(await events(ceremony, 'failed')).toEqual(Array.from({ length: 5 }, () => 'binh PIN_WRONG'));
  await expectCode(ceremony.run(), CeremonyError, 'CUSTODIAN_LOCKED');
});

test('the right PIN after a wrong one goes on', async () => {
  const ceremony = await authenticated();
  await expectCode(ceremony.run(pins({ binh: 'another' })), CeremonyError, 'PIN_WRONG');
  await ceremony.run();
  await expectCode(ceremony.seal({ pins: { binh: 'another' } }), CeremonyError, 'PIN_WRONG');
  const { record } = await ceremony.seal();
  expect(record.failures.map(({ code, person }) => [code, person])).toEqual([
    ['PIN_WRONG', 'binh'],
    ['PIN_WRONG', 'binh'],
  ]);
});

test('a wrong PIN of a token is tried once, and never again', async () => {
  const ceremony = await authenticated();
  await expectCode(ceremony.run(pins({ cuong: '000000' })), HsmError, 'PIN_INCORRECT');
  await expectCode(ceremony.run(pins({ cuong: '000000' })), HsmError, 'PIN_REFUSED_BEFORE');
  expect(await events(ceremony, 'failed')).toEqual(['cuong PIN_INCORRECT', 'cuong PIN_REFUSED_BEFORE']);
  await ceremony.run();
});

test('the PINs of those without a token are asked again for each key', async () => {
  const ceremony = await authenticated();
  const generate = ceremony.pinned.script.steps.find(({ act }) => act.kind === 'generate')?.number ?? 0;
  await expectCode(ceremony.run({ breakOffAt: generate - AFTER + 1 }), CeremonyError, 'PAUSED');
  let asked = 0;
  const changing = {
    get binh(): string {
      asked += 1;
      return asked === 1 ? 'pin of binh' : 'somebody else';
    },
  };
  await expectCode(ceremony.run({ pins: changing }), CeremonyError, 'PIN_WRONG');
  expect(asked).toBe(2);
});

describe('a PIN that will not do', () => {
  test.each([
    ['too short', { binh: '12345' }],
    ['too long', { binh: '1'.repeat(65) }],
  ])('%s', async (_, given) => {
    const ceremony = await TestCeremony.planned(softHsm);
    await expectCode(ceremony.run(pins(given)), CeremonyError, 'PIN_UNFIT');
    await ceremony.run();
  });

  test('not typed twice alike', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    let typed = 0;
    const unlike = {
      get binh(): string {
        return `pin number ${String((typed += 1))}`;
      },
    };
    await expectCode(ceremony.run(pins(unlike)), CeremonyError, 'PIN_UNFIT');
  });

  test('the other custodian’s', async () => {
    const plan = NODE_PLAN.replace('role: key-custodian, token: { label: cuong }', 'role: key-custodian');
    const ceremony = await TestCeremony.planned(softHsm, plan);
    await expectCode(ceremony.run(pins({ binh: 'same-pin', cuong: 'same-pin' })), CeremonyError, 'PIN_UNFIT');
    expect(await events(ceremony, 'enrolled')).toEqual(['binh']);
    await expectCode(ceremony.run(pins({ binh: 'same-pin', cuong: 'own-pin' })), CeremonyError, 'PAUSED');
  });
});

test('no PIN stands in the folder', async () => {
  const ceremony = await authenticated();
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(ceremony.paths.log, 'utf8')).not.toContain('pin of binh');
});
