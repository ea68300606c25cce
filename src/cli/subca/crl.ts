/** `subca crl publish`. */
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import { abandonOrphans, publishCrl, republish } from '../../node';
import { defineCommand } from '../command';
import { pinOptions } from '../pin';
import { withNode } from './session';

export const crlPublish = defineCommand({
  path: 'crl publish',
  summary: texts.crlPublish,
  example: ['subca crl publish'],
  options: pinOptions,
  handler: (context, input) =>
    withNode(context, input, async ({ node, journal }) => {
      await abandonOrphans(node, journal);
      const { number, entries, thisUpdate, nextUpdate } = await publishCrl(node, journal);
      await republish(node);
      return {
        json: { number, entries, thisUpdate, nextUpdate },
        text: (lang) => texts.crlDone[lang]({ number, entries, nextUpdate }),
      };
    }),
});
