/**
 * A registry in a process of its own: takes submissions one after another, and kills itself just before the nth
 * statement that writes, if it comes to that.
 */
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CompiledQuery } from 'kysely';
import { HeldConnection } from '../../src/db/heldConnection';
import { createLogger } from '../../src/logger';
import { Registry, RootCa } from '../../src/root';
import type { Signer } from '../../src/signer';

/** What the parent leaves in a file. */
export interface Task {
  readonly directory: string;
  /** Of the registry, PEM. */
  readonly key: string;
  readonly now: string;
  /** Base64. */
  readonly submissions: readonly string[];
  /** 0: it is not killed. */
  readonly killBefore: number;
}

const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Task;
const WRITES = /^\s*(insert|update|delete|commit)/i;

let writes = 0;
type Method = (this: unknown, query?: CompiledQuery) => unknown;
const methods = HeldConnection.prototype as unknown as Record<'executeQuery' | 'commit', Method>;
for (const name of ['executeQuery', 'commit'] as const) {
  const run = methods[name];
  methods[name] = function (query) {
    if (WRITES.test(query?.sql ?? name)) writes += 1;
    if (task.killBefore > 0 && writes === task.killBefore) process.kill(process.pid, 'SIGKILL');
    return run.call(this, query);
  };
}

const key = createPrivateKey(task.key);
const signer: Signer = {
  algorithm: 'ecdsa-sha256',
  spki: createPublicKey(key).export({ format: 'der', type: 'spki' }),
  sign: async (message) => sign('sha256', message, key),
};
RootCa.prototype.signerOf = () => Promise.resolve(signer);

async function main(): Promise<void> {
  const root = await RootCa.open(task.directory, {
    clock: () => new Date(task.now),
    logger: createLogger('silent'),
    random: randomBytes,
  });
  const registry = await Registry.open(root);
  for (const submission of task.submissions) await registry.receive(Buffer.from(submission, 'base64'));
  await root.close();
}

void main();
