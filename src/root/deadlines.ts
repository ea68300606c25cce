/**
 * What of the root's own comes to its end soon, and a person has to make anew. Each ends for all nodes at once: without the
 * root's CRL no certificate of the country can be checked, without a trust statement nothing is granted or ordered.
 */
import { readFileBounded } from '../config';
import { readNewestDocument } from '../db';
import { decodePemOrDer, readCertificate, readCrl } from '../x509';
import type { RootCa } from './root';

const DAY = 86_400_000;
const MAX_PEM = 64 * 1024;

type DeadlineCode = 'ROOT_CRL_ENDS' | 'TRUST_ENDS' | 'REGISTRY_TLS_ENDS' | 'ROOT_CERTIFICATE_ENDS';

interface Deadline {
  readonly code: DeadlineCode;
  /** Until when it is valid, ISO 8601 UTC; it may have passed. */
  readonly end: string;
}

/** @returns what ends within the days that `oversight` gives, or has ended; the soonest first */
export async function ownDeadlines(root: RootCa): Promise<readonly Deadline[]> {
  const { ownEndsDays, caEndsDays } = root.config.oversight;
  const soon: Deadline[] = [];
  const look = (code: DeadlineCode, end: Date, days: number): void => {
    if (end.getTime() - root.now().getTime() < days * DAY) soon.push({ code, end: end.toISOString() });
  };
  const crl = await readNewestDocument(root.read, 'root-crl');
  if (crl !== undefined) look('ROOT_CRL_ENDS', readCrl(crl.bytes, 'root CRL').nextUpdate, ownEndsDays);
  // Before the first one, there is nothing that could end.
  const trust = (await root.trustStatements()).at(-1);
  if (trust !== undefined) look('TRUST_ENDS', new Date(trust.value.validUntil), ownEndsDays);
  const file = root.paths.tlsCertificate;
  const tls = decodePemOrDer(await readFileBounded(file, MAX_PEM), 'CERTIFICATE', file);
  look('REGISTRY_TLS_ENDS', readCertificate(tls, file).tbs.notAfter, ownEndsDays);
  look('ROOT_CERTIFICATE_ENDS', (await root.certificate()).tbs.notAfter, caEndsDays);
  return soon.sort((a, b) => (a.end < b.end ? -1 : 1));
}
