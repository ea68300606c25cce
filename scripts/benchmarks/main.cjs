/** Chooses the benchmark. Figures of one run are compared with each other only: machines differ and are shared. */
'use strict';

const { parseArgs } = require('node:util');

/** By name: its file, and its numbers with their default and bounds. */
const BENCHMARKS = {
  issue: { count: [3000, 10, 100_000] },
  hsm: { seconds: [5, 1, 600] },
  sync: {
    history: [20_000, 1000, 20_000_000],
    count: [5000, 1000, 1_000_000],
    nodes: [10, 1, 1000],
    records: [500, 1, 1_000_000],
  },
  start: { entries: [20_000, 1000, 20_000_000] },
};

function usage() {
  for (const [name, numbers] of Object.entries(BENCHMARKS)) {
    const options = Object.entries(numbers).map(
      ([option, [, least, most]]) => `[--${option} ${least}–${most}]`,
    );
    console.error(`usage: scripts/bench ${name} ${options.join(' ')} [--json]`);
  }
  process.exitCode = 2;
}

const [name = '', ...args] = process.argv.slice(2);
const numbers = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (numbers === undefined) usage();
else {
  const options = Object.entries(numbers).map(([option, [standard]]) => [
    option,
    { type: 'string', default: String(standard) },
  ]);
  const { values } = parseArgs({
    args,
    options: { ...Object.fromEntries(options), json: { type: 'boolean', default: false } },
  });
  const chosen = Object.entries(numbers).map(([option, [, least, most]]) => {
    const value = Number(values[option]);
    return [option, Number.isInteger(value) && value >= least && value <= most ? value : undefined];
  });
  if (chosen.some(([, value]) => value === undefined)) usage();
  else {
    const { run } = require(`./${name}.cjs`);
    run({ ...Object.fromEntries(chosen), json: values.json }).catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
}
