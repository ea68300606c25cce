/** The one place that turns an error into what a person reads or a program parses. */
import { isNativeError } from 'node:util/types';
import { isCodedError, type CodedError, type Problem } from '../errors';
import { problemTexts, quotedIn, type Lang } from '../i18n';
import { fileFailures, type FileFailure } from '../i18n/messages/files';
import { cliTexts } from '../i18n/messages/cli';
import { clipped, oneLine } from './display';
import { CliError } from './errors';

const PROBLEMS_SHOWN = 50;
const CAUSES_SHOWN = 5;
const LONGEST_VALUE = 200;
const LONGEST_SENTENCE = 800;

/** Any thrown value as a coded error: what a system call says of a path is input, everything unforeseen a fault. */
export function asCoded(thrown: unknown): CodedError {
  if (isCodedError(thrown)) return thrown;
  if (isNativeError(thrown) && 'code' in thrown && 'path' in thrown) {
    const { code, path } = thrown;
    if (isFileFailure(code) && typeof path === 'string') {
      return new CliError('FILE', { path, code }, { cause: thrown });
    }
  }
  const name = isNativeError(thrown) ? [thrown.name, systemCode(thrown)].join(' ').trimEnd() : typeof thrown;
  return new CliError('UNEXPECTED', { name }, { cause: thrown });
}

/** For people: the sentence and its code, then every problem, then what lies behind it. */
export function failureText(error: CodedError, lang: Lang): string {
  const shown = error.problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problemText(problem, lang)}`);
  const count = error.problems.length - shown.length;
  return [
    `${cliTexts.error[lang]({})}: ${oneLine(error.inLang(lang))} [${error.code}]`,
    ...shown,
    ...(count > 0 ? [`  … ${cliTexts.moreProblems[lang]({ count })}`] : []),
    ...causes(error).map(
      (cause) => `  ${cliTexts.cause[lang]({})}: ${oneLine(cause.inLang(lang))} [${cause.code}]`,
    ),
  ].join('\n');
}

/** For programs: the object that `--json` gives in place of a result. */
export function failureJson(error: CodedError): object {
  const { code, category, message, problems } = error;
  const params: unknown = error.params;
  return { error: { code, category, message, messageVi: error.inLang('vi'), params, problems } };
}

/** The stacks of an error and of its causes, for a report. */
export function stacks(thrown: unknown): string {
  const found: string[] = [];
  for (let next = thrown; isNativeError(next) && found.length <= CAUSES_SHOWN; next = next.cause) {
    found.push(next.stack ?? next.message);
  }
  return found.join('\n');
}

function problemText({ code, where, found, foundVi, allowed }: Problem, lang: Lang): string {
  const said = (phrase: string): string => quotedIn(lang, phrase);
  const longest = foundVi === undefined ? LONGEST_VALUE : LONGEST_SENTENCE;
  const value = (label: 'found' | 'allowed', told: string): readonly string[] =>
    told === '' || told === '—' ? [] : [`${cliTexts[label][lang]({})}: ${clipped(oneLine(told), longest)}`];
  const details = [
    ...value('found', lang === 'vi' && foundVi !== undefined ? foundVi : said(found)),
    ...value('allowed', said(allowed)),
  ].join('; ');
  return `${oneLine(said(where))}: ${problemTexts[code][lang]({})}${details === '' ? '' : ` — ${details}`}`;
}

function causes(error: CodedError): readonly CodedError[] {
  const found: CodedError[] = [];
  for (let next = error.cause; isCodedError(next) && found.length < CAUSES_SHOWN; next = next.cause) {
    found.push(next);
  }
  return found;
}

function systemCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isFileFailure(code: unknown): code is FileFailure {
  return typeof code === 'string' && Object.hasOwn(fileFailures, code);
}
