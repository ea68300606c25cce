/** Questions to the person at the terminal. */
import type { Readable, Writable } from 'node:stream';
import { cliTexts } from '../i18n/messages/cli';
import type { Lang } from '../i18n';

/** Asks one question; `undefined` when the person breaks off (Ctrl-C, Esc) or the signal is aborted. */
export interface Prompter {
  confirm(question: string, lang: Lang, signal: AbortSignal): Promise<boolean | undefined>;
  ask(question: string, secret: boolean, signal: AbortSignal): Promise<string | undefined>;
}

/**
 * The prompter of a real terminal. Questions go to `output`, which is not where results go. The library is loaded at
 * the first question: it is an ES module, which a CommonJS program can only import that late.
 */
export function terminalPrompter(input: Readable, output: Writable): Prompter {
  return {
    async confirm(question, lang, signal) {
      const clack = await import('@clack/prompts');
      const answer = await clack.confirm({
        message: question,
        active: cliTexts.yes[lang]({}),
        inactive: cliTexts.no[lang]({}),
        initialValue: false,
        input,
        output,
        signal,
      });
      return clack.isCancel(answer) ? undefined : answer;
    },
    async ask(question, secret, signal) {
      const clack = await import('@clack/prompts');
      const options = { message: question, input, output, signal };
      const answer = await (secret ? clack.password(options) : clack.text(options));
      return clack.isCancel(answer) ? undefined : answer;
    },
  };
}
