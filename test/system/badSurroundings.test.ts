/**
 * What can be wrong around the node: PIN, token, module, database, configuration, and changes of status that cannot be.
 * Each is refused with its own exit code and a coded error; nothing is spent and nothing half-written.
 *
 *   token ─┐
 *   PIN  ──┤
 *   config ┼─► subca ◄── revoke, suspend, resume
 *   subca.db
 *
 * Before and after each, all rows and files of the node are compared.
 */
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tokenState } from '../support/holdings';
import { RawDatabase } from '../support/rawDatabase';
import { expectRefusal, nodeHoldings, type Refusal } from '../support/refusal';
import { World } from '../support/world';

let world: World;
/** The node's good certificates: one in force, one revoked. */
let inForce: string;
let revoked: string;

beforeAll(async () => {
  world = await World.activated();
  world.csr('good', '/CN=SỞ NỘI VỤ');
  world.csr('other', '/CN=SỞ TƯ PHÁP');
  world.csr('elsewhere', '/O=ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG/CN=SỞ NỘI VỤ');
  const issue = async (name: string): Promise<string> =>
    (
      await world.subcaOk(
        'issue',
        '--profile',
        'organisation',
        '--csr',
        await world.newCsr(),
        '--subject',
        `CN=${name}`,
      )
    )['serialNumber'] as string;
  inForce = await issue('SỞ NỘI VỤ');
  revoked = await issue('SỞ TÀI CHÍNH');
  await world.subcaOk('revoke', revoked, '--reason', 'superseded', '--yes');
});

afterAll(() => {
  world.remove();
});

/** Runs the command, which must be refused as told and leave the node as it was. */
function refuses(words: readonly string[], refusal: Refusal): Promise<void> {
  return expectRefusal(world, words, refusal);
}

function write(name: string, content: string, mode = 0o644): string {
  writeFileSync(world.path(name), content, { mode });
  return name;
}

describe('a PIN', () => {
  const issue = (pinFile: string): readonly string[] => [
    ...['issue', '--profile', 'organisation', '--csr', 'good.csr', '--subject', 'CN=SỞ CÔNG AN'],
    ...['--pin-file', pinFile],
  ];
  const memory = (): { readonly records: readonly unknown[] } =>
    JSON.parse(world.read('node', 'refused-pins.json').toString('utf8')) as { records: unknown[] };

  test('that is wrong costs one try; the same again is not even shown to the token; the right one works', async () => {
    write('wrong-pin', 'pin-nodd\n', 0o600);
    const before = tokenState(world.path('tokens'));
    await refuses(issue('wrong-pin'), { exit: 3, code: 'PIN_INCORRECT', params: { token: 'node' } });
    // The token has noted the failed try.
    const after = tokenState(world.path('tokens'));
    expect(after).not.toBe(before);
    expect(memory().records).toHaveLength(1);
    expect(world.read('node', 'refused-pins.json').toString('utf8')).not.toContain('pin-nodd');

    for (let again = 0; again < 3; again += 1) {
      await refuses(issue('wrong-pin'), { exit: 3, code: 'PIN_REFUSED_BEFORE', params: { token: 'node' } });
    }
    expect(tokenState(world.path('tokens'))).toBe(after);
    expect(memory().records).toHaveLength(1);

    await world.subcaOk(...issue(world.path('pins', 'node')));
    expect(memory().records).toHaveLength(0);
  });

  test('in a file that others can read is not used', async () => {
    write('open-pin', 'pin-node\n', 0o644);
    const before = tokenState(world.path('tokens'));
    const params = { file: world.path('open-pin'), mode: '0644' };
    await refuses(issue('open-pin'), { exit: 2, code: 'PIN_FILE_MODE', params });
    expect(tokenState(world.path('tokens'))).toBe(before);
  });

  test('in no file, and with nobody to ask', async () => {
    const params = { source: 'file', reason: 'ENOENT' };
    await refuses(issue('no-pin'), { exit: 2, code: 'PIN_SOURCE_UNREADABLE', params });
  });
});

