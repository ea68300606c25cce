/** The administrator's own linter: a program that gets the certificate on its standard input and judges by its exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { NodeError } from './errors';

/** `command`: the program, by its absolute path, and its arguments; no shell reads them. */
export const externalLinterSchema = z.strictObject({
  command: z
    .tuple([z.string().regex(/^\/[^\0]+$/, '/usr/local/bin/…')], z.string().max(1_000))
    .refine((words) => words.length <= 32, '≤ 32'),
  timeoutSeconds: z.int().min(1).max(300).default(10),
});
export type ExternalLinterConfig = z.infer<typeof externalLinterSchema>;

/** What a person needs to see of its words; the rest is read and dropped, so that it does not block. */
const OUTPUT_KEPT = 2_000;
/** How long its pipes may stay open behind it: a child it left running may hold them for ever. */
const PIPES_MS = 250;
/** Nothing of this process's own surroundings: no data directory, no PIN, no module path. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };

/** As many as the machine has processors. */
export const LINTERS_AT_ONCE = availableParallelism();

export class ExternalLinter {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(private readonly config: ExternalLinterConfig) {}

  /** @throws NodeError `LINTER_UNUSABLE` when there is no such program: silence would look like consent */
  static async open(config: ExternalLinterConfig): Promise<ExternalLinter> {
    const [program] = config.command;
    try {
      await access(program, constants.X_OK);
    } catch (cause) {
      throw unusable(program, cause);
    }
    return new ExternalLinter(config);
  }

  /**
   * Has one certificate judged, when there is a place free.
   * @param certificate PEM
   * @throws NodeError `LINTER_REFUSED`, `LINTER_TIMED_OUT`, `LINTER_UNUSABLE`
   */
  async judge(certificate: string): Promise<void> {
    if (this.#running >= LINTERS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      await run(this.config, certificate);
    } finally {
      // A place that somebody waits for is handed on rather than given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function run({ command, timeoutSeconds }: ExternalLinterConfig, certificate: string): Promise<void> {
  const [program, ...words] = command;
  return new Promise((resolve, reject) => {
    // A group of its own: what it starts itself dies with it.
    const child = spawn(program, words, { env: ENVIRONMENT, cwd: '/', detached: true });
    const output: Buffer[] = [];
    let kept = 0;
    const keep = (chunk: Buffer): void => {
      if (kept >= OUTPUT_KEPT) return;
      output.push(chunk.subarray(0, OUTPUT_KEPT - kept));
      kept += chunk.length;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // Whether it reads its input to the end is its own affair: its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(certificate);

    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
    }, timeoutSeconds * 1_000);
    child.once('error', (cause) => {
      clearTimeout(limit);
      reject(unusable(program, cause));
    });
    child.once('exit', () => {
      clearTimeout(limit);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, PIPES_MS).unref();
    });
    child.once('close', (code, signal) => {
      if (code === 0) {
        resolve();
        return;
      }
      if (isLate) {
        reject(new NodeError('LINTER_TIMED_OUT', { program, seconds: timeoutSeconds }));
        return;
      }
      const found = Buffer.concat(output).toString('utf8').trim();
      const ended = code === null ? String(signal) : String(code);
      reject(new NodeError('LINTER_REFUSED', { program, ended, output: found === '' ? '—' : found }));
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function unusable(program: string, cause: unknown): NodeError {
  const reason = cause instanceof Error ? cause.message : 'unknown';
  return new NodeError('LINTER_UNUSABLE', { program, reason }, { cause });
}
