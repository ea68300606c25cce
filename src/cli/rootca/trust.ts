/** `rootca trust sign|show` and `rootca registry rekey`. */
import { readFileBounded } from '../../config';
import { externalRootsOf } from '../../delegation';
import { filled, formatDate, type Lang } from '../../i18n';
import { externalRootTexts } from '../../i18n/messages/externalRoot';
import { rootcaTexts } from '../../i18n/messages/rootca';
import { rootcaOversightTexts } from '../../i18n/messages/rootcaOversight';
import { rootcaTrustTexts as texts, trustDifferenceTexts } from '../../i18n/messages/rootcaTrust';
import {
  draftTrust,
  rekeyRegistry,
  signTrust,
  trustStanding,
  type TrustDifference,
  type TrustStanding,
} from '../../root';
import { sha256Hex } from '../../signer';
import { decodePemOrDer, formatName, readCertificate } from '../../x509';
import { defineCommand } from '../command';
import { pinOptions, pinSource } from '../pin';
import { fields, table } from '../table';
import { fingerprint, reason, wholeNumber } from '../values';
import { withRoot } from './session';

const MAX_CERTIFICATE = 64 * 1024;

export const trustSign = defineCommand({
  path: 'trust sign',
  summary: texts.trustSign,
  example: [
    'rootca trust sign --threshold 2',
    'rootca trust sign',
    'rootca trust sign --external-root root.pem',
  ],
  options: {
    threshold: { flag: '--threshold <number>', summary: texts.thresholdOption, parse: wholeNumber(1, 20) },
    validDays: {
      flag: '--valid-days <days>',
      summary: texts.validDaysOption,
      default: '730',
      parse: wholeNumber(1, 3660),
    },
    externalRoot: { flag: '--external-root <file>', summary: externalRootTexts.addOption },
    dropExternalRoot: {
      flag: '--drop-external-root <sha256>',
      summary: externalRootTexts.dropOption,
      parse: fingerprint,
    },
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const { threshold: wanted, validDays, externalRoot: file, dropExternalRoot: dropExternal } = input;
      const what = 'external root';
      const addExternal =
        file === undefined
          ? undefined
          : readCertificate(
              decodePemOrDer(await readFileBounded(file, MAX_CERTIFICATE), 'CERTIFICATE', what),
              what,
            );
      const draft = await draftTrust(root, { threshold: wanted, validDays, addExternal, dropExternal });
      const { differences, statement } = draft;
      // Whoever holds the root key agrees to the difference before the token is asked for its PIN.
      const question = (lang: Lang): string =>
        texts.signQuestion[lang]({
          version: statement.version,
          changes: differencesText(differences, lang),
          validUntil: statement.validUntil,
        });
      await context.confirm({ en: () => question('en'), vi: () => question('vi') });
      const { value, sha256 } = await signTrust(root, draft);
      const externalRoots = externalRootsOf(value).map(({ tbs, sha256: digest }) => ({
        name: formatName(tbs.subject),
        sha256: digest,
        notAfter: tbs.notAfter,
      }));
      const { version, threshold, operators, validUntil } = value;
      return {
        json: {
          version,
          sha256,
          threshold,
          operators: operators.map(({ name }) => name),
          validUntil,
          externalRoots,
          differences,
        },
        text: (lang) =>
          [
            texts.trustDone[lang]({ version, threshold, operators: operators.length, validUntil }),
            ...externalRoots.map((one) => externalRootTexts.trusted[lang](one)),
          ].join('\n'),
      };
    }),
});

