/** How both programs tell of a proof that holds, and of entries with their ways to the root hash. */
import type { Lang } from '../i18n';
import { proofTexts as texts } from '../i18n/messages/proof';
import { leafHash } from '../journal';
import type { Proven, ProvenEntry } from '../proof';
import { formatName } from '../x509';

export function provenEntryJson({ index, bytes, auditPath }: ProvenEntry): object {
  return {
    index,
    entry: bytes.toString('utf8'),
    leafHash: leafHash(bytes).toString('hex'),
    auditPath: auditPath.map((hash) => hash.toString('hex')),
  };
}

export function provenJson({ certificate, ...place }: Proven): object {
  const { serialNumber, subject } = certificate.tbs;
  return { serialNumber, subject: formatName(subject), sha256: certificate.sha256, ...place };
}

export function provenText(proven: Proven, lang: Lang): string {
  const { serialNumber, subject } = proven.certificate.tbs;
  return [formatName(subject), serialNumber, texts.proven[lang](proven), texts.notStatus[lang]({})].join(
    '\n',
  );
}
