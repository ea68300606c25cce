/** `subca certificate list` and `show`. */
import { formatDate, type Lang } from '../../i18n';
import { statusTexts, subcaTexts as texts } from '../../i18n/messages/subca';
import { CERTIFICATE_STATUSES } from '../../delegation';
import { listRecords, readCertificateBytes, readRecord } from '../../node';
import { encodePem } from '../../x509';
import { defineCommand } from '../command';
import { fields, table } from '../table';
import { wholeNumber } from '../values';
import { serialArgument } from './revocation';
import { withNode } from './session';

export const certificateList = defineCommand({
  path: 'certificate list',
  summary: texts.certificateList,
  example: ['subca certificate list --status revoked'],
  options: {
    status: { flag: '--status <status>', summary: texts.statusOption, choices: CERTIFICATE_STATUSES },
    limit: {
      flag: '--limit <number>',
      summary: texts.limitOption,
      default: '100',
      parse: wholeNumber(1, 1_000_000),
    },
  },
  handler: (context, input) =>
    withNode(context, {}, async ({ node }) => {
      const records = await listRecords(node, {
        limit: input.limit,
        ...(input.status && { status: input.status }),
      });
      return {
        json: { certificates: records },
        text: (lang) =>
          records.length === 0
            ? texts.noCertificates[lang]({})
            : table(
                [
                  { title: texts.serialNumber[lang]({}) },
                  { title: texts.status[lang]({}) },
                  { title: texts.notAfter[lang]({}) },
                  { title: texts.profile[lang]({}) },
                  { title: texts.subject[lang]({}) },
                ],
                records.map((record) => [
                  record.serialNumber,
                  statusTexts[record.status][lang]({}),
                  formatDate(new Date(record.notAfter), lang).slice(0, 10),
                  record.profile,
                  record.subject,
                ]),
              ),
      };
    }),
});

export const certificateShow = defineCommand({
  path: 'certificate show',
  summary: texts.certificateShow,
  example: ['subca certificate show 01000000000a9f…'],
  arguments: serialArgument,
  handler: (context, input) =>
    withNode(context, {}, async ({ node }) => {
      const record = await readRecord(node, input.serial);
      const der = record.issuedIndex === null ? undefined : await readCertificateBytes(node, input.serial);
      const certificate = der && encodePem('CERTIFICATE', der);
      const lines = (lang: Lang): readonly (readonly [string, string])[] => [
        [texts.serialNumber[lang]({}), record.serialNumber],
        [texts.subject[lang]({}), record.subject],
        [texts.profile[lang]({}), record.profile],
        [
          texts.status[lang]({}),
          `${statusTexts[record.status][lang]({})} (${formatDate(new Date(record.statusTime), lang)})`,
        ],
        ...(record.reason === null ? [] : [[texts.reason[lang]({}), record.reason] as const]),
        [texts.notBefore[lang]({}), formatDate(new Date(record.notBefore), lang)],
        [texts.notAfter[lang]({}), formatDate(new Date(record.notAfter), lang)],
        [
          texts.journalPlace[lang]({}),
          [record.intentIndex, record.issuedIndex].filter((at) => at !== null).join(', '),
        ],
      ];
      return {
        json: { ...record, ...(certificate !== undefined && { certificate }) },
        text: (lang) => [fields(lines(lang)), certificate ?? ''].join('\n'),
      };
    }),
});
