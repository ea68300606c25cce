/*
 * Loaded into a program before it starts (NODE_OPTIONS=--require): kills it at one step of a synchronisation.
 *   KILL_AT=write:N    before the Nth statement that changes the database, or makes changes last
 *   KILL_AT=sent       at the node, when the registry has answered and nothing of the answer is kept
 *   KILL_AT=taken      at the registry, when all is stored and nothing is answered
 * A registry counts from the first submission on. Says on stderr what it was about to do.
 */
'use strict';

const { writeSync } = require('node:fs');
const { join } = require('node:path');
const dist = join(__dirname, '..', '..', 'dist');
const [kind, step] = (process.env.KILL_AT || '').split(':');
const isRegistry = process.argv[2] === 'serve';

function die(doing) {
  writeSync(2, `killed before: ${doing}\n`);
  process.kill(process.pid, 'SIGKILL');
}

let counts = !isRegistry;
let writes = 0;
const { SqliteConnection } = require(join(dist, 'db', 'sqlite.js'));
for (const name of ['rows', 'change']) {
  const run = SqliteConnection.prototype[name];
  SqliteConnection.prototype[name] = function (sql, parameters) {
    if (counts && /^\s*(insert|update|delete|commit)/i.test(sql)) {
      writes += 1;
      if (kind === 'write' && writes === Number(step)) die(sql.slice(0, 60));
    }
    return run.call(this, sql, parameters);
  };
}

/** Puts something around an exported function or a method. */
function around(holder, name, wrap) {
  holder[name] = wrap(holder[name]);
}

if (isRegistry) {
  const { Registry } = require(join(dist, 'root', 'registry.js'));
  around(
    Registry.prototype,
    'receive',
    (receive) =>
      async function (...submission) {
        counts = true;
        const reply = await receive.apply(this, submission);
        if (kind === 'taken') die('answering');
        return reply;
      },
  );
} else {
  around(require(join(dist, 'http', 'registryClient.js')), 'registryCarrier', (make) => (...options) => {
    const carry = make(...options);
    return async (...submission) => {
      const reply = await carry(...submission);
      if (kind === 'sent') die('keeping the answer');
      return reply;
    };
  });
}
