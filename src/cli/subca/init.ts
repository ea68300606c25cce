/** `subca init`: make a node. */
import { resolve } from 'node:path';
import { ceremonyTexts } from '../../i18n/messages/ceremony';
import { subcaTexts as texts } from '../../i18n/messages/subca';
import type { PinSource } from '../../hsm';
import { initNode, type InitOptions } from '../../node';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS } from '../../signer';
import { defineCommand } from '../command';
import { databaseConfig, databaseOptions } from '../database';
import { CliError } from '../errors';
import { table } from '../table';
import { nodeName, publicHost, registryUrl, wholeNumber } from '../values';
import { partySurroundings } from '../party';
import { pinOptions, pinSource } from '../pin';

export const init = defineCommand({
  path: 'init',
  summary: texts.init,
  example: [
    'subca init --dir /var/lib/subca --organisation 15 --host ca.laocai.gov.vn --module /usr/lib/softhsm/libsofthsm2.so --token laocai --pin-file /etc/subca/pin --registry https://registry.example.gov.vn:8443',
  ],
  options: {
    organisation: { flag: '--organisation <code>', summary: texts.organisationOption, required: true },
    host: { flag: '--host <name>', summary: texts.hostOption, required: true, parse: publicHost },
    node: { flag: '--node <name>', summary: texts.nodeOption, parse: nodeName },
    module: { flag: '--module <path>', summary: texts.moduleOption, required: true },
    token: { flag: '--token <label>', summary: texts.tokenOption, required: true },
    caKey: {
      flag: '--ca-key <type>',
      summary: texts.caKeyOption,
      choices: KEY_ALGORITHMS,
      default: 'rsa-3072',
    },
    caSignature: {
      flag: '--ca-signature <algorithm>',
      summary: texts.caSignatureOption,
      choices: SIGNATURE_ALGORITHMS,
    },
    registry: { flag: '--registry <url>', summary: texts.registryOption, parse: registryUrl },
    publicPort: {
      flag: '--public-port <port>',
      summary: texts.publicPortOption,
      parse: wholeNumber(0, 65_535),
    },
    ...databaseOptions,
    ceremony: { flag: '--ceremony', summary: ceremonyTexts.initOption },
    ...pinOptions,
    journalToken: { flag: '--journal-token <label>', summary: texts.journalTokenOption },
    journalPinFile: { flag: '--journal-pin-file <file>', summary: texts.otherPinFileOption },
    ocspToken: { flag: '--ocsp-token <label>', summary: texts.ocspTokenOption },
    ocspPinFile: { flag: '--ocsp-pin-file <file>', summary: texts.otherPinFileOption },
  },
  handler: async (context, input) => {
    const given = pinSource(input);
    const { organisation, host, node, module, token, caKey, caSignature, registry, publicPort, ceremony } =
      input;
    const { nodeId, keys } = await initNode(
      context.directory,
      {
        organisationCode: organisation,
        host,
        module,
        tokenLabel: token,
        pin: given ?? { prompt: true },
        otherTokens: {
          ...otherToken('journal', input.journalToken, input.journalPinFile),
          ...otherToken('ocsp', input.ocspToken, input.ocspPinFile),
        },
        caKey,
        caSignature,
        ...(node !== undefined && { nodeId: node }),
        ...(registry !== undefined && { registryUrl: registry }),
        ...(publicPort !== undefined && { publicPort }),
        ...databaseConfig(input),
        keyCeremony: ceremony,
      },
      partySurroundings(context),
    );
    const { directory } = context;
    if (keys.length === 0) {
      return {
        json: { directory, node: nodeId, keys },
        text: (lang) => ceremonyTexts.initDone[lang]({ program: 'subca', directory, name: nodeId }),
      };
    }
    return {
      json: { directory, node: nodeId, keys },
      text: (lang) =>
        [
          texts.initDone[lang]({ directory, node: nodeId }),
          table(
            [
              { title: texts.keyRole[lang]({}) },
              { title: texts.keyType[lang]({}) },
              { title: texts.keySignature[lang]({}) },
              { title: 'SHA-256 (SPKI)' },
            ],
            keys.map(({ role, algorithm, signatureAlgorithm, spkiSha256 }) => [
              role,
              algorithm,
              signatureAlgorithm,
              spkiSha256,
            ]),
          ),
          texts.initNext[lang]({}),
        ].join('\n'),
    };
  },
});

/** Where one of the keys is on a token of its own. @throws CliError `BAD_COMMAND_LINE` */
function otherToken(
  role: 'journal' | 'ocsp',
  label: string | undefined,
  pinFile: string | undefined,
): InitOptions['otherTokens'] {
  if (label === undefined) {
    if (pinFile === undefined) return {};
    const where = `--${role}-token`;
    const problem = { code: 'MISSING', where, found: '', allowed: `with --${role}-pin-file` } as const;
    throw new CliError('BAD_COMMAND_LINE', { help: 'subca init --help' }, { problems: [problem] });
  }
  const pin: PinSource = pinFile === undefined ? { prompt: true } : { file: resolve(pinFile) };
  return { [role]: { label, pin } };
}
