/** Chooses the benchmark. Figures of one run are compared with each other only: machines differ and are shared. */
'use strict';

const { parseArgs } = require('node:util');

const BENCHMARKS = { issue: () => require('./issue.cjs').run, hsm: () => require('./hsm.cjs').run };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const [count, seconds] = [Number(values.count), Number(values.seconds)];
const within = (value, least, most) => Number.isInteger(value) && value >= least && value <= most;
const good = within(count, 10, 100_000) && within(seconds, 1, 600);
if (!Object.hasOwn(BENCHMARKS, name) || positionals.length !== 1 || !good) {
  console.error('usage: scripts/bench issue [--count 10–100000] [--json]');
  console.error('       scripts/bench hsm [--seconds 1–600] [--json]');
  process.exitCode = 2;
} else {
  BENCHMARKS[name]()({ count, seconds, json: values.json }).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
