/** `subca certificate proof`. */
import { writeFileDurably } from '../../config';
import { proofTexts as texts } from '../../i18n/messages/proof';
import { proveCertificate } from '../../node';
import { defineCommand } from '../command';
import { pinOptions } from '../pin';
import { provenJson, provenText } from '../proof';
import { serialArgument } from './revocation';
import { withNode } from './session';

export const certificateProof = defineCommand({
  path: 'certificate proof',
  summary: texts.command,
  description: texts.description,
  example: [
    'subca certificate proof 01000000000a9f… --out an.proof.json',
    'rootca inspect --proof an.proof.json --root-fingerprint 4F:0A:…',
  ],
  arguments: serialArgument,
  options: { out: { flag: '--out <file>', summary: texts.outOption, required: true }, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const { bytes, proven } = await proveCertificate(node, input.serial);
      await writeFileDurably(input.out, bytes);
      return {
        json: { ...provenJson(proven), file: input.out },
        text: (lang) => [provenText(proven, lang), texts.written[lang]({ file: input.out })].join('\n'),
      };
    }),
});
