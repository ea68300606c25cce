/** `subca activate`: from a granted node to one that may issue. */
import { readFileBounded } from '../../config';
import { subcaTexts as texts } from '../../i18n/messages/subca';
import { activate, ensureResponderCertificate, publishCrls, republish, requireCaInForce } from '../../node';
import { defineCommand, type Result } from '../command';
import { pinOptions } from '../pin';
import { withNode, type Session } from './session';

export const MAX_BUNDLE = 4 * 1024 * 1024;

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
