/**
 * The lint, in the built programs: what root and node have made passes; what would break a rule is made by neither.
 *
 *   rootca init (refused, then made) ─ … ─ activate ─ lint of every certificate ─ issue with a bad profile, with linters
 */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { nodeHoldings } from '../support/refusal';
import { RSA_KEY, softHsmModule, World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.activated();
});

afterAll(() => {
  world.remove();
});

const ROOT = ['root', 'published', 'root.pem'] as const;
const SUB_CA = ['node', 'published', 'subca.pem'] as const;

function issue(): readonly string[] {
  return ['issue', '--profile', 'organisation', '--csr', 'org.csr', '--out', 'org.crt'];
}

/** Runs the work with another text in a file of the node, and puts the old one back. */
async function withText(
  file: readonly string[],
  change: (text: string) => string,
  work: () => Promise<void>,
): Promise<void> {
  const path = world.path(...file);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
  try {
    await work();
  } finally {
    writeFileSync(path, text);
  }
}

test('every certificate that root and node make passes, without a warning', async () => {
  world.csr('org', '/CN=SỞ NỘI VỤ', RSA_KEY);
  await world.subcaOk(...issue());
  const made: readonly (readonly [file: string, issuer: string])[] = [
    [world.path(...ROOT), world.path(...ROOT)],
    [world.path(...SUB_CA), world.path(...ROOT)],
    ...tlsCertificates().map((file) => [file, world.path(...ROOT)] as const),
    ['org.crt', world.path(...SUB_CA)],
  ];
  expect(made.length).toBe(4);
  made.forEach(([file, issuer], at) => {
    const { code, json } = world[at % 2 === 0 ? 'subca' : 'rootca']('lint', file, '--issuer', issuer);
    expect({ file, code, json }).toMatchObject({ code: 0, json: { errors: 0, warnings: 0, findings: [] } });
  });
});

function tlsCertificates(): readonly string[] {
  return readdirSync(world.path('root'))
    .filter((name) => /tls.*\.(pem|crt)$/.test(name))
    .map((name) => world.path('root', name));
}

test('what OpenSSL made by its defaults does not pass, and every finding is explained', () => {
  world.openssl(
    ...['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-keyout', 'weak.key', '-out', 'weak.crt'],
    ...['-subj', '/CN= x', '-sha1', '-days', '9000', '-set_serial', '1'],
  );
  const { code, json } = world.subca('lint', 'weak.crt');
  expect(code).toBe(3);
  const found = (json['findings'] as readonly { check: string; source: string }[]).map(({ check }) => check);
  expect(found).toEqual(
    expect.arrayContaining([
      'signature-algorithm-allowed',
      'serial-number-entropy',
      'name-value-trimmed',
      'subject-country-vn',
      'rsa-modulus-size',
      'key-usage-present',
    ]),
  );
  const { checks } = world.rootca('lint', '--list').json as unknown as {
    readonly checks: readonly { readonly id: string; readonly vi: string; readonly en: string }[];
  };
  expect(checks.length).toBeGreaterThan(100);
  for (const check of found) {
    expect(checks.find(({ id }) => id === check)).toMatchObject({
      vi: expect.stringMatching(/./) as string,
      en: expect.stringMatching(/./) as string,
    });
  }
});

test('the command says what it needs', () => {
  for (const words of [['lint'], ['lint', '--list', 'org.crt']]) {
    const { code, json } = world.subca(...words);
    expect({ code, error: json.error?.code }).toEqual({ code: 2, error: 'BAD_COMMAND_LINE' });
  }
  writeFileSync(world.path('no.crt'), 'no certificate');
  expect(world.subca('lint', 'no.crt')).toMatchObject({
    code: 2,
    json: { error: { code: 'PEM_MALFORMED' } },
  });
});

test('a profile that breaks a rule issues nothing', async () => {
  const profile = ['node', 'profiles', 'organisation.yaml'];
  const nonRepudiation = (text: string): string =>
    text.replace('keyUsage: [digitalSignature, ', 'keyUsage: [');
  await withText(profile, nonRepudiation, async () => {
    world.csr('org', '/CN=SỞ Y TẾ', RSA_KEY);
    const before = await nodeHoldings(world);
    const { code, json } = world.subca(...issue());
    expect({ code, error: json.error?.code }).toEqual({ code: 3, error: 'LINT_FAILED' });
    expect(json.error?.problems.map(({ where }) => where)).toEqual([
      'extensions.extKeyUsage [purpose-fits-usage]',
    ]);
    expect(await nodeHoldings(world)).toEqual(before);
  });
});

test.each([
  ['agrees', 'grep -q "BEGIN CERTIFICATE"', 0, undefined],
  ['refuses', 'cat > /dev/null; exit 1', 3, 'LINTER_REFUSED'],
  ['hangs', 'sleep 60', 4, 'LINTER_TIMED_OUT'],
  ['is missing', undefined, 2, 'LINTER_UNUSABLE'],
])('with a linter of its own that %s, the node acts on it', async (name, text, exit, code) => {
  const program = world.path(`linter-${name.replace(' ', '-')}`);
  if (text !== undefined) {
    writeFileSync(program, `#!/bin/sh\n${text}\n`);
    chmodSync(program, 0o755);
  }
  const configured = (config: string): string =>
    `${config}\nlint:\n  external: { command: ["${program}"], timeoutSeconds: 1 }\n`;
  await withText(['node', 'config.yaml'], configured, async () => {
    world.csr('org', `/CN=SỞ ${name.toUpperCase()}`, RSA_KEY);
    const ran = world.subca(...issue());
    expect({ exit: ran.code, code: ran.json.error?.code }).toEqual({ exit, code });
  });
});

test('a root that would not be of the country is not made; named rightly, it is', () => {
  for (const label of ['root2', 'registry2']) world.token(label);
  const init = (subject: string) =>
    world.rootca(
      ...['init', '--dir', world.path('root2'), '--name', 'registry.two', '--subject', subject],
      ...['--host', '127.0.0.1', '--module', softHsmModule(), '--root-key', 'p-384'],
      ...['--root-token', 'root2', '--root-pin-file', world.path('pins', 'root2')],
      ...['--registry-token', 'registry2', '--registry-pin-file', world.path('pins', 'registry2')],
    );
  const refused = init('C=LA, O=Ban Cơ yếu Chính phủ, CN=RootCA');
  expect({ code: refused.code, error: refused.json.error?.code }).toEqual({ code: 3, error: 'LINT_FAILED' });
  expect(refused.json.error?.problems.map(({ where }) => where)).toEqual(['subject.C [subject-country-vn]']);
  expect(init('C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA').code).toBe(0);
});