export const trustShow = defineCommand({
  path: 'trust show',
  summary: texts.trustShow,
  example: ['rootca trust show', 'rootca trust show --json'],
  handler: (context) =>
    withRoot(context, async (root) => {
      const standing = await trustStanding(root);
      const { value, sha256 } = standing.trust;
      const operators = value.operators.map(({ name, spki }) => ({ name, spkiSha256: digestOf(spki) }));
      const registryKeySha256 = digestOf(value.registry.spki);
      const externalRoots = externalRootsOf(value).map((one) => ({
        name: formatName(one.tbs.subject),
        sha256: one.sha256,
      }));
      const { version, issuedAt, validUntil, threshold } = value;
      const { valid, pending, nodes } = standing;
      return {
        json: {
          ...{ version, sha256, issuedAt, validUntil, valid, threshold, operators },
          ...{ registry: { name: value.registry.name, spkiSha256: registryKeySha256 }, externalRoots },
          ...{ pending, nodes: nodesJson(standing) },
        },
        text: (lang) =>
          [
            fields([
              [texts.statementDigest[lang]({}), sha256],
              ...operators.map((one) => [`${texts.operator[lang]({})} ${one.name}`, one.spkiSha256] as const),
              [texts.registryKey[lang]({}), registryKeySha256],
              ...externalRoots.map((one) => [one.name, one.sha256] as const),
            ]),
            standingText(standing, lang),
            ...(nodes.length === 0 ? [] : [nodesTable(standing, lang)]),
          ].join('\n'),
      };
    }),
});

export const registryRekey = defineCommand({
  path: 'registry rekey',
  summary: texts.registryRekey,
  example: ['rootca registry rekey --reason "Thay HSM, biên bản số 12"'],
  options: {
    reason: { flag: '--reason <text>', summary: texts.removeReason, required: true, parse: reason },
    ...pinOptions,
  },
  handler: (context, input) =>
    withRoot(context, async (root) => {
      const token = root.config.tokens.registry;
      await context.confirm(filled(texts.rekeyQuestion, { token }));
      const { label, spki } = await rekeyRegistry(root, input.reason, pinSource(input));
      const sha256 = sha256Hex(spki);
      return {
        json: { token, label, spkiSha256: sha256, reason: input.reason },
        text: (lang) => texts.rekeyed[lang]({ sha256 }),
      };
    }),
});

function digestOf(spki: string): string {
  return sha256Hex(Buffer.from(spki, 'base64'));
}

/** Which statement is in force, what the next one would change, and who has not caught up. */
export function standingText({ trust, valid, pending, nodes }: TrustStanding, lang: Lang): string {
  const { version, threshold, operators, validUntil } = trust.value;
  const behind = nodes.filter(({ caughtUp }) => !caughtUp);
  return [
    texts.inForce[lang]({ version, threshold, operators: operators.length, validUntil, valid }),
    ...(pending.length === 0 ? [] : [texts.pending[lang]({ changes: differencesText(pending, lang) })]),
    ...(nodes.length === 0
      ? []
      : behind.length === 0
        ? [texts.allCaughtUp[lang]({})]
        : [
            texts.behind[lang]({
              nodes: behind
                .map((one) => `${one.node} (${one.version === null ? '—' : one.version})`)
                .join(', '),
            }),
          ]),
  ].join('\n');
}

export function nodesJson({ nodes }: TrustStanding): readonly object[] {
  return nodes.map(({ node, version, lastContact, caughtUp }) => ({
    node,
    trustVersion: version,
    lastContact,
    caughtUp,
  }));
}

function nodesTable({ nodes }: TrustStanding, lang: Lang): string {
  return table(
    [
      { title: rootcaTexts.node[lang]({}) },
      { title: texts.nodeVersion[lang]({}), align: 'right' },
      { title: rootcaOversightTexts.lastContact[lang]({}) },
    ],
    nodes.map(({ node, version, lastContact }) => [
      node,
      version === null ? '—' : String(version),
      lastContact === null ? rootcaOversightTexts.never[lang]({}) : formatDate(new Date(lastContact), lang),
    ]),
  );
}

function differencesText(differences: readonly TrustDifference[], lang: Lang): string {
  if (differences.length === 0) return texts.unchanged[lang]({});
  return differences
    .map(({ what, name, before, after }) =>
      trustDifferenceTexts[what][lang]({ name, before: before ?? '', after: after ?? '' }),
    )
    .join('; ');
}
