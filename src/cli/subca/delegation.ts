/** `subca apply` and `subca activate`: from a new node to one that may issue. */
import { readFileBounded, writeFileDurably } from '../../config';
import { subcaTexts as texts } from '../../i18n/messages/subca';
import { SERVICES } from '../../journal';
import {
  activate,
  ensureResponderCertificate,
  Issuer,
  makeApplication,
  publishCrl,
  republish,
} from '../../node';
import { defineCommand } from '../command';
import { wholeNumber } from '../values';
import { pinOptions } from '../pin';
import { software, withNode } from './session';

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
    withNode(context, input, async ({ node, journal }) => {
      const bundle = await readFileBounded(input.grant, MAX_BUNDLE);
      const fingerprint = input.rootFingerprint ?? (await context.ask(texts.fingerprintQuestion));
      const { grant, origin } = await activate(node, journal, bundle, fingerprint);
      await ensureResponderCertificate(node, await Issuer.open(node, journal, 'own'));
      const crl = await publishCrl(node, journal);
      await republish(node);
      const { grantId, version, limits } = grant.value;
      return {
        json: { grant: grantId, version, notAfter: limits.notAfter, origin, crl: crl.number },
        text: (lang) => texts.activateDone[lang]({ version, notAfter: limits.notAfter }),
      };
    }),
});
