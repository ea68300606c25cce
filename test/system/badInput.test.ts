/**
 * What people can hand to the node that is wrong: each is refused with its own exit code and a coded error that names
 * the place, what was found and what is allowed; nothing is spent and nothing half-written.
 *
 *   rootca ─ grant.bundle ─► subca ◄── command lines, requests, tables of requests: all of them wrong
 *
 * Before and after each, all rows and files of the node are compared.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { der, OID } from '../../src/asn1';
import { encodeName, encodePem } from '../../src/x509';
import { expectRefusal, type Refusal } from '../support/refusal';
import { EC_KEY, World } from '../support/world';

let world: World;

beforeAll(async () => {
  world = await World.granted();
  world.csr('good', '/CN=SỞ NỘI VỤ');
  world.csr('person', '/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn');
});

afterAll(() => {
  world.remove();
});

/** Runs the command, which must be refused as told and leave the node as it was. */
function refuses(words: readonly string[], refusal: Refusal): Promise<void> {
  return expectRefusal(world, words, refusal);
}

function write(name: string, content: string | Buffer, mode = 0o644): string {
  writeFileSync(world.path(name), content, { mode });
  return name;
}

/** A request with any key at all, signed by a key of our own: its key is looked at before its signature. */
function requestOf(spki: Buffer): Buffer {
  const name = encodeName([{ type: 'CN', value: 'SỞ NỘI VỤ' }]);
  const info = der.sequence(der.integer(0), name, spki, der.implicitConstructed(0));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = der.sequence(der.oid(OID.sha256WithRsaEncryption), der.nullValue());
  return der.sequence(info, algorithm, der.bitString(sign('sha256', info, privateKey)));
}

function rsaWithExponent(exponent: number): Buffer {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '' } = publicKey.export({ format: 'jwk' });
  const key = der.sequence(der.unsignedInteger(Buffer.from(n, 'base64url')), der.integer(exponent));
  return der.sequence(der.sequence(der.oid(OID.rsaEncryption), der.nullValue()), der.bitString(key));
}

describe('before its time', () => {
  test('a folder without a node is told apart from a node, and stays as it is', () => {
    mkdirSync(world.path('empty'));
    for (const command of ['status', 'verify', 'sync', 'serve']) {
      const { code, json } = world.subca(command, '--dir', world.path('empty'));
      expect([code, json.error?.code]).toEqual([2, 'NOT_INITIALISED']);
    }
    expect(world.rootca('verify', '--dir', world.path('empty')).code).toBe(2);
    expect(readdirSync(world.path('empty'))).toEqual([]);
  });

  test('what was wrong in the first try of init is not kept for the second', () => {
    const directory = world.path('second-try');
    const init = (...words: readonly string[]): unknown => {
      const { code, json } = world.subca(
        ...['init', '--dir', directory, '--organisation', '15', '--node', '15-9'],
        ...['--module', world.path('no-module.so'), '--ca-key', 'p-256', ...words],
      );
      return [code, json.error?.code];
    };
    expect(init('--token', 'node', '--host', 'http://ca.laocai.gov.vn')).toEqual([2, 'BAD_COMMAND_LINE']);
    expect(existsSync(directory)).toBe(false);
    expect(init('--token', 'nodee', '--host', 'ca.laocai.gov.vn', '--pin-file', 'no-pin')).toEqual([
      4,
      'MODULE_UNAVAILABLE',
    ]);
    const config = join(directory, 'config.yaml');
    appendFileSync(config, '\n# Ghi chú của quản trị viên\n');
    expect(init('--token', 'node', '--host', 'ca.laocai.gov.vn', '--pin-file', 'pins/node')).toEqual([
      4,
      'MODULE_UNAVAILABLE',
    ]);
    const text = readFileSync(config, 'utf8');
    expect(text).toContain(`label: node\n      pin:\n        file: ${world.path('pins', 'node')}`);
    expect(text).not.toMatch(/nodee|no-pin/);
    expect(text).toContain('# Ghi chú của quản trị viên');
  });

  test.each([
    ['issue --profile organisation --csr good.csr --out early.crt'],
    ['revoke 01000000000100000000000000000000 --reason superseded --yes'],
    ['certificate list'],
    ['crl publish'],
    ['sync'],
    ['sync export early.submission'],
    ['verify'],
    ['serve'],
  ])('without a grant: subca %s', async (line) => {
    await refuses(line.split(' '), { exit: 3, code: 'NOT_ACTIVATED' });
    expect(existsSync(world.path('early.crt'))).toBe(false);
    expect(existsSync(world.path('early.submission'))).toBe(false);
  });
});

