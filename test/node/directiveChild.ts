/** Takes a reply at a node and kills itself just before the nth statement that writes. Says how many there were. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CompiledQuery } from 'kysely';
import { HeldConnection } from '../../src/db/heldConnection';
import { createLogger } from '../../src/logger';
import { acceptReply, JournalWriter, SubCaNode } from '../../src/node';
import { decodeReply } from '../../src/sync';

const [directory = '', file = '', now = '', killBefore = ''] = process.argv.slice(2);
const WRITES = /^\s*(insert|update|delete|commit)/i;

let writes = 0;
/** Called with each statement before it runs. */
function step(sql: string): void {
  if (!WRITES.test(sql)) return;
  writes += 1;
  if (writes === Number(killBefore)) process.kill(process.pid, 'SIGKILL');
}
type Method = (this: unknown, query?: CompiledQuery) => unknown;
const methods = HeldConnection.prototype as unknown as Record<'executeQuery' | 'commit', Method>;
for (const name of ['executeQuery', 'commit'] as const) {
  const run = methods[name];
  methods[name] = function (query) {
    step(query?.sql ?? name);
    return run.call(this, query);
  };
}

async function main(): Promise<void> {
  const node = await SubCaNode.open(directory, {
    clock: () => new Date(now),
    logger: createLogger('silent'),
    random: randomBytes,
  });
  writes = 0;
  // There is no token here: what comes after the directives, the CRL, cannot be signed.
  await acceptReply(node, new JournalWriter(node), decodeReply(readFileSync(file))).catch(() => undefined);
  await node.close();
}

void main().then(() => {
  console.log(writes);
});
