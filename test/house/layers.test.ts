/** The layer rules catch what they forbid: a small tree that keeps them all, and one file per rule that breaks it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const CRUISER = join(REPOSITORY, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const PACKAGES: readonly string[] = [
  'sqlite3',
  'pg',
  'kysely',
  'graphene-pk11',
  'node-forge',
  'commander',
  'cli-progress',
  'fastify',
];

/** A tree that keeps every rule. */
const SOUND: Readonly<Record<string, string>> = {
  'src/errors.ts': "import './i18n/text';\nexport const errors = 1;",
  'src/clock.ts': "import './errors';",
  'src/logger.ts': "import './errors';",
  'src/i18n/index.ts': "import './text';",
  'src/i18n/text.ts': 'export const text = 1;',
  'src/i18n/errors/db.ts': "import '../text';",
  'src/i18n/errors/hsm.ts': "import '../text';",
  'src/i18n/messages/node.ts': "import '../text';",
  'src/config/index.ts': "import '../errors';\nimport 'node:fs';",
  'src/db/index.ts':
    "import './errors';\nimport './sqlite';\nimport './postgres';\nimport 'kysely';\nimport '../config';",
  'src/db/errors.ts': "import '../i18n/errors/db';",
  'src/db/sqlite.ts': "import 'sqlite3';",
  'src/db/postgres.ts': "import 'pg';",
  'src/hsm/index.ts': "import './errors';\nimport 'graphene-pk11';",
  'src/hsm/errors.ts': "import '../i18n/errors/hsm';\nimport '../i18n/text';",
  'src/asn1/index.ts': "import 'node-forge';\nimport 'node:util';\nimport '../errors';",
  'src/x509/index.ts': "import 'node:crypto';\nimport '../asn1';",
  'src/envelope/index.ts': "import '../asn1';",
  'src/journal/index.ts': "import '../envelope';",
  'src/delegation/index.ts': "import '../journal';\nimport '../x509';\nimport 'node:net';",
  'src/sync/index.ts': "import '../delegation';",
  'src/proof/index.ts': "import '../sync';",
  'src/ledger/index.ts': "import '../journal';\nimport '../db';",
  'src/ceremony/index.ts': "import '../ledger';\nimport '../hsm';\nimport '../x509';",
  'src/backup/index.ts': "import '../db';\nimport '../asn1';",
  'src/doctor/index.ts': "import '../db';\nimport '../delegation';\nimport '../hsm';",
  'src/node/index.ts':
    "import '../sync';\nimport '../ledger';\nimport '../db';\nimport '../hsm';\nimport '../i18n/messages/node';",
  'src/root/index.ts': "import '../sync';\nimport '../db';\nimport '../logger';",
  'src/http/index.ts': "import '../node';\nimport '../root';\nimport 'fastify';",
  'src/cli/command.ts': "import 'commander';\nimport 'cli-progress';\nimport '../clock';",
  'src/cli/subca/main.ts': "import '../command';\nimport '../../node';\nimport '../../http';",
  'src/cli/rootca/main.ts': "import '../command';\nimport '../../root';\nimport '../../http';",
};