describe('the HSM and the database', () => {
  const command = ['issue', '--profile', 'organisation', '--csr', 'other.csr'];

  test('a token that is not there', async () => {
    renameSync(world.path('tokens'), world.path('tokens.away'));
    try {
      mkdirSync(world.path('tokens'));
      await refuses(command, { exit: 4, code: 'TOKEN_ABSENT', params: { label: 'node', found: '' } });
    } finally {
      cpSync(world.path('tokens.away'), world.path('tokens'), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    await world.subcaOk('crl', 'publish');
  });

  test('a PKCS#11 module that is not there', async () => {
    const config = world.read('node', 'config.yaml').toString('utf8');
    const module = '/usr/lib/nowhere/libpkcs11.so';
    write('node/config.yaml', config.replace(/^( *module:).*$/m, `$1 ${module}`));
    await refuses(command, { exit: 4, code: 'MODULE_UNAVAILABLE', params: { module } });
    write('node/config.yaml', config);
  });

  test('a database that another process is writing', async () => {
    const other = await RawDatabase.open(world.path('node', 'subca.db'));
    const before = await nodeHoldings(world);
    await other.rows('BEGIN IMMEDIATE');
    try {
      const { code, json } = world.subca(...command);
      expect([code, json.error?.code]).toEqual([4, 'DATABASE_BUSY']);
      expect(json.error?.params).toMatchObject({ file: world.path('node', 'subca.db') });
      // Reading goes on meanwhile.
      await world.subcaOk('status');
    } finally {
      await other.rows('ROLLBACK');
      await other.close();
    }
    expect(await nodeHoldings(world)).toEqual(before);
    expect(await world.subcaOk(...command)).toMatchObject({ existing: false });
  });
});

describe('the configuration', () => {
  let config: string;
  beforeAll(() => {
    config = world.read('node', 'config.yaml').toString('utf8');
  });
  afterEach(() => {
    write('node/config.yaml', config);
  });

  test('with keys nobody knows and values that are none: all of them, each with its line', async () => {
    const bad = config.replace(/^public:/m, 'pubic: 1\npublic:').replace(/^( *)port: .*$/m, '$1port: many');
    const line = (text: string): number => bad.split('\n').findIndex((one) => one.includes(text)) + 1;
    write('node/config.yaml', bad);
    await refuses(['status'], {
      exit: 2,
      code: 'CONFIG_INVALID',
      params: { count: 2 },
      problems: [
        {
          code: 'UNKNOWN_KEY',
          where: new RegExp(`config\\.yaml:${String(line('pubic'))} pubic$`),
          allowed: /public/,
        },
        {
          code: 'BAD_VALUE',
          where: new RegExp(`config\\.yaml:${String(line('port: many'))} public\\.port$`),
          found: '"many"',
          allowed: 'number',
        },
      ],
    });
  });

  test('that is no YAML', async () => {
    write('node/config.yaml', config.replace(/^token: .*$/m, 'token: node: other'));
    const line = config.split('\n').findIndex((one) => one.startsWith('token: ')) + 1;
    const { code, json } = world.subca('status');
    expect([code, json.error?.code]).toEqual([2, 'CONFIG_INVALID']);
    expect(json.error?.problems.map(({ where }) => Number(/config\.yaml:(\d+)/.exec(where)?.[1]))).toContain(
      line,
    );
  });

  test('that is a profile with a mistake in it', async () => {
    const file = 'node/profiles/organisation.yaml';
    const profile = readFileSync(world.path(file), 'utf8');
    write(file, profile.replace('rsa-2048', 'rsa-1024'));
    await refuses(['issue', '--profile', 'organisation', '--csr', 'good.csr', '--out', 'never.crt'], {
      exit: 2,
      code: 'CONFIG_INVALID',
      problems: [
        { where: /organisation\.yaml:\d+ keyAlgorithms\[1\]/, found: '"rsa-1024"', allowed: /rsa-2048/ },
      ],
    });
    write(file, profile);
  });
});

describe('a change of status', () => {
  test.each<[string, () => readonly string[], Refusal]>([
    [
      'of a certificate this node never issued',
      () => ['revoke', '01000000ffff00000000000000000000', '--reason', 'superseded', '--yes'],
      {
        exit: 2,
        code: 'CERTIFICATE_UNKNOWN',
        params: { serialNumber: '01000000ffff00000000000000000000' },
      },
    ],
    [
      'to revoked, twice',
      () => ['revoke', revoked, '--reason', 'cessationOfOperation', '--yes'],
      { exit: 3, code: 'STATUS_CHANGE_REFUSED', params: { status: 'revoked', change: 'revoked' } },
    ],
    [
      'to suspended, once revoked',
      () => ['suspend', revoked],
      { exit: 3, code: 'STATUS_CHANGE_REFUSED', params: { status: 'revoked', change: 'suspended' } },
    ],
    [
      'to resumed, never suspended',
      () => ['resume', inForce],
      { exit: 3, code: 'STATUS_CHANGE_REFUSED', params: { status: 'issued', change: 'resumed' } },
    ],
    [
      'that nobody confirms',
      () => ['revoke', inForce, '--reason', 'superseded'],
      { exit: 2, code: 'CONFIRMATION_NEEDED' },
    ],
  ])('%s', async (_, args, refusal) => {
    await refuses(args(), refusal);
  });

  test('takes a serial number as people copy it', async () => {
    const copied = (inForce.toUpperCase().match(/../g) ?? []).join(':');
    expect(await world.subcaOk('suspend', copied)).toMatchObject({
      serialNumber: inForce,
      status: 'suspended',
    });
    expect(await world.subcaOk('resume', ` ${copied} `)).toMatchObject({ status: 'issued' });
  });
});

test('people read all this in Vietnamese, with the code', () => {
  const { code, stdout, stderr } = world.told(
    'subca',
    { LANG: 'vi_VN.UTF-8' },
    ...['issue', '--profile', 'organisation', '--csr', 'elsewhere.csr'],
  );
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('[OUTSIDE_GRANT]');
  expect(stderr).toMatch(/^Lỗi: .*[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/mu);
  expect(stderr).toContain('chủ thể, O: ngoài phạm vi ủy quyền — gặp: ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG');
});

test('and after all of it, everything still holds', async () => {
  await world.subcaOk('verify');
});
