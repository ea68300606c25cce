/** The plan of a ceremony: the templates are plans; whatever is wrong is told all at once, each with its line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planSchema, type Plan } from '../../src/ceremony';
import { ConfigError, readYaml, TEMPLATES } from '../../src/config';
import { expectCode } from '../support/matchers';
import { NEXT_KEY_PLAN, NODE_PLAN, ROOT_PLAN } from './plans';

const read = (text: string): Plan => readYaml(text, planSchema, 'plan.yaml');

/** Each problem as `line where: code allowed`. */
async function problemsOf(text: string): Promise<readonly string[]> {
  const error = await expectCode(() => read(text), ConfigError, 'CONFIG_INVALID');
  return error.problems.map(
    ({ code, where, allowed }) => `${where.replace('plan.yaml:', '')}: ${code} ${allowed}`,
  );
}

const changed = (from: string | RegExp, to: string, text = NODE_PLAN): string => {
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
};

test.each(['ceremony-subca.yaml', 'ceremony-subca-rollover.yaml', 'ceremony-rootca.yaml'])(
  '%s is a plan',
  (name) => {
    const plan = read(readFileSync(join(TEMPLATES, name), 'utf8'));
    expect(plan.people).toHaveLength(5);
  },
);

test('the plans of these tests are plans', () => {
  expect(read(NODE_PLAN).party).toBe('node');
  expect(read(ROOT_PLAN).party).toBe('root');
});

test('letters with marks are one letter, however they were typed', () => {
  const typed = read(changed('Nguyễn Văn An', 'Nguyễn Văn An'.normalize('NFD')));
  expect(typed).toEqual(read(NODE_PLAN));
});

test('everything that is wrong is told at once, with its line', async () => {
  const text = `title: ''
party: node
name: 15-1
place: Lào Cai
date: 2026-13-01
color: blue
people:
  - { id: an, name: Nguyễn Văn An, role: master-of-ceremonies }
  - { id: an, name: Nguyễn  văn an, role: key-custodian }
  - { id: binh, name: Bình, role: witness, token: { label: x, pin: 123456 } }
tokens:
  - { label: laocai }
  - { label: laocai }
  - { label: unused }
keys:
  - { role: ca, algorithm: rsa-1024, token: laocai, label: same }
  - { role: journal, algorithm: p-384, token: lost, label: same }
  - { role: root, algorithm: p-256, token: laocai, label: third }
policy: { certifiedHsm: required }
certificate: { subject: nobody }
`;
  expect(await problemsOf(text)).toEqual([
    '1 title: BAD_VALUE text on one line',
    '5 date: BAD_VALUE a day such as 2026-12-31',
    '6 color: UNKNOWN_KEY title, party, name, place, date, people, tokens, keys, policy, certificate',
    '7 people: BAD_VALUE ≥ 2 × role: key-custodian',
    '9 people[1].id: BAD_VALUE a different id for each person',
    '9 people[1].name: BAD_VALUE each person once, in one role; namesakes told apart in the name',
    '10 people[2].token.pin: UNKNOWN_KEY label, serial, module',
    '10 people[2].token: BAD_VALUE only with role: key-custodian',
    '12 tokens[0]: BAD_VALUE certified: …, as policy.certifiedHsm demands',
    '13 tokens[1].label: BAD_VALUE each token once',
    '13 tokens[1]: BAD_VALUE certified: …, as policy.certifiedHsm demands',
    '14 tokens[2]: BAD_VALUE a token that one of the keys names',
    '14 tokens[2]: BAD_VALUE certified: …, as policy.certifiedHsm demands',
    '15 keys: BAD_VALUE role: ocsp',
    '16 keys[0].algorithm: BAD_VALUE rsa-2048 | rsa-3072 | rsa-4096 | p-256 | p-384',
    '17 keys[1].label: BAD_VALUE a different label for each key',
    '17 keys[1].algorithm: BAD_VALUE p-256',
    '17 keys[1].token: BAD_VALUE laocai | unused',
    '18 keys[2].role: BAD_VALUE ca | journal | ocsp',
    '20 certificate.subject: BAD_VALUE a name such as C=VN, O=…, CN=…',
    '20 certificate: BAD_VALUE only with party: root',
  ]);
});

test('a key signs with what fits it', async () => {
  const withCa = (key: string): string => changed('{ role: ca, algorithm: p-256,', `{ role: ca, ${key},`);
  for (const good of ['rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-sha256']) {
    const plan = read(withCa(`algorithm: rsa-3072, signature: ${good}`));
    expect(plan.keys[0]).toMatchObject({ algorithm: 'rsa-3072', signature: good });
  }
  expect(await problemsOf(withCa('algorithm: p-256, signature: rsa-pss-sha256'))).toEqual([
    '14 keys[0].signature: BAD_VALUE ecdsa-sha256',
  ]);
  expect(await problemsOf(withCa('algorithm: rsa-2048, signature: md5'))).toEqual([
    '14 keys[0].signature: BAD_VALUE rsa-sha256 | rsa-pss-sha256 | rsa-pss-sha384 | ecdsa-sha256 | ecdsa-sha384',
  ]);
});

