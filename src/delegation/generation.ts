/** Generations of a CA key: what each calls its files and where each is found, so that no two are mistaken for one. */

/** Longest common name (RFC 5280, ub-common-name). */
const MAX_COMMON_NAME = 64;

/**
 * A file's name in an epoch: the first keeps it; a later one says which it is before the extension, as in
 * `subca-e2.crl`.
 */
export function fileOfEpoch(name: string, epoch: number): string {
  return epoch === 1 ? name : name.replace(/^[^.]*/, (stem) => `${stem}-e${String(epoch)}`);
}

/**
 * The address of an epoch's CRL or CA certificate: its last part is the file of that epoch. One rule for every
 * address, so that a template written for the first epoch serves the later ones.
 * @param url absolute
 * @param before the epoch whose address it is: what says so in it makes way
 */
export function urlOfEpoch(url: string, epoch: number, before = 1): string {
  if (epoch === before) return url;
  const parsed = new URL(url);
  const at = parsed.pathname.lastIndexOf('/') + 1;
  const first = parsed.pathname.slice(at).replace(/^[^.]*/, (stem) => withoutEpoch(stem, before));
  parsed.pathname = parsed.pathname.slice(0, at) + fileOfEpoch(first, epoch);
  return parsed.href;
}

function withoutEpoch(stem: string, epoch: number): string {
  const told = `-e${String(epoch)}`;
  return epoch > 1 && stem.endsWith(told) ? stem.slice(0, -told.length) : stem;
}

/**
 * The common name of an epoch's CA certificate, `… G2` from the second on: verifiers find a CRL by the name of its
 * issuer, and two keys of one name would stand in for each other.
 */
export function commonNameOfEpoch(name: string, epoch: number): string {
  const generation = epoch === 1 ? '' : ` G${String(epoch)}`;
  return name.slice(0, MAX_COMMON_NAME - generation.length).trimEnd() + generation;
}
