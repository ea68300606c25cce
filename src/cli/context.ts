/** What a command's handler is given to work with. */
import { resolve } from 'node:path';
import type { Lang, Phrase } from '../i18n';
import type { Context, Program } from './command';
import { CliError } from './errors';
import { oneLine, printable } from './display';
import { shownOn } from './fitted';
import type { Progress } from './progress';
import type { Surroundings } from './surroundings';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

interface Choices {
  readonly directory: string | undefined;
  readonly lang: Lang;
  readonly json: boolean;
  readonly yes: boolean;
}

export function createContext(
  surroundings: Surroundings,
  choices: Choices,
  progress: Progress,
  signal: AbortSignal,
): Context<string | undefined> {
  const { prompter, env, clock } = surroundings;
  const { lang } = choices;
  const interactive = isInteractive(surroundings);
  const wording = (question: Phrase) => oneLine(question[lang]({}));
  return {
    directory: choices.directory,
    lang,
    json: choices.json,
    interactive,
    env,
    clock,
    logger: surroundings.openLogger(logLevel(env)),
    progress,
    signal,
    announce(message) {
      const { stderr } = surroundings;
      stderr.write(`${shownOn(stderr, printable(message[lang]({})))}\n`);
    },
    async confirm(question) {
      if (choices.yes) return;
      if (!interactive) throw new CliError('CONFIRMATION_NEEDED', { question: wording(question) });
      const agreed = await prompter.confirm(wording(question), lang, signal);
      signal.throwIfAborted();
      if (agreed !== true) throw new CliError('CANCELLED', {});
    },
    async ask(question, options = {}) {
      const { option } = options;
      if (!interactive) throw new CliError('NOT_A_TERMINAL', { question: wording(question), option });
      const answer = await prompter.ask(wording(question), options.secret === true, signal);
      signal.throwIfAborted();
      if (answer === undefined) throw new CliError('CANCELLED', {});
      return answer;
    },
  };
}

/** The data directory as an absolute path: the option, else the program's variable. */
export function directoryOf(
  program: Program,
  option: string | undefined,
  env: Surroundings['env'],
): string | undefined {
  const given = option ?? env[program.directoryVariable];
  return given === undefined || given === '' ? undefined : resolve(given);
}

function isInteractive({ stdin, stdout, stderr, env }: Surroundings): boolean {
  const inCi = !['', '0', 'false'].includes(env['CI'] ?? '');
  return stdin.isTTY === true && stdout.isTTY === true && stderr.isTTY === true && !inCi;
}

function logLevel(env: Surroundings['env']): string {
  const level = env['SUBCA_LOG'] ?? 'warn';
  if (LOG_LEVELS.includes(level)) return level;
  throw new CliError('BAD_VARIABLE', { variable: 'SUBCA_LOG', found: level, allowed: LOG_LEVELS.join(', ') });
}
