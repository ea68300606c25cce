/** `rootca grant issue|show`. */
import { existsSync } from 'node:fs';
import { readFileBounded, writeFileDurably } from '../../config';
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { issueGrant, readNode, receiveApplication } from '../../root';
import { formatName } from '../../x509';
import { defineCommand } from '../command';
import { withRoot } from './session';

const MAX_APPLICATION = 1024 * 1024;

export const grantIssue = defineCommand({
  path: 'grant issue',
  summary: texts.grantIssue,
  example: ['rootca grant issue 3f9a27c1b04d --out grant.bundle'],
  arguments: [{ name: 'application', summary: texts.applicationArgument, required: true }],
  options: { out: { flag: '--out <file>', summary: texts.outFile, required: true } },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const reference = existsSync(input.application)
        ? await receiveApplication(root, await readFileBounded(input.application, MAX_APPLICATION))
        : input.application;
      const { grant, caCertificate, bundle } = await issueGrant(root, reference);
      await writeFileDurably(input.out, bundle);
      const { notAfter, subject } = caCertificate.tbs;
      return {
        json: {
          node: grant.nodeId,
          grant: grant.grantId,
          version: grant.version,
          file: input.out,
          subject: formatName(subject),
          notAfter,
        },
        text: (lang) => texts.grantDone[lang]({ node: grant.nodeId, file: input.out, notAfter }),
      };
    }),
});

export const grantShow = defineCommand({
  path: 'grant show',
  summary: texts.grantShow,
  example: ['rootca grant show 15-1'],
  arguments: [{ name: 'node', summary: texts.nodeArgument, required: true }],
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { grant } = await readNode(root, input.node);
      return { json: grant.value, text: () => JSON.stringify(grant.value, null, 2) };
    }),
});
