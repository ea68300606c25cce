/** Revokes a certificate at a node and kills itself between the commit and the mirror. */
import { randomBytes } from 'node:crypto';
import { JournalMirror } from '../../src/ledger';
import { createLogger } from '../../src/logger';
import { JournalWriter, openNode, revoke } from '../../src/node';

const [directory = '', now = '', serialNumber = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const surroundings = {
    clock: () => new Date(now),
    logger: createLogger('silent'),
    random: randomBytes,
  };
  const node = await openNode(directory, surroundings);
  JournalMirror.prototype.follow = () => Promise.resolve(void process.kill(process.pid, 'SIGKILL'));
  const by = { kind: 'local', request: '1' } as const;
  await revoke(new JournalWriter(node), { serialNumber, reason: 'superseded', by });
}

void main();
