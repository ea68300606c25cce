/*
 * Loaded into the programs that system tests start, by NODE_OPTIONS=--require: they take where their thousand modules
 * lie, and what V8 made of each, from a file that CODE_CACHE names. Their modules are the same files, read and run in
 * the same order; a third of a program's start is saved, which the tests pay many hundred times.
 * Run by itself it makes that file: `node test/support/codeCache.cjs FILE`.
 */
'use strict';

const { readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, isAbsolute, join } = require('node:path');
const { Script } = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const PROJECT = join(__dirname, '..', '..');
const DIST = join(PROJECT, 'dist');
/** Written by each build. */
const BUILD = join(DIST, '.tsbuildinfo');
const PROGRAMS = ['subca', 'rootca'];

const find = Module._resolveFilename;
const compile = Module.prototype._compile;

if (require.main === module) make(process.argv[2]);
else if (isMainThread && process.env.CODE_CACHE) use(process.env.CODE_CACHE);

function use(file) {
  const bytes = readFileSync(file);
  const start = 4 + bytes.readUInt32LE(0);
  const { build, found, code } = JSON.parse(bytes.toString('utf8', 4, start));
  if (build !== buildTime()) return;
  Module._resolveFilename = function (request, parent, ...rest) {
    return found[place(request, parent)] ?? find.call(this, request, parent, ...rest);
  };
  Module.prototype._compile = function (content, filename) {
    const at = code[filename];
    if (at === undefined) return compile.call(this, content, filename);
    return run(this, filename, script(content, filename, bytes.subarray(start + at[0], start + at[1])));
  };
}

/** Runs what each program begins with, and keeps what was found and compiled by then. */
function make(file) {
  const build = buildTime();
  const found = {};
  const scripts = new Map();
  Module._resolveFilename = function (request, parent, ...rest) {
    const filename = find.call(this, request, parent, ...rest);
    if (isAbsolute(filename)) found[place(request, parent)] = filename;
    return filename;
  };
  Module.prototype._compile = function (content, filename) {
    // Code that V8 takes from a cache does not know who would import for it.
    if (/\bimport\(/.test(content)) return compile.call(this, content, filename);
    const compiled = script(content, filename);
    scripts.set(filename, compiled);
    return run(this, filename, compiled);
  };
  const silent = { isTTY: false, on: () => undefined, write: (_, done) => done() };
  const helps = PROGRAMS.map((program) => {
    const { run: runProgram } = require(join(DIST, 'cli', program, 'main.js'));
    return runProgram(['--help'], { ...process, stdout: silent, stderr: silent });
  });
  require('fastify');
  return Promise.all(helps).then(() => {
    const code = {};
    const parts = [];
    let at = 0;
    for (const [filename, compiled] of scripts) {
      const data = compiled.createCachedData();
      code[filename] = [at, (at += data.length)];
      parts.push(data);
    }
    const index = Buffer.from(JSON.stringify({ build, found, code }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(index.length);
    // Two test files may make it at the same time.
    const own = `${file}.${process.pid}`;
    writeFileSync(own, Buffer.concat([length, index, ...parts]));
    renameSync(own, file);
  });
}

function buildTime() {
  return statSync(BUILD).mtimeMs;
}

function place(request, parent) {
  return `${parent?.path}\n${request}`;
}

function script(content, filename, cachedData) {
  return new Script(Module.wrap(content), { filename, cachedData });
}

/** As Node's own `_compile` ends. */
function run(module, filename, compiled) {
  const require = (id) => module.require(id);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  const { exports } = module;
  return compiled.runInThisContext().call(exports, exports, require, module, filename, dirname(filename));
}
