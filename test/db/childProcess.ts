/** Starts `child.ts` as a process of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Lets plain node load TypeScript the way jest does. */
const LOADER = `
  const swc = require(${JSON.stringify(require.resolve('@swc/core'))});
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
  require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file, options).code, file);
  require(process.argv[1]);
`;

export interface Child {
  /** The next line it says. Fails if it ends without one. */
  line(): Promise<string>;
  /** Says a word to it. */
  tell(): void;
  /** Waits until it has ended well. */
  finished(): Promise<void>;
  /** Stops it where it is. */
  pause(): void;
  /** Ends it at once, without a chance to clear up. */
  kill(): Promise<void>;
}

const running = new Set<ChildProcessWithoutNullStreams>();

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startChild(command: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, ['-e', LOADER, require.resolve('./child.ts'), command, ...args]);
  running.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const ended = once(child, 'close').then(() => {
    running.delete(child);
  });
  return {
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`the child said nothing: ${complaints}`);
      return next.value;
    },
    tell: () => {
      child.stdin.write('go on\n');
    },
    finished: async () => {
      await ended;
      if (child.exitCode !== 0) throw new Error(`the child failed: ${complaints}`);
    },
    pause: () => {
      child.kill('SIGSTOP');
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
