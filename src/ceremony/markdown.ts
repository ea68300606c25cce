/** The printable script as Markdown. */
import type { Lang } from '../i18n';
import { paperTexts as texts } from '../i18n/messages/ceremonyPaper';
import { escaped, markdownTable } from '../markdown';
import type { Paper, PaperStep } from './paper';

/** Sixteen groups of four to write in. */
const HASH_ROOM = Array.from({ length: 16 }, () => '\\_\\_\\_\\_').join(' ');

export function scriptMarkdown(paper: Paper): string {
  const { lang, kind, title, mark, sha256, facts, people, keys, steps, deviations } = paper;
  const hashLine = `${texts.scriptHash[lang]({})}: \`${sha256}\``;
  return `${[
    `# ${escaped(title)}`,
    ...(mark === undefined ? [] : [`**${mark}**`]),
    `**${kind}**`,
    hashLine,
    facts.map(([label, value]) => `- ${label}: ${escaped(value)}`).join('\n'),
    markdownTable(people),
    markdownTable(keys),
    `## ${texts.steps[lang]({})}`,
    ...steps.map((step) => stepBlock(step, lang)),
    markdownTable(deviations),
    `## ${texts.conclusion[lang]({})}`,
    `${texts.recordHash[lang]({})}: ${HASH_ROOM}`,
    hashLine,
  ].join('\n\n')}\n`;
}

function stepBlock({ number, text, commands, expected, hash, initials }: PaperStep, lang: Lang): string {
  const blanks = [texts.time[lang]({}), ...initials].map((label) => `${escaped(label)} ${'\\_'.repeat(8)}`);
  return [
    `### ${String(number)}.`,
    escaped(text),
    ...commands.map((command) => `${texts.command[lang]({})}: \`${command}\``),
    `${texts.expected[lang]({})}: ${escaped(expected)}`,
    ...(hash ? [`SHA-256: ${HASH_ROOM}`] : []),
    blanks.join(' · '),
  ].join('\n\n');
}
