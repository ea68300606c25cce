/** Chooses the benchmark. Figures of one run are compared with each other only: machines differ and are shared. */
'use strict';

const { parseArgs } = require('node:util');

/** By name: its file, and its options; of a number default and bounds, of a word those there are, the default first. */
const BENCHMARKS = {
  issue: { count: [3000, 10, 100_000] },
  hsm: { seconds: [5, 1, 600] },
  sync: {
    history: [20_000, 1000, 20_000_000],
    count: [5000, 1000, 1_000_000],
    nodes: [10, 1, 1000],
    records: [500, 1, 1_000_000],
    database: ['sqlite', 'postgresql'],
  },
  start: { entries: [20_000, 1000, 20_000_000] },
};

const isWord = ([standard]) => typeof standard === 'string';

function usage() {
  for (const [name, options] of Object.entries(BENCHMARKS)) {
    const told = Object.entries(options).map(([option, allowed]) => {
      const [, least, most] = allowed;
      return `[--${option} ${isWord(allowed) ? allowed.join('|') : `${least}–${most}`}]`;
    });
    console.error(`usage: scripts/bench ${[name, ...told].join(' ')} [--json]`);
  }
  process.exitCode = 2;
}

/** @returns `undefined` for a value that the option does not take */
function read(allowed, text) {
  if (isWord(allowed)) return allowed.find((word) => word === text);
  const [, least, most] = allowed;
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

const [name = '', ...args] = process.argv.slice(2);
const options = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (options === undefined) usage();
else {
  const strings = Object.entries(options).map(([option, [standard]]) => [
    option,
    { type: 'string', default: String(standard) },
  ]);
  const { values } = parseArgs({
    args,
    options: { ...Object.fromEntries(strings), json: { type: 'boolean', default: false } },
  });
  const chosen = Object.entries(options).map(([option, allowed]) => [option, read(allowed, values[option])]);
  if (chosen.some(([, value]) => value === undefined)) usage();
  else {
    const { run } = require(`./${name}.cjs`);
    run({ ...Object.fromEntries(chosen), json: values.json }).catch((error) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
}
