'use strict';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  globalSetup: '<rootDir>/test/support/beforeAllTests.ts',
  globalTeardown: '<rootDir>/test/support/afterAllTests.ts',
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  // A worker that holds more is replaced by a new one: what is left of a hundred files slows down the next.
  workerIdleMemoryLimit: '900MB',
  // It ends what hangs. On a busy machine, one that has much to do may take several times as long as alone.
  testTimeout: 300_000,
};
