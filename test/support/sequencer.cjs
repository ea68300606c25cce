/*
 * The order in which Jest starts the test files. What was measured before decides, as always; where nothing was, as on
 * a fresh machine, the longest come first, so that no worker is left alone with one of them at the end.
 */
'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** The files that take more than half a minute on a core, longest first. */
const LONGEST = [
  'system/sigkill',
  'house/house',
  'system/integrity',
  'system/threats',
  'system/byFile',
  'system/ceremony',
  'system/lifeOfADelegation',
  'system/quickstart',
  'system/ceremonyRehearsal',
  'system/killedSync',
  'system/rollover',
  'system/badInput',
  'system/lostNextKey',
  'system/operatorTokenLost',
  'system/concurrency',
  'system/restoredNode',
  'system/activation',
  'system/matrix',
  'system/stuckSync',
  'system/withdrawal',
  'system/lifecycle',
  'system/externalRoot',
].map((name) => `/test/${name}.test.ts`);

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration != null)) return sorted;
    const rank = ({ path }) => {
      const at = LONGEST.findIndex((end) => path.endsWith(end));
      return at === -1 ? LONGEST.length : at;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
};
