/** `rootca journal list|head`: the root's own journal, for an auditor. */
import { writeFileDurably } from '../../config';
import { formatDate } from '../../i18n';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaJournalTexts as texts } from '../../i18n/messages/rootcaJournal';
import { listEntries, signHead } from '../../root';
import { defineCommand } from '../command';
import { table } from '../table';
import { wholeNumber } from '../values';
import { withRoot } from './session';

const MOST = 100_000;

export const journalList = defineCommand({
  path: 'journal list',
  summary: texts.list,
  example: ['rootca journal list', 'rootca journal list --from 0 --count 1000 --json'],
  options: {
    from: { flag: '--from <index>', summary: texts.fromOption, parse: wholeNumber(0, 2 ** 40) },
    count: {
      flag: '--count <number>',
      summary: texts.countOption,
      default: '50',
      parse: wholeNumber(1, MOST),
    },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { journal, entries } = await listEntries(root, input);
      // Written anew without white space, an entry gives the very bytes that are hashed.
      const listed = entries.map(({ index, bytes }) => ({
        index,
        entry: JSON.parse(bytes.toString('utf8')) as Readonly<Record<string, string>>,
      }));
      const { origin, state, rootHash } = journal;
      return {
        json: { origin, size: state.size, rootHash: rootHash.toString('hex'), entries: listed },
        text: (lang) =>
          [
            table(
              [
                { title: '#', align: 'right' },
                { title: texts.time[lang]({}) },
                { title: texts.entry[lang]({}) },
                { title: texts.detail[lang]({}) },
              ],
              listed.map(({ index, entry: { type = '', time = '', ...rest } }) => [
                String(index),
                formatDate(new Date(time), lang),
                type,
                Object.entries(rest)
                  .map(([name, value]) => `${name} ${short(value)}`)
                  .join(', '),
              ]),
            ),
            texts.size[lang]({ origin, size: state.size }),
          ].join('\n'),
      };
    }),
});

export const journalHead = defineCommand({
  path: 'journal head',
  summary: texts.head,
  example: ['rootca journal head --out root-journal.head', 'rootca verify --head root-journal.head'],
  options: { out: { flag: '--out <file>', summary: rootcaTexts.outFile } },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { origin, size, rootHash, note } = await signHead(root);
      if (input.out !== undefined) await writeFileDurably(input.out, note);
      return {
        json: { origin, size, rootHash: rootHash.toString('hex'), note, file: input.out ?? null },
        text: () => note,
      };
    }),
});

/** Digests and signatures by their beginnings; the whole is in `--json`. */
function short(value: unknown): string {
  const text = String(value);
  return /^[0-9A-Za-z+/=]{40,}$/.test(text) ? `${text.slice(0, 16)}…` : text;
}
