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
  // To make a database takes longer on a server.
  testTimeout: process.env.TEST_DATABASE === 'postgresql' ? 300_000 : 30_000,
};
