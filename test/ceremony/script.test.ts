/** The script: the same plan gives the same bytes, and no other bytes are its script. */
import { CeremonyError, makeScript, planSchema, type Plan } from '../../src/ceremony';
import { readScript, readScriptHead } from '../../src/ceremony/script';
import { readYaml } from '../../src/config';
import { expectCode } from '../support/matchers';
import { NODE_PLAN, ROOT_PLAN } from './plans';

const SOFTWARE = { name: 'subca-kit', version: '1.2.3' };
const planOf = (text: string): Plan => readYaml(text, planSchema, 'plan.yaml');
const script = makeScript(planOf(NODE_PLAN), SOFTWARE, false);

test('is the same whatever the order of the keys in the file', () => {
  const lines = NODE_PLAN.split('\n');
  const turned = [...lines.slice(1), lines[0] ?? ''].join('\n');
  expect(makeScript(planOf(turned), SOFTWARE, false).sha256).toBe(script.sha256);
  expect(readScript(script.bytes, SOFTWARE, 'script.json')).toEqual(script);
});

test('is another one for another plan, another version, and a rehearsal', () => {
  const others = [
    makeScript(planOf(NODE_PLAN.replace('Phòng máy chủ', 'Phòng họp')), SOFTWARE, false),
    makeScript(planOf(NODE_PLAN), { ...SOFTWARE, version: '1.2.4' }, false),
    makeScript(planOf(NODE_PLAN), SOFTWARE, true),
  ];
  expect(new Set([script, ...others].map(({ sha256 }) => sha256)).size).toBe(4);
});

test('numbers its steps from 1, in both languages, and makes each key once', () => {
  const { steps } = script.script;
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
  expect(steps.every(({ text, expected }) => [text, expected].every(({ vi, en }) => vi !== en))).toBe(true);
  const made = steps.flatMap(({ act }) => (act.kind === 'generate' ? [act.role] : []));
  expect(made).toEqual(['ca', 'journal', 'ocsp']);
  expect(steps.some(({ act }) => act.kind === 'certificate')).toBe(false);
  const root = makeScript(planOf(ROOT_PLAN), SOFTWARE, false).script.steps.map(({ act }) => act.kind);
  expect(root.indexOf('certificate')).toBeGreaterThan(root.lastIndexOf('generate'));
});

test('authenticates before the first key', () => {
  const kinds = script.script.steps.map(({ act }) => act.kind);
  const order = [
    'software',
    'device',
    'custodians',
    'absence',
    'generate',
    'attributes',
    'public-key',
    'seal',
    'check',
  ];
  expect(order.map((kind) => kinds.findIndex((each) => each === kind)).toSorted((a, b) => a - b)).toEqual(
    order.map((kind) => kinds.findIndex((each) => each === kind)),
  );
});

test('changed by hand it is refused', async () => {
  const text = script.bytes.toString('utf8');
  for (const other of [
    text.replace('"number":1', '"number":01'),
    text.replace('"number":1', '"number":9'),
    text.replace('less than one minute', 'less than one hour'),
    `${text}\n`,
    text.slice(1),
    '{}',
  ]) {
    expect(other).not.toBe(text);
    await expectCode(() => readScript(Buffer.from(other), SOFTWARE, 'f'), CeremonyError, 'SCRIPT_ALTERED');
  }
});

test('of another version of the software it is not run, but can be named', async () => {
  const running = { ...SOFTWARE, version: '2.0.0' };
  await expectCode(() => readScript(script.bytes, running, 'f'), CeremonyError, 'SCRIPT_OF_OTHER_VERSION');
  expect(readScriptHead(script.bytes, 'f')).toMatchObject({
    sha256: script.sha256,
    plan: script.script.plan,
  });
});

test('a rehearsal has no serial numbers, no other modules, and demands no certificate', () => {
  const plan = planOf(
    NODE_PLAN.replace('{ label: node }', "{ label: node, serial: '77' }").replace(
      '{ label: cuong }',
      "{ label: cuong, serial: '78', module: /other.so }",
    ),
  );
  const rehearsed = makeScript(plan, SOFTWARE, true).script.plan;
  expect(rehearsed.tokens).toEqual([{ label: 'node' }]);
  expect(rehearsed.people[2]?.token).toEqual({ label: 'cuong' });
  expect(rehearsed.keys).toEqual(plan.keys);
});