/** Each rule, a file that breaks it, what stands in that file, and where it is reported, if not there. */
const BREACHES: readonly (readonly [rule: string, file: string, source: string, reported?: string])[] = [
  ['i18n-looks-down', 'src/i18n/bad.ts', "import '../db';"],
  ['config-looks-down', 'src/config/bad.ts', "import '../hsm';"],
  ['db-looks-down', 'src/db/bad.ts', "import '../hsm';"],
  ['hsm-looks-down', 'src/hsm/bad.ts', "import '../asn1';"],
  ['asn1-looks-down', 'src/asn1/bad.ts', "import '../x509';"],
  ['x509-looks-down', 'src/x509/bad.ts', "import '../envelope';"],
  ['envelope-looks-down', 'src/envelope/bad.ts', "import '../journal';"],
  ['keyring-looks-down', 'src/keyring/bad.ts', "import '../x509';"],
  ['journal-looks-down', 'src/journal/bad.ts', "import '../delegation';"],
  ['delegation-looks-down', 'src/delegation/bad.ts', "import '../sync';"],
  ['sync-looks-down', 'src/sync/bad.ts', "import '../ledger';"],
  ['proof-looks-down', 'src/proof/bad.ts', "import '../ledger';"],
  ['ledger-looks-down', 'src/ledger/bad.ts', "import '../node';"],
  ['ceremony-looks-down', 'src/ceremony/bad.ts', "import '../node';"],
  ['backup-looks-down', 'src/backup/bad.ts', "import '../node';"],
  ['doctor-looks-down', 'src/doctor/bad.ts', "import '../node';"],
  ['node-looks-down', 'src/node/bad.ts', "import '../root';"],
  ['root-looks-down', 'src/root/bad.ts', "import '../node';"],
  ['node-looks-down', 'src/node/high.ts', "import '../http';"],
  ['http-looks-down', 'src/http/bad.ts', "import '../cli/index';"],
  ['ground-files-look-nowhere', 'src/bad.ts', "import './db';"],
  ['two-front-doors', 'src/cli/subca/bad.ts', "import '../../root';"],
  ['two-front-doors', 'src/cli/subca/across.ts', "import '../rootca/main';"],
  ['two-front-doors-root', 'src/cli/rootca/bad.ts', "import '../../node';"],
  ['two-front-doors-root', 'src/cli/rootca/across.ts', "import '../subca/main';"],
  ['through-the-door', 'src/node/window.ts', "import '../db/sqlite';"],
  [
    'through-the-door',
    'src/node/typeWindow.ts',
    "import type { Driver } from '../db/sqlite';\nexport type D = Driver;",
  ],
  ['own-error-texts', 'src/node/texts.ts', "import '../i18n/errors/db';"],
  ['token-only-in-hsm', 'src/node/token.ts', "import 'graphene-pk11';"],
  ['forge-only-in-asn1', 'src/x509/forge.ts', "import 'node-forge';"],
  ['sql-drivers-only-in-db', 'src/root/sql.ts', "import 'kysely';"],
  ['terminal-only-in-cli', 'src/node/terminal.ts', "import 'commander';"],
  ['terminal-only-in-cli', 'src/node/bar.ts', "import 'cli-progress';"],
  ['server-only-in-http', 'src/root/server.ts', "import 'fastify';"],
  ['sqlite-in-one-file', 'src/db/second.ts', "import 'sqlite3';", 'node_modules/sqlite3/index.js'],
  ['pg-in-one-file', 'src/db/third.ts', "import 'pg';", 'node_modules/pg/index.js'],
  ['pure-rooms', 'src/journal/disk.ts', "import 'node:fs';"],
  ['pure-rooms', 'src/envelope/network.ts', "import 'http';"],
  ['pure-rooms-touch-nothing', 'src/delegation/database.ts', "import '../db';"],
  ['pure-rooms-touch-nothing', 'src/x509/log.ts', "import '../logger';"],
  ['no-cycles', 'src/sync/chicken.ts', "import './egg';"],
  ['no-cycles', 'src/sync/egg.ts', "import './chicken';", 'src/sync/chicken.ts'],
  ['no-orphans', 'src/sync/alone.ts', 'export const alone = 1;'],
  ['resolvable', 'src/sync/lost.ts', "import './nowhere';"],
  ['declared-dependencies', 'src/sync/undeclared.ts', "import 'left-over';"],
  ['declared-dependencies', 'src/sync/development.ts', "import 'only-for-tests';"],
];

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layers-'));
  const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, '*']));
  write('package.json', JSON.stringify({ dependencies, devDependencies: { 'only-for-tests': '*' } }));
  write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'node16' } }));
  for (const name of [...PACKAGES, 'left-over', 'only-for-tests']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const [file, source] of Object.entries(SOUND)) write(file, source);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a tree that keeps the rules passes', () => {
  expect(breaches()).toEqual([]);
});

describe('each rule catches its case', () => {
  let found: readonly (readonly [rule: string, file: string])[];

  beforeAll(() => {
    write('src/cli/index.ts', "import './command';");
    for (const [, file, source] of BREACHES) write(file, source);
    found = breaches();
  });

  test.each(BREACHES)('%s: %s', (rule, file, _, reported = file) => {
    expect(found).toContainEqual([rule, reported]);
  });

  test('every rule has a case here', () => {
    const cases = new Set(BREACHES.map(([rule]) => rule));
    expect(ruleNames().filter((name) => !cases.has(name))).toEqual([]);
  });

  test('every room of the house has its storey', () => {
    const rooms = readdirSync(join(REPOSITORY, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      // The uppermost room may look at all the others, so it needs no rule.
      .filter((entry) => entry.name !== 'cli');
    const withRule = ruleNames();
    expect(rooms.map((room) => `${room.name}-looks-down`).filter((name) => !withRule.includes(name))).toEqual(
      [],
    );
  });
});

function ruleNames(): readonly string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { forbidden } = require(join(REPOSITORY, '.dependency-cruiser.cjs')) as {
    readonly forbidden: readonly { readonly name: string }[];
  };
  return forbidden.map((rule) => rule.name);
}

function write(file: string, source: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${source}\n`);
}

function breaches(): readonly (readonly [rule: string, file: string])[] {
  const report = execFileSync(
    process.execPath,
    [CRUISER, 'src', '--config', join(REPOSITORY, '.dependency-cruiser.cjs'), '--output-type', 'json'],
    { cwd: folder, maxBuffer: 1 << 26 },
  );
  const { violations } = (JSON.parse(report.toString()) as Report).summary;
  return violations.map(({ rule, from }) => [rule.name, from] as const);
}
