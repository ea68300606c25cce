/** What a program touches of the process it runs in; a test brings its own. */
import { systemClock, type Clock } from '../clock';
import { createLogger, type Logger } from '../logger';
import { terminalPrompter, type Prompter } from './prompts';

export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface SignalSource {
  once(signal: 'SIGINT' | 'SIGTERM', listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface Surroundings {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly prompter: Prompter;
  readonly signals: SignalSource;
  /** Ends this very process by a signal. */
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly openLogger: (level: string) => Logger;
}

/** The real ones. Questions are asked on standard error, because standard output belongs to the result. */
export function processSurroundings(): Surroundings {
  const { stdin, stdout, stderr, env } = process;
  return {
    stdin,
    stdout,
    stderr,
    env,
    clock: systemClock,
    prompter: terminalPrompter(stdin, stderr),
    signals: process,
    kill: (signal) => {
      process.kill(process.pid, signal);
    },
    openLogger: createLogger,
  };
}