describe('at an activated node', () => {
  beforeAll(async () => {
    await world.subcaOk('activate', 'grant.bundle', '--root-fingerprint', world.fingerprint);
    await world.subcaOk('issue', '--profile', 'organisation', '--csr', 'good.csr', '--out', 'good.crt');
  });

  describe('a request', () => {
    const issue = (csr: string, ...more: readonly string[]): readonly string[] => [
      ...['issue', '--profile', 'organisation', '--csr', csr, '--out', 'never.crt', ...more],
    ];
    afterEach(() => {
      expect(existsSync(world.path('never.crt'))).toBe(false);
    });

    test('with a broken signature', async () => {
      const pem = world.read('good.csr').toString('ascii');
      const bytes = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      write('broken.csr', encodePem('CERTIFICATE REQUEST', bytes));
      await refuses(issue('broken.csr'), { exit: 2, code: 'REQUEST_SIGNATURE_INVALID' });
    });

    test('with RSA-1024', async () => {
      world.csr('weak', '/CN=SỞ NỘI VỤ', ['rsa:1024']);
      const params = { bits: 1024, allowed: '2048, 3072, 4096' };
      await refuses(issue('weak.csr'), { exit: 2, code: 'KEY_TOO_WEAK', params });
    });

    test('with exponent 3, made by OpenSSL', async () => {
      world.csr('three', '/CN=SỞ NỘI VỤ', ['rsa:2048', '-pkeyopt', 'rsa_keygen_pubexp:3']);
      await refuses(issue('three.csr'), { exit: 2, code: 'KEY_EXPONENT', params: { exponent: '3' } });
    });

    test('with an even exponent', async () => {
      write('even.csr', requestOf(rsaWithExponent(65_538)));
      await refuses(issue('even.csr'), { exit: 2, code: 'KEY_EXPONENT', params: { exponent: '65538' } });
    });

    test('on the curve secp256k1', async () => {
      world.csr('koblitz', '/CN=SỞ NỘI VỤ', ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']);
      const params = { allowed: 'p-256, p-384' };
      await refuses(issue('koblitz.csr'), { exit: 2, code: 'CURVE_NOT_ALLOWED', params });
    });

    test.each([
      ['garbage', Buffer.from('garbage, not a request'), 'PEM_MALFORMED'],
      ['an empty file', Buffer.alloc(0), 'PEM_MALFORMED'],
      ['bytes that begin like DER', Buffer.from('3082010030820100', 'hex'), 'REQUEST_MALFORMED'],
      ['10 MB of zeros', Buffer.alloc(10_000_000), 'FILE_TOO_LARGE'],
    ])('that is %s', async (_, bytes, code) => {
      await refuses(issue(write('odd.csr', bytes)), { exit: 2, code });
    });

    test('that is a certificate, a folder, or not there', async () => {
      await refuses(issue('good.crt'), { exit: 2, code: 'PEM_MALFORMED' });
      await refuses(issue('node'), { exit: 2, code: 'FILE_NOT_READ', params: { reason: 'EISDIR' } });
      await refuses(issue('nowhere.csr'), { exit: 2, code: 'FILE_NOT_READ', params: { reason: 'ENOENT' } });
    });

    test('for a profile nobody knows', async () => {
      await refuses(['issue', '--profile', 'minister', '--csr', 'good.csr', '--out', 'never.crt'], {
        exit: 2,
        code: 'PROFILE_UNKNOWN',
        params: {
          profile: 'minister',
          known:
            'device, individual, ocsp-responder, officer, organisation, timestamping, title-holder, tls-server',
        },
      });
    });

    test('for the profile that answers in the name of the CA', async () => {
      await refuses(['issue', '--profile', 'ocsp-responder', '--csr', 'good.csr', '--out', 'never.crt'], {
        exit: 3,
        code: 'PROFILE_NOT_FOR_SUBSCRIBERS',
        params: { profile: 'ocsp-responder' },
      });
    });

    test('with an e-mail address outside the granted domain', async () => {
      world.csr('stranger', '/CN=Nguyễn Văn An/emailAddress=an@laocai.gov.vn.example.com');
      await refuses(['issue', '--profile', 'individual', '--csr', 'stranger.csr', '--out', 'never.crt'], {
        exit: 3,
        code: 'OUTSIDE_GRANT',
        problems: [
          { where: 'subject.E', found: 'an@laocai.gov.vn.example.com', allowed: 'laocai.gov.vn' },
          { where: 'subjectAltName.email', found: 'an@laocai.gov.vn.example.com' },
        ],
      });
    });

    test('without the e-mail address its profile asks for', async () => {
      await refuses(['issue', '--profile', 'individual', '--csr', 'good.csr', '--out', 'never.crt'], {
        exit: 2,
        code: 'REQUEST_UNFIT',
        problems: [{ code: 'MISSING', where: 'subjectAltName.email', allowed: '≥ 1' }],
      });
    });

    test('for an organisation of another province', async () => {
      const other = 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG';
      world.csr('elsewhere', `/O=${other}/CN=SỞ NỘI VỤ`);
      const allowed = 'ỦY BAN NHÂN DÂN TỈNH LÀO CAI';
      await refuses(issue('elsewhere.csr'), {
        exit: 3,
        code: 'OUTSIDE_GRANT',
        problems: [{ code: 'OUTSIDE_GRANT', where: 'subject.O', found: other, allowed }],
      });
      await refuses(issue('good.csr', '--subject', `O=${other}`), { exit: 3, code: 'OUTSIDE_GRANT' });
    });

    test('with a name too long, or of letters nobody can see', async () => {
      await refuses(issue('good.csr', '--subject', `CN=${'Ơ'.repeat(65)}`), {
        exit: 2,
        code: 'REQUEST_UNFIT',
        problems: [{ where: 'subject.CN', found: '65', allowed: '1–64' }],
      });
      await refuses(issue('good.csr', '--subject', 'CN=SỞ NỘI\u200b VỤ'), {
        exit: 2,
        code: 'REQUEST_UNFIT',
        problems: [{ where: 'subject.CN', found: '#7 U+200B' }],
      });
    });

    test('that would be fine, but the certificate could not be written, is not spent', async () => {
      const csr = world.csr('late', '/CN=SỞ TÀI CHÍNH', EC_KEY);
      const issue = ['issue', '--profile', 'organisation', '--csr', csr];
      for (const out of ['no/late.crt', 'pins']) {
        const { code, json } = world.subca(...issue, '--out', out);
        expect([code, json.error?.code]).toEqual([4, 'FILE_NOT_WRITTEN']);
      }
      expect(await world.subcaOk(...issue)).toMatchObject({ existing: false });
    });
  });

  describe('a command line', () => {
    test.each<[string, string, Refusal]>([
      [
        'an unknown option',
        'issue --profle organisation --csr good.csr',
        { exit: 2, code: 'UNKNOWN_OPTION', params: { option: '--profle', suggestion: '--profile' } },
      ],
      [
        'an unknown command',
        'isue --csr good.csr',
        { exit: 2, code: 'UNKNOWN_COMMAND', params: { command: 'isue', suggestion: 'issue' } },
      ],
      [
        'one certificate and many at once',
        'issue --profile organisation --csr good.csr --batch x.csv',
        { exit: 2, code: 'BAD_COMMAND_LINE', problems: [{ code: 'MISSING', where: 'subca issue' }] },
      ],
      [
        'an attribute that no name has',
        'issue --profile organisation --csr good.csr --subject X=1',
        {
          exit: 2,
          code: 'BAD_COMMAND_LINE',
          problems: [{ where: /--subject/, found: 'X=1', allowed: /CN=/ }],
        },
      ],
      [
        'a reason that is none',
        'revoke 01000000000100000000000000000000 --reason bored --yes',
        {
          exit: 2,
          code: 'BAD_COMMAND_LINE',
          problems: [{ where: '--reason <reason>', found: 'bored', allowed: /keyCompromise/ }],
        },
      ],
      [
        'a serial number that is none',
        'certificate show 0123',
        {
          exit: 2,
          code: 'BAD_COMMAND_LINE',
          problems: [{ where: '<serial>', found: '0123', allowed: '32 × 0-9 a-f' }],
        },
      ],
    ])('with %s', async (_, line, refusal) => {
      await refuses(line.split(' '), refusal);
    });
  });

  describe('a table of requests', () => {
    const HEADING = 'profile,csr,name,CN,E';
    const GOOD = 'organisation,y-te.csr,one,SỞ Y TẾ,';
    beforeAll(() => {
      for (const name of ['y-te', 'tu-phap', 'ngoai-vu']) world.csr(name, '/CN=x');
    });
    const batch = (content: string | Buffer): readonly string[] => [
      ...['issue', '--batch', write('batch.csv', content), '--out-dir', 'batch'],
    ];
    afterEach(() => {
      expect(existsSync(world.path('batch'))).toBe(false);
    });

    test('with columns nobody knows, without those it needs, or with one twice', async () => {
      await refuses(batch(`profile,Họ và tên,name,name\n${GOOD}\n`), {
        exit: 2,
        code: 'BATCH_INVALID',
        problems: [
          { code: 'UNKNOWN_KEY', where: 'row 1', found: 'Họ và tên', allowed: /^profile, csr, name, C/ },
          { code: 'MISSING', where: 'row 1', allowed: 'csr' },
          { code: 'DUPLICATE', where: 'row 1', found: 'name' },
        ],
      });
    });

    test('with bad rows in the middle names row and column of each, as a spreadsheet counts', async () => {
      const rows = [
        HEADING,
        GOOD,
        'individual,person.csr,two,Trần Thị Bình,binh@example.com',
        '',
        'organisation,nowhere.csr,three,SỞ XÂY DỰNG,',
        `organisation,good.csr,four,${'Ơ'.repeat(65)},`,
        'minister,good.csr,five,SỞ CÔNG THƯƠNG,',
        'ocsp-responder,good.csr,six,OCSP,',
        'organisation,tu-phap.csr,../../seven,SỞ TƯ PHÁP,',
        'organisation,ngoai-vu.csr,eight,SỞ NGOẠI VỤ,',
      ];
      await refuses(batch(`${rows.join('\n')}\n`), {
        exit: 2,
        code: 'BATCH_INVALID',
        params: { file: 'batch.csv', rows: 6 },
        problems: [
          { code: 'OUTSIDE_GRANT', where: 'row 3, E', found: 'binh@example.com', allowed: 'laocai.gov.vn' },
          { code: 'OUTSIDE_GRANT', where: 'row 3, subjectAltName.email' },
          { where: 'row 5, csr', found: /nowhere\.csr.*ENOENT.*\[FILE_NOT_READ\]/ },
          { where: 'row 6, CN', found: '65', allowed: '1–64' },
          { where: 'row 7, profile', found: /minister.*\[PROFILE_UNKNOWN\]/ },
          { where: 'row 8, profile', found: /\[PROFILE_NOT_FOR_SUBSCRIBERS\]/ },
          { where: 'row 9, name', found: '../../seven' },
        ],
      });
    });

    test('with a file name or a request twice', async () => {
      const rows = [HEADING, GOOD, 'organisation,tu-phap.csr,one,SỞ TƯ PHÁP,', GOOD.replace('one', 'two')];
      await refuses(batch(rows.join('\r\n')), {
        exit: 2,
        code: 'BATCH_INVALID',
        problems: [
          { code: 'DUPLICATE', where: 'row 3, name', found: 'one' },
          { code: 'DUPLICATE', where: 'row 4, csr', found: '= row 2' },
        ],
      });
    });

    test('with one key for two subscribers, in the file or before it', async () => {
      const rows = [
        HEADING,
        GOOD,
        'organisation,y-te.csr,two,SỞ XÂY DỰNG,',
        'organisation,good.csr,three,SỞ TÀI CHÍNH,',
      ];
      await refuses(batch(rows.join('\n')), {
        exit: 2,
        code: 'BATCH_INVALID',
        params: { rows: 3 },
        problems: [
          { where: 'row 2, csr', found: /^row 3: .*CN=SỞ XÂY DỰNG$/, allowed: /CN=SỞ Y TẾ$/ },
          { where: 'row 3, csr', found: /^row 2: .*CN=SỞ Y TẾ$/ },
          { where: 'row 4, csr', found: /^01[0-9a-f]{30}: .*CN=SỞ NỘI VỤ$/ },
        ],
      });
    });

    test.each<[string, string | Buffer, ...string[]]>([
      // Two columns are missing.
      ['nothing in it', '', 'row 1', 'row 1'],
      ['a heading only', `${HEADING}\n`, 'row 2'],
      ['a row of too many columns', `${HEADING}\n${GOOD},more\n`, 'row 2'],
      ['a quotation mark left open', `${HEADING}\n${GOOD}\norganisation,"good.csr,x,y\n`, 'row 3'],
      ['10 MB of zeros', Buffer.alloc(10_000_000), 'row 1', 'row 1'],
      [
        'another encoding than UTF-8',
        Buffer.from(`${HEADING}\norganisation,good.csr,one,S\u00d0,\n`, 'latin1'),
        'row 2, CN',
      ],
    ])('with %s', async (_, content, ...places) => {
      const problems = places.map((where) => ({ where }));
      await refuses(batch(content), { exit: 2, code: 'BATCH_INVALID', problems });
    });
  });
});
