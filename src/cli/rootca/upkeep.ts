/** `rootca crl publish` and `rootca tls renew`: what the root key must sign anew from time to time. */
import { rootcaOversightTexts as texts } from '../../i18n/messages/rootcaOversight';
import { renewRootCrl, renewTlsCertificate } from '../../root';
import { defineCommand } from '../command';
import { withRoot } from './session';

export const crlPublish = defineCommand({
  path: 'crl publish',
  summary: texts.crlPublish,
  example: ['rootca crl publish'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const { crlNumber, nextUpdate } = await renewRootCrl(root);
      return {
        json: { number: Number(crlNumber), nextUpdate },
        text: (lang) => texts.crlDone[lang]({ number: Number(crlNumber), nextUpdate }),
      };
    }),
});

export const tlsRenew = defineCommand({
  path: 'tls renew',
  summary: texts.tlsRenew,
  example: ['rootca tls renew'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const { notAfter } = (await renewTlsCertificate(root)).tbs;
      return { json: { notAfter }, text: (lang) => texts.tlsDone[lang]({ notAfter }) };
    }),
});
