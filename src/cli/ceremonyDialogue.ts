/** A ceremony's dialogue on the terminal. */
import { CeremonyError, type Dialogue } from '../ceremony';
import { filled } from '../i18n';
import { subcaTexts } from '../i18n/messages/subca';
import type { Context } from './command';
import { CliError } from './errors';

export function terminalDialogue(context: Context<string | undefined>): Dialogue {
  const { lang } = context;
  const asked = async (question: string, secret: boolean): Promise<string> => {
    try {
      return await context.ask(asPhrase(question), { secret });
    } catch (error) {
      // Breaking off is how people pause a ceremony: nothing has failed.
      const broken =
        error instanceof CliError && (error.code === 'CANCELLED' || error.code === 'INTERRUPTED');
      throw broken ? new CeremonyError('PAUSED', {}, { cause: error }) : error;
    }
  };
  return {
    lang,
    say: (line) => {
      context.announce(asPhrase(line));
    },
    ask: (question) => asked(question, false),
    secret: (question) => asked(question, true),
  };
}

/** Asks for the PIN of a token that holds keys. */
export function askToken(dialogue: Dialogue): (token: string) => Promise<string> {
  return (token) => dialogue.secret(filled(subcaTexts.askPin, { token })[dialogue.lang]({}));
}

function asPhrase(line: string): { readonly en: () => string; readonly vi: () => string } {
  return { en: () => line, vi: () => line };
}
