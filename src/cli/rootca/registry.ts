/** `rootca serve` and `rootca import`: the registry over HTTPS and by file. */
import { once } from 'node:events';
import { readFileBounded, writeFileDurably } from '../../config';
import { createPublicServer, createRegistryServer, listen } from '../../http';
import { filled } from '../../i18n';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaOversightTexts as texts } from '../../i18n/messages/rootcaOversight';
import type { Logger } from '../../logger';
import { importSubmissions, ownDeadlines, Registry, RootError, watchNodes, type RootCa } from '../../root';
import { decodeSubmissions, encodeReply } from '../../sync';
import { carriedFile } from '../carriedFile';
import { keepUp } from '../chores';
import { defineCommand } from '../command';
import { EXIT } from '../exit';
import { withRoot } from './session';

const WATCH_EVERY_MS = 5 * 60_000;
const MAX_PEM = 64 * 1024;
/** A file carried by hand holds many submissions. */
const MAX_IMPORT = 1024 * 1024 * 1024;
const ROOT_FILES = ['root.crt', 'root.pem', 'root.crl'];

export const serve = defineCommand({
  path: 'serve',
  summary: texts.serve,
  example: ['rootca serve'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const { config, paths } = root;
      const { logger } = context;
      const tls = {
        key: await readFileBounded(paths.tlsKey, MAX_PEM),
        cert: await readFileBounded(paths.tlsCertificate, MAX_PEM),
      };
      const registry = await createRegistryServer({ logger, tls, registry: await Registry.open(root) });
      const serves = (name: string): boolean => ROOT_FILES.includes(name);
      const site = await createPublicServer({ logger, folder: paths.published, serves });
      const { listen: at } = config.registry;
      const { listen: publicAt } = config.public;
      const registryServer = await listen(registry, at.address, at.port);
      try {
        const siteServer = await listen(site, publicAt.address, publicAt.port);
        try {
          const addresses = {
            registry: `https://${at.address}:${String(registryServer.port)}`,
            site: `http://${publicAt.address}:${String(siteServer.port)}`,
          };
          context.announce(filled(texts.serving, addresses));
          // What is found is on record for "rootca findings", and in the log for whoever reads that.
          void keepUp(
            { nodes: () => lookAtNodes(root, logger), deadlines: () => lookAtDeadlines(root, logger) },
            { everyMs: WATCH_EVERY_MS, signal: context.signal, logger },
          );
          if (!context.signal.aborted) await once(context.signal, 'abort');
          return { json: { ...addresses, stopped: true }, text: (lang) => texts.served[lang]({}) };
        } finally {
          await siteServer.close();
        }
      } finally {
        await registryServer.close();
      }
    }),
});

async function lookAtNodes(root: RootCa, logger: Logger): Promise<void> {
  const conditions = await watchNodes(root);
  if (conditions.length > 0) logger.warn({ conditions }, 'nodes need a look');
}

async function lookAtDeadlines(root: RootCa, logger: Logger): Promise<void> {
  const deadlines = await ownDeadlines(root);
  if (deadlines.length > 0) logger.warn({ deadlines }, 'something of the root’s own ends soon');
}

export const importCommand = defineCommand({
  path: 'import',
  summary: texts.import,
  example: ['rootca import 15-1.submission --out 15-1.reply'],
  arguments: [{ name: 'file', summary: texts.importFile, required: true }],
  options: { out: { flag: '--out <reply>', summary: rootcaTexts.outFile, required: true } },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const bytes = await readFileBounded(input.file, MAX_IMPORT);
      const came = carriedFile(input.file, bytes);
      context.announce({ en: () => came.text('en'), vi: () => came.text('vi') });
      const registry = await Registry.open(root);
      const { taken, submissions, entries } = await importSubmissions(registry, decodeSubmissions(bytes));
      if (taken.length === 0) throw new RootError('SUBMISSION_REFUSED', { reason: 'the file is empty' });
      // A reply to each journal, one line each.
      const replies = Buffer.concat(taken.map(({ reply }) => encodeReply(reply)));
      await writeFileDurably(input.out, replies);
      const goes = carriedFile(input.out, replies);
      const receipts = taken.map(({ receipt }) => receipt);
      const size = receipts.reduce((sum, receipt) => sum + receipt.size, 0);
      const findings = receipts.reduce((sum, receipt) => sum + receipt.findings, 0);
      const problem = receipts.find((receipt) => receipt.problem !== undefined)?.problem;
      return {
        json: { submissions, entries, size, findings, ...(problem && { problem }), ...goes.json },
        text: (lang) =>
          [
            problem === undefined
              ? texts.importDone[lang]({ entries, size, findings, file: input.out })
              : texts.importProblem[lang]({ reason: problem.reason, file: input.out }),
            goes.text(lang),
          ].join('\n'),
        exit: findings > 0 || problem !== undefined ? EXIT.integrity : EXIT.done,
      };
    }),
});
