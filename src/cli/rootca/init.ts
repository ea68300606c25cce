/** `rootca init`: make a root. */
import { resolve } from 'node:path';
import type { PinSource } from '../../hsm';
import { ceremonyTexts } from '../../i18n/messages/ceremony';
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { subcaTexts } from '../../i18n/messages/subca';
import { initRoot } from '../../root';
import { KEY_ALGORITHMS, SIGNATURE_ALGORITHMS } from '../../signer';
import { defineCommand } from '../command';
import { databaseConfig, databaseOptions } from '../database';
import { partySurroundings } from '../party';
import { wholeNumber } from '../values';

const port = wholeNumber(0, 65_535);

export const init = defineCommand({
  path: 'init',
  summary: texts.init,
  example: [
    'rootca init --dir /var/lib/rootca --name registry.example.gov.vn --subject "C=VN, O=Ban Cơ yếu Chính phủ, CN=RootCA thử nghiệm" --host registry.example.gov.vn --module /usr/lib/softhsm/libsofthsm2.so --root-token root --registry-token registry',
  ],
  options: {
    name: { flag: '--name <name>', summary: texts.nameOption, required: true },
    subject: { flag: '--subject <name>', summary: texts.subjectOption, required: true },
    host: { flag: '--host <host>', summary: texts.hostOption, required: true },
    port: { flag: '--port <port>', summary: texts.portOption, default: '8443', parse: port },
    publicPort: {
      flag: '--public-port <port>',
      summary: texts.publicPortOption,
      default: '8081',
      parse: port,
    },
    module: { flag: '--module <path>', summary: subcaTexts.moduleOption, required: true },
    rootToken: { flag: '--root-token <label>', summary: texts.rootTokenOption, required: true },
    rootPinFile: { flag: '--root-pin-file <file>', summary: texts.rootPinFileOption },
    registryToken: { flag: '--registry-token <label>', summary: texts.registryTokenOption, required: true },
    registryPinFile: { flag: '--registry-pin-file <file>', summary: texts.registryPinFileOption },
    rootKey: {
      flag: '--root-key <type>',
      summary: texts.rootKeyOption,
      choices: KEY_ALGORITHMS,
      default: 'rsa-4096',
    },
    rootSignature: {
      flag: '--root-signature <algorithm>',
      summary: texts.rootSignatureOption,
      choices: SIGNATURE_ALGORITHMS,
    },
    ...databaseOptions,
    ceremony: { flag: '--ceremony', summary: ceremonyTexts.initOption },
  },
  handler: async (context, input) => {
    const {
      rootPinFile,
      registryPinFile,
      ceremony: keyCeremony,
      database,
      databasePasswordFile,
      ...options
    } = input;
    const made = await initRoot(
      context.directory,
      {
        ...options,
        ...databaseConfig({ database, databasePasswordFile }),
        keyCeremony,
        rootPin: pinOf(rootPinFile),
        registryPin: pinOf(registryPinFile),
      },
      partySurroundings(context),
    );
    const { directory } = context;
    if (made === undefined) {
      const { name } = options;
      return {
        json: { directory, name },
        text: (lang) => ceremonyTexts.initDone[lang]({ program: 'rootca', directory, name }),
      };
    }
    const { certificate, registryUrl } = made;
    return {
      json: { directory, fingerprint: certificate.sha256, registry: registryUrl },
      text: (lang) =>
        texts.initDone[lang]({ directory, fingerprint: grouped(certificate.sha256), url: registryUrl }),
    };
  },
});

function pinOf(file: string | undefined): PinSource {
  return file === undefined ? { prompt: true } : { file: resolve(file) };
}

/** In pairs, as people read it aloud and OpenSSL prints it. */
function grouped(fingerprint: string): string {
  return fingerprint.toUpperCase().match(/../g)?.join(':') ?? fingerprint;
}
