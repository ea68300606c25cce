/** A command in a real terminal: a pseudo-terminal made by script(1) of util-linux, which every Debian and Ubuntu has. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const COLUMNS = 240;
const PATIENCE_MS = 60_000;
/** Cursor movements, colours and titles. */
const STEERING = /\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007)/g;

export const ENTER = '\r';
export const CTRL_C = '\u0003';

export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #screen = '';
  #read = 0;
  #over = false as boolean;
  #wake: () => void = () => undefined;

  /** @param command a shell command line */
  constructor(command: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }) {
    const sized = `stty rows 50 cols ${String(COLUMNS)}; exec ${command}`;
    this.#child = spawn('script', ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'], {
      cwd: options.cwd,
      // A shell of no surprises; and no sign that nobody is there.
      env: { ...options.env, SHELL: '/bin/sh', TERM: 'xterm', CI: undefined },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      this.#screen += part;
      this.#wake();
    });
    this.#ended = once(this.#child, 'close').then(([code]) => {
      this.#over = true;
      this.#wake();
      return code as number | null;
    });
  }

  /** All that appeared so far, without what only steers the terminal. */
  get screen(): string {
    return this.#screen.replace(STEERING, '').replaceAll('\r', '');
  }

  /**
   * Waits until the pattern appears after what was seen before.
   * @returns what it caught in its first bracket, or else as a whole; undefined when the command ended without
   */
  async see(pattern: RegExp): Promise<string | undefined> {
    const patience = Date.now() + PATIENCE_MS;
    for (;;) {
      const { screen } = this;
      const found = pattern.exec(screen.slice(this.#read));
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return found[1] ?? found[0];
      }
      if (this.#over) return undefined;
      if (Date.now() > patience) throw new Error(`not seen: ${String(pattern)}\n${screen}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000).unref();
      });
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits for the end. @returns the command's exit code */
  async end(): Promise<number | null> {
    const code = await this.#ended;
    this.#child.stdin?.destroy();
    return code;
  }

  /** Ends the command itself as a power cut would, and waits; one that has ended stays as it is. */
  async kill(): Promise<void> {
    const pid = String(this.#child.pid);
    if (!this.#over) {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      for (const child of children) process.kill(Number(child), 'SIGKILL');
    }
    await this.end();
  }
}
