/** The seal between two epochs: what an opening must name, and what a sealed journal may not say any more. */
import type { EntryOf } from '../journal';
import { readTbsCertificate, type TbsCertificate } from '../x509';
import { finding, type Finding } from './finding';
import type { JudgedEntry } from './residue';
import { isResponderCertificate } from './scope';

/** The first epoch follows none; each later one names the very end of the one before. */
export function checkSealing(
  { sealed }: Pick<EntryOf<'open'>, 'sealed'>,
  epoch: number,
  sealedRoot: string | undefined,
): readonly Finding[] {
  const described = (size: number, hash: string): string => `${size} entries ${hash}`;
  const found = sealed === undefined ? '—' : described(sealed.size, sealed.rootHash);
  if (epoch === 1) return sealed === undefined ? [] : [finding('SEAL_MISMATCH', 'sealed', found, '—')];
  if (sealed !== undefined && sealed.rootHash === sealedRoot) return [];
  const known = sealed === undefined || sealedRoot === undefined ? undefined : sealedRoot;
  const allowed = known === undefined ? 'a head of the journal before' : described(sealed?.size ?? 0, known);
  return [finding('SEAL_MISMATCH', 'sealed', found, allowed)];
}

/**
 * What a sealed journal may not say any more. Its CA key goes on to sign CRLs, and certificates for its own OCSP
 * responder, which must answer until the last certificate has expired and may not have a long-lived one (RFC 6960,
 * section 4.2.2.2.1).
 * @param index of the entry; before the seal, everything is allowed
 */
export function checkAfterSeal(
  entry: JudgedEntry,
  index: number,
  sealedAt: number,
  parsed?: TbsCertificate,
): readonly Finding[] {
  if (index < sealedAt) return [];
  const late = (where: string, found: string): readonly Finding[] => [
    finding('EPOCH_SEALED', where, found, `before entry ${sealedAt}, or an OCSP responder's own certificate`),
  ];
  switch (entry.type) {
    case 'intent': {
      const tbs = parsed ?? tryReadTbs(entry.tbs);
      if (tbs !== undefined && isResponderCertificate(tbs)) return [];
      return late('extendedKeyUsage', tbs?.extensions.extendedKeyUsage?.join(', ') ?? '—');
    }
    case 'removed-intent':
      return entry.responder === true ? [] : late('extendedKeyUsage', 'removed');
    case 'issued':
    case 'removed-issued':
      // One whose intent follows the seal is judged with its intent.
      return entry.intent < sealedAt ? late('intent', String(entry.intent)) : [];
    case 'open':
    case 'grant':
    case 'directive':
    case 'lease':
    case 'ceremony':
      return late(`entry ${index}`, entry.type);
    case 'abandoned':
    case 'revoked':
    case 'suspended':
    case 'resumed':
    case 'crl':
    case 'removal':
      return [];
  }
}

function tryReadTbs(base64: string): TbsCertificate | undefined {
  try {
    return readTbsCertificate(Buffer.from(base64, 'base64'), 'tbs');
  } catch {
    return undefined;
  }
}
