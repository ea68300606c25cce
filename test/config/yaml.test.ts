/** YAML configuration: every problem at once, each at its line; hostile files refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, readYaml, readYamlFile } from '../../src/config';
import { expectCode } from '../support/matchers';

const schema = z.strictObject({
  name: z.string().min(3),
  port: z.int().min(1).max(65_535).default(80),
  pin: z.strictObject({ file: z.string() }).optional(),
  urls: z
    .array(z.string().regex(/^http:/, 'http://…'))
    .max(2)
    .optional(),
  store: z
    .discriminatedUnion('engine', [
      z.strictObject({ engine: z.literal('sqlite'), path: z.string() }),
      z.strictObject({ engine: z.literal('postgresql'), url: z.string(), pool: z.int().optional() }),
    ])
    .optional(),
  limit: z.union([z.literal('none'), z.strictObject({ perDay: z.int() })]).optional(),
  nodes: z.record(z.string(), z.strictObject({ host: z.string() })).optional(),
});

const read = (text: string): z.infer<typeof schema> => readYaml(text, schema, 'c.yaml');

async function problemsOf(text: string): Promise<readonly string[]> {
  const error = await expectCode(() => read(text), ConfigError, 'CONFIG_INVALID');
  return error.problems.map(({ code, where, found, allowed }) => [code, where, found, allowed].join(' | '));
}
const placesOf = async (text: string): Promise<readonly string[]> =>
  (await problemsOf(text)).map((problem) => problem.split(' | ').slice(0, 2).join(' '));

describe('readYaml', () => {
  it('gives the parsed value, defaults filled in', () => {
    expect(read('name: Hà Nội\nlimit: { perDay: 5 }\n')).toEqual({
      name: 'Hà Nội',
      port: 80,
      limit: { perDay: 5 },
    });
    expect(read('\ufeffname: abc\n')).toMatchObject({ name: 'abc' });
  });

  it('takes an alias for what it stands for', async () => {
    expect(read('urls: [&u "http://a", *u]\nname: abc').urls).toEqual(['http://a', 'http://a']);
    expect(await placesOf('name: abc\nurls:\n- &u ftp\n- *u\n')).toEqual([
      'BAD_VALUE c.yaml:3 urls[0]',
      'BAD_VALUE c.yaml:4 urls[1]',
    ]);
  });

  it('tells all problems of the content at once, in the order of the lines', async () => {
    const text = [
      'port: 70000',
      'colour: red',
      'urls:',
      '  - http://a',
      '  - ftp://b',
      'nodes:',
      '  a:',
      '    hots: x',
      '',
    ];
    expect(await problemsOf(text.join('\n'))).toEqual([
      'MISSING | c.yaml:1 name |  | string',
      'BAD_VALUE | c.yaml:1 port | 70000 | ≤ 65535',
      'UNKNOWN_KEY | c.yaml:2 colour | colour | name, port, pin, urls, store, limit, nodes',
      'BAD_VALUE | c.yaml:5 urls[1] | "ftp://b" | http://…',
      'MISSING | c.yaml:7 nodes.a.host |  | string',
      'UNKNOWN_KEY | c.yaml:8 nodes.a.hots | hots | host',
    ]);
  });

  it('says what would be allowed', async () => {
    expect(await problemsOf('name: ab\nport: "80"\nurls: {}')).toEqual([
      'BAD_VALUE | c.yaml:1 name | "ab" | length ≥ 3',
      'BAD_VALUE | c.yaml:2 port | "80" | number',
      'BAD_VALUE | c.yaml:3 urls | map | list',
    ]);
    expect(await problemsOf('name: abc\nport: 1.5\nurls: [a, b, c]')).toEqual([
      'BAD_VALUE | c.yaml:2 port | 1.5 | integer',
      'BAD_VALUE | c.yaml:3 urls | list (3) | length ≤ 2',
    ]);
  });

  it('knows the alternatives of a union apart', async () => {
    expect(await problemsOf('name: abc\nstore:\n  engine: postgresql\n  url: x\n  path: y\n')).toEqual([
      'UNKNOWN_KEY | c.yaml:5 store.path | path | engine, url, pool',
    ]);
    expect(await placesOf('name: abc\nstore:\n  engine: mysql\n')).toEqual([
      'BAD_VALUE c.yaml:3 store.engine',
    ]);
    expect(await problemsOf('name: abc\nlimit: { perDay: many }')).toEqual([
      'BAD_VALUE | c.yaml:2 limit.perDay | "many" | number',
    ]);
    expect(await problemsOf('name: abc\nlimit:\n  perDay: 5\n  perHour: 1')).toEqual([
      'UNKNOWN_KEY | c.yaml:4 limit.perHour | perHour | perDay',
    ]);
    expect(await placesOf('name: abc\nlimit: 5')).toEqual(['BAD_VALUE c.yaml:2 limit']);
  });

  it('never shows what stands where a secret may stand', async () => {
    const problems = await problemsOf('name: abc\npin: 123456\n');
    expect(problems).toEqual(['BAD_VALUE | c.yaml:2 pin | … | map']);
  });

  it('shows hidden characters as numbers', async () => {
    expect(await problemsOf('name: "a\\u202e"')).toEqual([
      'BAD_VALUE | c.yaml:1 name | "a\\u{202e}" | length ≥ 3',
    ]);
  });

  it('tells syntax errors and keys given twice with their lines', async () => {
    expect(await placesOf('name: abc\nport: 1\nname: def\n')).toEqual(['DUPLICATE c.yaml:3']);
    expect((await problemsOf('name: abc\nport: 1\nname: def\n'))[0]).toContain('| name |');
    expect(await placesOf('name: abc\nurls: [a\nport: "x')).toContain('UNREADABLE c.yaml:3');
    expect(await placesOf('name: abc\n\tport: 1')).toContain('UNREADABLE c.yaml:2');
    expect(await placesOf('name: abc\nport: !!js/function x')).toEqual(['UNREADABLE c.yaml:2']);
    expect(await placesOf('name: abc\n---\nname: def')).toEqual(['UNREADABLE c.yaml:2']);
    expect(await placesOf('name: abc\n? [a]\n: 1')).toEqual(['UNREADABLE c.yaml:2']);
  });

  it('takes no merge keys and no key for anything but a key', async () => {
    expect(await placesOf('name: abc\n<<: { port: 1 }')).toEqual(['UNKNOWN_KEY c.yaml:2 <<']);
    expect(await placesOf('name: abc\n__proto__: { port: 1 }')).toEqual(['UNKNOWN_KEY c.yaml:2 __proto__']);
  });

  it.each([
    ['nothing', ''],
    ['a list', '- a'],
    ['text', 'abc'],
  ])('refuses %s instead of a map', async (_, text) => {
    expect(await placesOf(text)).toEqual(['BAD_VALUE c.yaml:1']);
  });

  it('refuses files that are too large, too deep, or grow when read', async () => {
    const comment = (length: number): string => `name: abc\n#${'x'.repeat(length - 11)}`;
    expect(read(comment(1_048_576)).name).toBe('abc');
    expect(await placesOf(comment(1_048_577))).toEqual(['UNREADABLE c.yaml']);
    expect((await placesOf('['.repeat(20_000)))[0]).toBe('UNREADABLE c.yaml:1');
    const laughs = [
      'a: &a [x, x]',
      ...'bcdefgh'.split('').map(
        (letter, index) =>
          `${letter}: &${letter} [${Array(9)
            .fill(`*${'abcdefg'[index] ?? ''}`)
            .join(', ')}]`,
      ),
    ];
    expect(await placesOf(laughs.join('\n'))).toEqual(['UNREADABLE c.yaml']);
    expect(await placesOf('name: &n [*n]')).toEqual(['BAD_VALUE c.yaml:1 name']);
  });

  it('lists at most 100 problems and counts all', async () => {
    const text = Array.from({ length: 150 }, (_, index) => `k${index}: 1`).join('\n');
    const error = await expectCode(() => read(text), ConfigError, 'CONFIG_INVALID');
    expect(error.problems).toHaveLength(100);
    expect(error.params).toMatchObject({ count: 151 });
  });
});

describe('readYamlFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'yaml-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (content: string | Buffer): string => {
    const path = join(folder, 'c.yaml');
    writeFileSync(path, content);
    return path;
  };

  it('reads a file and names it in the problems', async () => {
    expect(await readYamlFile(write('name: Huế'), schema)).toMatchObject({ name: 'Huế' });
    const path = write('name: x');
    const error = await expectCode(readYamlFile(path, schema), ConfigError, 'CONFIG_INVALID');
    expect(error.problems[0]?.where).toBe(`${path}:1 name`);
  });

  it('refuses what is absent, no file, not UTF-8 or too large', async () => {
    await expectCode(readYamlFile(join(folder, 'absent'), schema), ConfigError, 'FILE_NOT_READ');
    await expectCode(readYamlFile(folder, schema), ConfigError, 'FILE_NOT_READ');
    const latin1 = write(Buffer.from('name: Hu\xe9x', 'latin1'));
    await expectCode(readYamlFile(latin1, schema), ConfigError, 'FILE_NOT_READ');
    const large = write(Buffer.alloc(1_048_577, 0x20));
    await expectCode(readYamlFile(large, schema), ConfigError, 'FILE_TOO_LARGE');
  });
});
