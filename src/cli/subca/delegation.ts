/** `subca apply` and `subca activate`: from a new node to one that may issue. */
import { readFileBounded, writeFileDurably } from '../../config';
import { subcaTexts as texts } from '../../i18n/messages/subca';
import { SERVICES } from '../../journal';
import {
  activate,
  ensureResponderCertificate,
  makeApplication,
  publishCrls,
  republish,
  requireCaInForce,
} from '../../node';
import { defineCommand, type Result } from '../command';
import { wholeNumber } from '../values';
import { pinOptions } from '../pin';
import { software, withNode, type Session } from './session';

const MAX_BUNDLE = 4 * 1024 * 1024;

export const apply = defineCommand({
  path: 'apply',
  summary: texts.apply,
  example: ['subca apply --out application.dsse --email-domain laocai.gov.vn --per-year 2000'],
  options: {
    out: { flag: '--out <file>', summary: texts.outFile, required: true },
    emailDomain: { flag: '--email-domain <domain>', summary: texts.emailDomainOption, repeatable: true },
    dnsDomain: { flag: '--dns-domain <domain>', summary: texts.dnsDomainOption, repeatable: true },
    profile: { flag: '--profile <profile>', summary: texts.wantedProfileOption, repeatable: true },
    service: {
      flag: '--service <service>',
      summary: texts.serviceOption,
      repeatable: true,
      choices: SERVICES,
    },
    perYear: {
      flag: '--per-year <number>',
      summary: texts.perYearOption,
      default: '2000',
      parse: wholeNumber(1, 10_000_000),
    },
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async ({ node }) => {
      const { application, subject, envelope } = await makeApplication(node, {
        emailDomains: input.emailDomain,
        dnsDomains: input.dnsDomain,
        perYear: input.perYear,
        software: software(),
        ...(input.service.length > 0 && { services: input.service }),
        ...(input.profile.length > 0 && { profiles: input.profile }),
      });
      await writeFileDurably(input.out, envelope);
      if (input.emailDomain.length === 0) context.announce(texts.noEmailDomain);
      return {
        json: { file: input.out, node: application.nodeId, subject, wanted: application.wanted },
        text: (lang) => texts.applyDone[lang]({ file: input.out, subject }),
      };
    }),
});

export const activateCommand = defineCommand({
  path: 'activate',
  summary: texts.activate,
  example: ['subca activate grant.bundle --root-fingerprint 4F:0A:…'],
  arguments: [{ name: 'grant', summary: texts.grantArgument, required: true }],
  options: {
    rootFingerprint: { flag: '--root-fingerprint <sha256>', summary: texts.fingerprintOption },
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async (session) => {
      const option = '--root-fingerprint';
      const fingerprint = input.rootFingerprint ?? (await context.ask(texts.fingerprintQuestion, { option }));
      return activateWith(session, input.grant, fingerprint);
    }),
});

/** Takes a bundle, and publishes under the CA key that it is for; what was cut off is finished when it is repeated. */
export async function activateWith(
  { node, journal }: Session,
  file: string,
  fingerprint: string,
): Promise<Result> {
  const delegation = await activate(node, journal, await readFileBounded(file, MAX_BUNDLE), fingerprint);
  await republish(node);
  await ensureResponderCertificate(node, journal, delegation);
  const crls = await publishCrls(node, journal);
  // Published first, so that whoever relies on the certificates learns of it too.
  await requireCaInForce(node);
  const { grantId, version, limits } = delegation.grant.value;
  const { epoch, origin } = delegation;
  const { notAfter } = limits;
  return {
    json: { grant: grantId, version, notAfter, origin, epoch, crl: crls.at(-1)?.number },
    text: (lang) =>
      epoch === 1
        ? texts.activateDone[lang]({ version, notAfter })
        : texts.rolloverDone[lang]({ version, notAfter, epoch }),
  };
}
