/** The options every command of a program has. */
import { filled, LANGS } from '../i18n';
import { cliTexts } from '../i18n/messages/cli';
import type { OptionDeclaration, Program } from './command';

/** Declared like a command's own options, and read like them. */
export function commonOptions(program: Program) {
  return {
    dir: {
      flag: '--dir <dir>',
      summary: filled(cliTexts.directoryOption, { variable: program.directoryVariable }),
    },
    json: { flag: '--json', summary: cliTexts.jsonOption },
    lang: { flag: '--lang <vi|en>', summary: cliTexts.langOption, choices: LANGS },
    yes: { flag: '--yes', summary: cliTexts.yesOption },
  } as const satisfies Readonly<Record<string, OptionDeclaration>>;
}

/** Whether a switch is among the words, before they are parsed: even a refusal must know how to be worded. */
export function switchGiven(argv: readonly string[], name: string): boolean {
  return beforeTerminator(argv).includes(name);
}

/** The first value typed for an option, before the words are parsed. */
export function valueGiven(argv: readonly string[], name: string): string | undefined {
  const words = beforeTerminator(argv);
  const at = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
  const found = words[at];
  if (found === undefined) return undefined;
  return found === name ? words[at + 1] : found.slice(name.length + 1);
}

function beforeTerminator(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}