test('a file that is no plan at all is told so', async () => {
  for (const text of ['', '[]', 'people: 3', 'people: [1, null]\ntokens: [[]]\nkeys: {}']) {
    expect((await problemsOf(text)).length).toBeGreaterThan(0);
  }
});

describe('the next CA key of a node', () => {
  test('is planned alone, of any type', () => {
    const pss = 'algorithm: rsa-3072, signature: rsa-pss-sha256';
    const plan = read(changed('algorithm: p-256', pss, NEXT_KEY_PLAN));
    expect(plan.keys).toMatchObject([{ role: 'ca-e2', algorithm: 'rsa-3072' }]);
  });

  test('a second key beside it, a generation there cannot be, and a root that has none are refused', async () => {
    const journal = '  - { role: journal, algorithm: p-256, token: node, label: 15-1-journal-e2 }\n';
    expect(await problemsOf(changed('policy:', `${journal}policy:`, NEXT_KEY_PLAN))).toEqual([
      '15 keys[1].role: BAD_VALUE ca-e2',
    ]);
    for (const role of ['ca-e1', 'ca-e02', 'ca-e128', 'journal-e2']) {
      expect((await problemsOf(changed('role: ca-e2,', `role: ${role},`, NEXT_KEY_PLAN))).join()).toContain(
        'keys[0].role: BAD_VALUE ca | journal | ocsp | root | registry | ca-e2 | ca-e3 | …',
      );
    }
    expect((await problemsOf(changed('role: root,', 'role: ca-e2,', ROOT_PLAN))).join()).toContain(
      'keys[0].role: BAD_VALUE root | registry',
    );
  });
});

describe('one person, one role', () => {
  test.each([
    [
      'the same name twice',
      changed('Trần Thị Bình', 'NGUYỄN  VĂN AN'),
      /people\[1\]\.name: BAD_VALUE each person once/,
    ],
    ['the same id twice', changed('id: binh', 'id: an'), /people\[1\]\.id: BAD_VALUE a different id/],
    [
      'nobody leads',
      changed('role: master-of-ceremonies', 'role: auditor'),
      /people: BAD_VALUE 1 × role: master/,
    ],
    [
      'one custodian',
      changed(/role: key-custodian/, 'role: auditor'),
      /people: BAD_VALUE ≥ 2 × role: key-custodian/,
    ],
    [
      'nobody looks on',
      changed(/ {2}- \{ id: dung.*\n/, ''),
      /people: BAD_VALUE ≥ 1 × role: witness \| auditor/,
    ],
  ])('%s', async (_, text, expected) => {
    expect((await problemsOf(text)).some((problem) => expected.test(problem))).toBe(true);
  });
});

describe('custodians’ tokens', () => {
  const alsoWithToken = (label: string): string =>
    changed('position: Trưởng phòng, role: key-custodian', `role: key-custodian, token: { label: ${label} }`);

  test('one each', () => {
    expect(read(alsoWithToken('binh')).people[1]?.token).toEqual({ label: 'binh' });
  });

  test.each([
    ['shared', alsoWithToken('cuong'), /people\[2\]\.token\.label: BAD_VALUE a different token/],
    [
      'the one of the keys',
      alsoWithToken('node'),
      /people\[1\]\.token\.label: BAD_VALUE a token of their own/,
    ],
  ])('%s', async (_, text, expected) => {
    expect((await problemsOf(text)).join('\n')).toMatch(expected);
  });
});

describe('the root', () => {
  test.each([
    [
      'without a certificate',
      changed(/certificate:.*\n/, '', ROOT_PLAN),
      /certificate: BAD_VALUE subject: C=VN/,
    ],
    [
      'both keys on one token',
      changed('token: registry', 'token: root', ROOT_PLAN),
      /keys\[1\]\.token: BAD_VALUE another/,
    ],
    [
      'a key of a node',
      changed('role: registry,', 'role: ca,', ROOT_PLAN),
      /keys\[1\]\.role: BAD_VALUE root \| registry/,
    ],
  ])('%s', async (_, text, expected) => {
    expect((await problemsOf(text)).join('\n')).toMatch(expected);
  });
});

describe('certified devices', () => {
  const certified = (model: string): string =>
    changed(
      '- { label: node }',
      `- { label: node, certified: { scheme: FIPS, number: '1', manufacturer: Maker, model: ${model} } }`,
      changed('certifiedHsm: recorded', 'certifiedHsm: required'),
    );

  test('named where they are demanded', async () => {
    expect(read(certified('Box 7')).tokens[0]?.certified?.model).toBe('Box 7');
    expect(
      (await problemsOf(changed('certifiedHsm: recorded', 'certifiedHsm: required'))).join('\n'),
    ).toMatch(/tokens\[0\]: BAD_VALUE certified/);
  });

  test('software has no certificate', async () => {
    expect((await problemsOf(certified('SoftHSM v2'))).join('\n')).toMatch(
      /certified\.model: BAD_VALUE a device/,
    );
  });
});
