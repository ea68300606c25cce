/** The PostgreSQL server of the tests, for as long as a benchmark runs. */
'use strict';

const Module = require('node:module');
const { dirname, join } = require('node:path');
const { transformFileSync } = require('@swc/core');
const { transform } = require('../../jest.config.js');

const FILE = join(__dirname, '..', '..', 'test', 'support', 'postgresCluster.ts');
/** What a server has that nobody has configured; that of the tests has less. */
const SETTINGS = ['shared_buffers=128MB'];

async function startCluster() {
  const { PostgresCluster } = requireTypeScript(FILE);
  return PostgresCluster.start(SETTINGS);
}

/** A file of the tests, read as Jest reads it. */
function requireTypeScript(file) {
  const [[, options]] = Object.values(transform);
  const { code } = transformFileSync(file, { ...options, module: { type: 'commonjs' } });
  const module = new Module(file);
  module.paths = Module._nodeModulePaths(dirname(file));
  module._compile(code, file);
  return module.exports;
}

module.exports = { startCluster };
