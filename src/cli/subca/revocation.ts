/** `subca revoke`, `suspend`, `resume`: change a certificate's status and publish the CRL that tells it. */
import { isLive, isRevocable, publishedReason } from '../../delegation';
import { isCodedError } from '../../errors';
import { filled } from '../../i18n';
import { reasonsExplained, reasonTexts } from '../../i18n/messages/certificateLife';
import { statusTexts, subcaTexts as texts } from '../../i18n/messages/subca';
import { MAX_REQUEST_NUMBER, REVOCATION_CAUSES, type ChangeOrigin } from '../../journal';
import { NodeError, publishCrl, readRecord, resume, revoke, suspend, WITHOUT_NUMBER } from '../../node';
import { defineCommand, type ValueReader, type Result } from '../command';
import { instant, serialNumber } from '../values';
import { pinOptions } from '../pin';
import { withNode, type Session } from './session';

export const serialArgument = [
  { name: 'serial', summary: texts.serialArgument, required: true, parse: serialNumber },
] as const;

const requestNumber: ValueReader<string> = {
  allowed: `1–${MAX_REQUEST_NUMBER}`,
  read: (word) => (word !== '' && word.length <= MAX_REQUEST_NUMBER ? word : undefined),
};

export const requestOption = {
  flag: '--request <number>',
  summary: texts.requestOption,
  parse: requestNumber,
} as const;

/** What is journalled as the basis of a change asked for at the command line. */
export function origin(request: string | undefined): ChangeOrigin {
  return { kind: 'local', request: request ?? WITHOUT_NUMBER.commandLine };
}

export const revokeCommand = defineCommand({
  path: 'revoke',
  summary: texts.revoke,
  description: reasonsExplained,
  example: ['subca revoke 01000000000a9f… --reason keyCompromise --since 2026-11-20 --request 123/CV-SNV'],
  arguments: serialArgument,
  options: {
    reason: {
      flag: '--reason <reason>',
      summary: texts.reasonOption,
      required: true,
      choices: REVOCATION_CAUSES,
    },
    since: { flag: '--since <time>', summary: texts.sinceOption, parse: instant },
    request: requestOption,
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const record = await readRecord(session.node, input.serial);
      const isLate = !isLive(record) && isRevocable(record, input.reason);
      const question = isLate ? texts.exposureQuestion : texts.revokeQuestion;
      await context.confirm(filled(question, { serialNumber: input.serial, subject: record.subject }));
      await revoke(session.journal, {
        serialNumber: input.serial,
        reason: input.reason,
        by: origin(input.request),
        ...(input.since && { invalidityDate: input.since }),
      });
      return changed(session, input.serial);
    }),
});

export const suspendCommand = defineCommand({
  path: 'suspend',
  summary: texts.suspend,
  example: ['subca suspend 01000000000a9f… --request 124/CV-SNV'],
  arguments: serialArgument,
  options: { request: requestOption, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      await suspend(session.journal, { serialNumber: input.serial, by: origin(input.request) });
      return changed(session, input.serial);
    }),
});

export const resumeCommand = defineCommand({
  path: 'resume',
  summary: texts.resume,
  example: ['subca resume 01000000000a9f… --request 125/CV-SNV'],
  arguments: serialArgument,
  options: { request: requestOption, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      await resume(session.journal, { serialNumber: input.serial, by: origin(input.request) });
      return changed(session, input.serial);
    }),
});

async function changed({ node, journal }: Session, serial: string): Promise<Result> {
  const record = await readRecord(node, serial);
  const { status, statusTime } = record;
  const reason = publishedReason(record);
  const epoch = (await journal.generationOf(serial))?.epoch;
  const crl = await publishCrl(node, journal, epoch).catch((cause: unknown) => {
    if (!isCodedError(cause) || cause.category === 'integrity') throw cause;
    // What is journalled holds: nobody should take the revocation for refused because the token is away.
    const reasons = { reason: cause.message, reasonVi: cause.inLang('vi') };
    throw new NodeError('CRL_NOT_PUBLISHED', { serialNumber: serial, status, ...reasons }, { cause });
  });
  return {
    json: { serialNumber: serial, status, statusTime, reason, crl: crl.number },
    text: (lang) =>
      texts.statusChanged[lang]({
        serialNumber: serial,
        status:
          statusTexts[status][lang]({}) + (reason === null ? '' : ` (${reasonTexts[reason][lang]({})})`),
        crl: crl.number,
      }),
  };
}
