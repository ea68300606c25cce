/** `subca renew`, `change`, `recover-device`: issue a certificate that follows another. */
import { readFileBounded, requireWritable, writeFileDurably } from '../../config';
import { filled, formatDate } from '../../i18n';
import { successionTexts as texts } from '../../i18n/messages/subcaSuccession';
import { subcaTexts } from '../../i18n/messages/subca';
import { REVOCATION_CAUSES } from '../../journal';
import type { CertificateRecord } from '../../delegation';
import {
  planSuccession,
  publishDueCrl,
  readRecord,
  type IssuancePlan,
  type SuccessionRequest,
} from '../../node';
import {
  ATTRIBUTE_TYPES,
  encodePem,
  readCertificate,
  readRequest,
  type CertificationRequest,
} from '../../x509';
import { defineCommand, type Context, type Result } from '../command';
import { pinOptions } from '../pin';
import { handOut } from './handOut';
import { nameAttribute } from './issue';
import { leaseWarning } from './leaseWarning';
import { origin, requestOption, serialArgument } from './revocation';
import { openIssuer, withNode, type Session } from './session';

const MAX_REQUEST = 64 * 1024;

const csrOption = { flag: '--csr <file>', summary: texts.newKeyOption } as const;
const outOption = { flag: '--out <file>', summary: subcaTexts.outFile } as const;
const replacementOptions = {
  keep: { flag: '--keep', summary: texts.keepOption },
  reason: { flag: '--reason <reason>', summary: texts.replacedReasonOption, choices: REVOCATION_CAUSES },
  request: requestOption,
} as const;

export const renew = defineCommand({
  path: 'renew',
  summary: texts.renew,
  description: texts.renewDescription,
  example: [
    'subca renew 01000000000a9f… --out an-2.crt',
    'subca renew 01000000000a9f… --csr an-2.csr --out an-2.crt',
  ],
  arguments: serialArgument,
  options: { csr: csrOption, out: outOption, ...pinOptions },
  handler: (context, input) =>
    withNode(context, input, async (session) =>
      succeed(context, session, input.out, {
        service: 'renew',
        predecessor: input.serial,
        csr: await readCsr(input.csr),
        by: origin(undefined),
      }),
    ),
});

export const change = defineCommand({
  path: 'change',
  summary: texts.change,
  description: texts.changeDescription,
  example: [
    'subca change 01000000000a9f… --subject "OU=SỞ TÀI CHÍNH" "CN=Nguyễn Văn An" --request 125/CV-SNV --out an-3.crt',
    'subca change 01000000000a9f… --without OU T --out an-3.crt',
  ],
  arguments: serialArgument,
  options: {
    subject: {
      flag: '--subject <name=value>',
      summary: texts.changedSubjectOption,
      repeatable: true,
      parse: nameAttribute,
    },
    without: {
      flag: '--without <name>',
      summary: texts.withoutOption,
      repeatable: true,
      choices: ATTRIBUTE_TYPES,
    },
    csr: csrOption,
    out: outOption,
    ...replacementOptions,
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async (session) =>
      succeed(context, session, input.out, {
        service: 'change-information',
        predecessor: input.serial,
        csr: await readCsr(input.csr),
        subject: input.subject,
        without: input.without,
        keep: input.keep,
        reason: input.reason,
        by: origin(input.request),
      }),
    ),
});

export const recoverDevice = defineCommand({
  path: 'recover-device',
  summary: texts.recoverDevice,
  description: texts.recoverDeviceDescription,
  example: ['subca recover-device 01000000000a9f… --csr an-4.csr --reason keyCompromise --out an-4.crt'],
  arguments: serialArgument,
  options: {
    csr: { ...csrOption, required: true },
    out: outOption,
    ...replacementOptions,
    ...pinOptions,
  },
  handler: (context, input) =>
    withNode(context, input, async (session) =>
      succeed(context, session, input.out, {
        service: 'recover-device',
        predecessor: input.serial,
        csr: await readCsr(input.csr),
        keep: input.keep,
        reason: input.reason,
        by: origin(input.request),
      }),
    ),
});

async function readCsr(file: string | undefined): Promise<CertificationRequest | undefined> {
  return file === undefined ? undefined : readRequest(await readFileBounded(file, MAX_REQUEST));
}

/** Asks before what a person may not expect: that the old certificate is revoked, or outlives the one that renews it. */
async function confirmed(
  context: Context,
  { replacing, service, tbs }: IssuancePlan,
  { serialNumber, subject, notAfter }: CertificateRecord,
): Promise<void> {
  if (replacing !== undefined)
    await context.confirm(filled(texts.replaceQuestion, { serialNumber, subject }));
  if (service === 'renew' && tbs.notAfter.getTime() < Date.parse(notAfter)) {
    const [until, old] = [tbs.notAfter, new Date(notAfter)];
    await context.confirm(filled(texts.shorterQuestion, { serialNumber, until, old }));
  }
}

async function succeed(
  context: Context,
  session: Session,
  out: string | undefined,
  wanted: SuccessionRequest,
): Promise<Result> {
  const { node, journal } = session;
  if (out !== undefined) await requireWritable(out);
  const issuer = await openIssuer(session);
  const { plan, existing } = await planSuccession(node, issuer, wanted);
  if (plan !== undefined) await confirmed(context, plan, await readRecord(node, wanted.predecessor));
  const certificate = existing ?? (await issuer.issue(plan));
  const replaced = await journal.generationOf(wanted.predecessor);
  // The CRL that tells of the predecessor, whichever CA key that was issued with.
  const crl = replaced && (await publishDueCrl(node, journal, replaced));
  if (out !== undefined) await handOut(certificate, out, writeFileDurably);
  const pem = encodePem('CERTIFICATE', certificate.der);
  const warning = leaseWarning(issuer.lease);
  const { serialNumber } = certificate;
  const predecessor = await readRecord(node, wanted.predecessor);
  const { notAfter } = readCertificate(certificate.der, serialNumber).tbs;
  // A renewal long before the end may gain nothing: the person should see it.
  const earlier = wanted.service === 'renew' && notAfter.getTime() < Date.parse(predecessor.notAfter);
  return {
    json: {
      serialNumber,
      existing: certificate.existing,
      ...warning.json,
      service: wanted.service,
      notAfter: notAfter.toISOString(),
      predecessor: { serialNumber: predecessor.serialNumber, status: predecessor.status },
      ...(crl && { crl: crl.number }),
      ...(out === undefined ? { certificate: pem } : { file: out }),
    },
    text: (lang) =>
      [
        subcaTexts.issueDone[lang]({ serialNumber, existing: certificate.existing }),
        texts.validUntil[lang]({ until: formatDate(notAfter, lang) }),
        ...(earlier
          ? [texts.endsEarlier[lang]({ until: formatDate(new Date(predecessor.notAfter), lang) })]
          : []),
        predecessor.status === 'revoked'
          ? texts.predecessorRevoked[lang]({ serialNumber: predecessor.serialNumber })
          : texts.predecessorKept[lang]({ serialNumber: predecessor.serialNumber }),
        ...warning.lines(lang),
        out ?? pem,
      ].join('\n'),
  };
}
