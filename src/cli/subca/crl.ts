/** `subca crl publish`. */
import { subcaServiceTexts as texts } from '../../i18n/messages/subcaService';
import { abandonOrphans, publishCrls, republish } from '../../node';
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
      const crls = await publishCrls(node, journal);
      await republish(node);
      const told = crls.map(({ epoch, number, entries, thisUpdate, nextUpdate }) => {
        return { epoch, number, entries, thisUpdate, nextUpdate };
      });
      // The members beside the list are those of the newest CA key.
      return {
        json: { ...told.at(-1), crls: told },
        text: (lang) => told.map((one) => texts.crlDone[lang](one)).join('\n'),
      };
    }),
});
