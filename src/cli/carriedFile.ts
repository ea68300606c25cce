/** A file that is carried between node and root, with its hash as words that two people can compare. */
import { wordLines } from '../ceremony';
import type { Lang } from '../i18n';
import { carriedFileTexts as texts } from '../i18n/messages/carriedFile';
import { sha256Hex } from '../signer';

export interface CarriedFile {
  readonly json: { readonly file: string; readonly sha256: string };
  readonly text: (lang: Lang) => string;
}

export function carriedFile(file: string, bytes: Buffer): CarriedFile {
  const sha256 = sha256Hex(bytes);
  return {
    json: { file, sha256 },
    text: (lang) => [texts.readAloud[lang]({ file }), ...wordLines(sha256, lang)].join('\n'),
  };
}
