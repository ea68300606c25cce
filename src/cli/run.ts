/** Runs one command line from its words to its exit code: the only place that writes results and errors. */
import { langFrom, langOfEnvironment, type Lang } from '../i18n';
import type { Program, Result } from './command';
import { commonOptions, switchGiven, valueGiven } from './common';
import { createContext, directoryOf } from './context';
import { printable } from './display';
import { CliError } from './errors';
import { modulesAreLeft } from './ending';
import { EXIT, type ExitCode } from './exit';
import { shownOn } from './fitted';
import { asCoded, failureJson, failureText, stacks } from './failure';
import { readInput } from './input';
import { createProgress } from './progress';
import { parseCommandLine, type Request } from './program';
import type { OutputStream, Surroundings } from './surroundings';
import { packageVersion } from './version';

const NARROWEST_PAGE = 60;
const WIDEST_PAGE = 100;

/**
 * @returns the exit code, when everything is written; never rejects. Where a PKCS#11 module keeps a thread, which would
 * keep the process from exiting, it says so and ends the process by a signal.
 */
export async function runProgram(
  program: Program,
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { stderr, env, kill } = surroundings;
  const exit = await run(program, argv, surroundings);
  if (await modulesAreLeft()) return exit.code;
  const lang = langFrom(valueGiven(argv, '--lang')) ?? langOfEnvironment(env);
  const error = new CliError('MODULE_HANGS', { exit: exit.code, signal: exit.signal ?? 'SIGKILL' });
  await writeIfPossible(stderr, textBlock(failureText(error, lang)));
  kill(error.params.signal);
  return exit.code;
}

interface Exit {
  readonly code: ExitCode;
  /** By which it was interrupted. */
  readonly signal?: NodeJS.Signals;
}

async function run(program: Program, argv: readonly string[], surroundings: Surroundings): Promise<Exit> {
  const { stdout, stderr, env } = surroundings;
  const lang = langFrom(valueGiven(argv, '--lang')) ?? langOfEnvironment(env);
  const json = switchGiven(argv, '--json');
  for (const stream of [stdout, stderr]) {
    // `write` below learns of the failure too; without a listener it would end the process first.
    stream.on('error', () => undefined);
  }
  try {
    const request = parseCommandLine(program, argv, { lang, columns: pageWidth(stdout) });
    const { answer, text, exit } = await answerTo(request, program, lang, json, surroundings);
    if (json) await write(stdout, jsonLine(answer));
    else await write(stdout, textBlock(text(), request.kind === 'command' ? stdout : undefined));
    return { code: exit };
  } catch (thrown) {
    const error = asCoded(thrown);
    if (env['SUBCA_DEBUG'] === '1') await writeIfPossible(stderr, textBlock(stacks(thrown)));
    if (json) await writeIfPossible(stdout, jsonLine(failureJson(error)));
    else await writeIfPossible(stderr, textBlock(failureText(error, lang), stderr));
    const code = EXIT[error.category];
    if (error.code !== 'INTERRUPTED') return { code };
    return { code, signal: (error.params as { readonly signal: NodeJS.Signals }).signal };
  }
}

interface Answer {
  readonly answer: object;
  readonly text: () => string;
  readonly exit: ExitCode;
}

async function answerTo(
  request: Request,
  program: Program,
  lang: Lang,
  json: boolean,
  surroundings: Surroundings,
): Promise<Answer> {
  switch (request.kind) {
    case 'help':
      return { answer: { help: request.page }, text: () => request.page, exit: EXIT.done };
    case 'version': {
      const version = packageVersion();
      return { answer: { version }, text: () => version, exit: EXIT.done };
    }
    case 'incomplete':
      if (!json) await writeIfPossible(surroundings.stderr, `${textBlock(request.page)}\n`);
      throw request.error;
    case 'command': {
      const result = await runCommand(request, program, lang, surroundings);
      return { answer: result.json, text: () => result.text(lang), exit: result.exit ?? EXIT.done };
    }
  }
}

async function runCommand(
  request: Extract<Request, { kind: 'command' }>,
  program: Program,
  lang: Lang,
  surroundings: Surroundings,
): Promise<Result> {
  const { command } = request;
  const own = readInput(command, request.words);
  const common = readInput({ arguments: [], options: commonOptions(program) }, request.common);
  const problems = [...own.problems, ...common.problems];
  if (problems.length > 0) throw new CliError('BAD_COMMAND_LINE', { help: request.help }, { problems });
  const { dir, json, yes } = common.input as { dir: string | undefined; json: boolean; yes: boolean };
  const directory = directoryOf(program, dir, surroundings.env);
  if (directory === undefined && command.needsDirectory) {
    throw new CliError('DIRECTORY_MISSING', { variable: program.directoryVariable });
  }
  return interruptible(surroundings, async (signal) => {
    const progress = createProgress(surroundings.stderr, lang);
    try {
      const context = createContext(surroundings, { directory, lang, json, yes }, progress, signal);
      return await command.run(context, own.input);
    } finally {
      progress.end();
    }
  });
}

/**
 * Aborts the signal at the first SIGINT or SIGTERM; the second one finds the process's default, and ends it. Work that
 * waits for a module which does not give back an operation is not waited for.
 */
async function interruptible<T>(
  { signals }: Surroundings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let interrupt: (signal: NodeJS.Signals) => void = () => undefined;
  const hangs = new Promise<never>((_, reject) => {
    interrupt = (signal) => {
      const reason = new CliError('INTERRUPTED', { signal });
      controller.abort(reason);
      void modulesAreLeft().then((left) => {
        if (!left) reject(reason);
      });
    };
  });
  signals.once('SIGINT', interrupt);
  signals.once('SIGTERM', interrupt);
  try {
    return await Promise.race([work(controller.signal), hangs]);
  } catch (thrown) {
    // Node's own interfaces reject with an AbortError and not with the signal's reason.
    const { name } = Object(thrown) as { readonly name?: unknown };
    throw controller.signal.aborted && name === 'AbortError' ? controller.signal.reason : thrown;
  } finally {
    signals.off('SIGINT', interrupt);
    signals.off('SIGTERM', interrupt);
  }
}

/** Bytes go out as hex, big integers in decimal digits. */
function jsonLine(value: object): string {
  const text = JSON.stringify(
    value,
    function (this: Readonly<Record<string, unknown>>, key, converted: unknown) {
      const original = this[key];
      if (original instanceof Uint8Array) return Buffer.from(original).toString('hex');
      return typeof original === 'bigint' ? original.toString() : converted;
    },
  );
  return `${text}\n`;
}

/** Of a help page: a line that is too long is hard to read, even where there is room. */
function pageWidth({ columns = 80 }: OutputStream): number {
  return Math.min(WIDEST_PAGE, Math.max(NARROWEST_PAGE, columns));
}

/** @param screen where it goes, if its lines may be broken there */
function textBlock(text: string, screen?: OutputStream): string {
  const whole = printable(text).trimEnd();
  const block = screen === undefined ? whole : shownOn(screen, whole);
  return block === '' ? '' : `${block}\n`;
}

/** Resolves when the stream has taken the text, or when nobody reads it any longer (`subca … | head`). */
function write(stream: OutputStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
      if (error && code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') reject(error);
      else resolve();
    });
  });
}

/** For words about a failure: when they cannot be written either, the exit code still tells. */
async function writeIfPossible(stream: OutputStream, text: string): Promise<void> {
  await write(stream, text).catch(() => undefined);
}
