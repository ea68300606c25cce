/**
 * The rules of the house that can be seen in imports. `test/house/layers.test.ts` shows each of them catching its case.
 * Rooms are the folders of `src`; `$1` in a `to` stands for what the first bracket of `from` caught.
 */
'use strict';

/** From the ground floor up. A room imports rooms of lower storeys only, not its neighbours on the same one. */
const STOREYS = [
  ['i18n', 'config'],
  ['db', 'hsm'],
  ['keyring', 'asn1'],
  ['x509', 'envelope'],
  ['journal'],
  ['delegation'],
  ['sync'],
  ['proof'],
  ['ledger'],
  ['ceremony', 'doctor', 'backup'],
  ['node', 'root'],
  ['http'],
  ['cli'],
];

/** Rooms without disk, network, token or clock. */
const PURE = ['asn1', 'x509', 'envelope', 'journal', 'delegation', 'proof'];

const anyOf = (rooms) => `^src/(${rooms.join('|')})/`;
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;

const storeyRules = STOREYS.flatMap((rooms, storey) =>
  rooms.map((room) => {
    const notBelow = STOREYS.slice(Math.max(storey, 1))
      .flat()
      .filter((other) => other !== room);
    return {
      name: `${room}-looks-down`,
      comment: `${room} imports only what lies on lower storeys.`,
      severity: 'error',
      from: { path: anyOf([room]) },
      to: { path: anyOf(notBelow) },
    };
  }),
).filter((rule) => rule.from.path !== anyOf(['cli']));

const onlyIn = (name, room, ...packages) => ({
  name,
  comment: `Only ${room} imports ${packages.join(', ')}.`,
  severity: 'error',
  from: { path: '^src/', pathNot: anyOf([room]) },
  to: { path: npm(...packages) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...storeyRules,
    {
      name: 'ground-files-look-nowhere',
      comment: 'The single files of the ground floor import each other and the texts, no room.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: anyOf(STOREYS.flat().filter((room) => room !== 'i18n')) },
    },
    {
      name: 'two-front-doors',
      comment: 'What subca is made of does not reach into what rootca is made of.',
      severity: 'error',
      from: { path: '^src/cli/subca/' },
      to: { path: '^src/(root|cli/rootca)/' },
    },
    {
      name: 'two-front-doors-root',
      comment: 'What rootca is made of does not reach into what subca is made of.',
      severity: 'error',
      from: { path: '^src/cli/rootca/' },
      to: { path: '^src/(node|cli/subca)/' },
    },
    {
      name: 'through-the-door',
      comment:
        'From outside a room, only its index.ts is imported. Texts are declared where each room finds its own.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/[^/]+/',
        pathNot: [
          '^src/$1/',
          '^src/[^/]+/index\\.ts$',
          '^src/i18n/text\\.ts$',
          '^src/i18n/(errors|messages)/',
        ],
      },
    },
    {
      name: 'own-error-texts',
      comment:
        'A room reads the texts of its own errors only; those of another are behind that room’s error class.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '^src/i18n/' },
      to: { path: '^src/i18n/errors/', pathNot: '^src/i18n/errors/$1\\.ts$' },
    },
    onlyIn('token-only-in-hsm', 'hsm', 'graphene-pk11', 'pkcs11js'),
    onlyIn('forge-only-in-asn1', 'asn1', 'node-forge'),
    onlyIn('sql-drivers-only-in-db', 'db', 'sqlite3', 'pg', 'kysely'),
    onlyIn('terminal-only-in-cli', 'cli', 'commander', '@clack/[^/]+', 'cli-progress'),
    onlyIn('server-only-in-http', 'http', 'fastify', '@fastify/[^/]+'),
    {
      name: 'sqlite-in-one-file',
      comment: 'Exactly one file knows sqlite3, which is no longer maintained.',
      severity: 'error',
      from: { path: '^src/' },
      module: { path: npm('sqlite3'), numberOfDependentsMoreThan: 1 },
    },
    {
      name: 'pg-in-one-file',
      comment: 'Exactly one file knows pg: what it takes and gives is translated there.',
      severity: 'error',
      from: { path: '^src/' },
      module: { path: npm('pg'), numberOfDependentsMoreThan: 1 },
    },
    {
      name: 'pure-rooms',
      comment: 'No disk, network, token or clock: of Node, only hashes and checks, bytes, and isIP.',
      severity: 'error',
      from: { path: anyOf(PURE) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util|util/types|net)$' },
    },
    {
      name: 'pure-rooms-touch-nothing',
      comment: 'No database, no token; and what a pure room has to say, it returns or throws.',
      severity: 'error',
      from: { path: anyOf(PURE) },
      to: { path: '^src/((db|hsm)/|logger\\.ts$)' },
    },
    {
      name: 'no-cycles',
      comment: 'Files that import each other in a circle cannot be understood one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that imports nothing and that nobody imports does nothing, unless it declares types.',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'An import leads to a file.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependencies',
      comment: 'The product runs on packages that package.json lists under dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
