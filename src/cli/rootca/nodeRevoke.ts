/** `rootca node revoke`: the last resort against a node. */
import { filled } from '../../i18n';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaFindingsTexts as texts } from '../../i18n/messages/rootcaFindings';
import { CA_REVOCATION_REASONS, revokeCaCertificate } from '../../root';
import { defineCommand, type ValueReader } from '../command';
import { withRoot } from './session';

const epoch: ValueReader<number> = {
  allowed: '1–127',
  read: (word) => (/^([1-9]\d?|1[01]\d|12[0-7])$/.test(word) ? Number(word) : undefined),
};

export const nodeRevoke = defineCommand({
  path: 'node revoke',
  summary: texts.revoke,
  description: texts.revokeDescription,
  example: ['rootca node revoke 15-1 --reason caCompromise'],
  arguments: [{ name: 'node', summary: rootcaTexts.nodeArgument, required: true }],
  options: {
    reason: {
      flag: '--reason <reason>',
      summary: texts.revokeReason,
      required: true,
      choices: CA_REVOCATION_REASONS,
    },
    epoch: { flag: '--epoch <number>', summary: texts.epochOption, parse: epoch },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { node, reason } = input;
      await context.confirm(filled(texts.revokeQuestion, { node }));
      const revoked = await revokeCaCertificate(root, node, { epoch: input.epoch, reason });
      return { json: revoked, text: (lang) => texts.revokedCa[lang](revoked) };
    }),
});
