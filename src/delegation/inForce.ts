/**
 * Which version of a grant is in force: a version is journalled when it arrives, and takes effect when it says. Asked by
 * the judge of every entry, so that both ends mean the same version at the same moment.
 */
import type { EntryOf } from '../journal';
import type { SignedDocument } from './document';
import { finding, type Finding } from './finding';
import type { Grant } from './grant';

type Versions = ReadonlyMap<number, SignedDocument<Grant>>;

/**
 * The highest version that has arrived and has taken effect. A version that takes effect before an older one therefore
 * puts that one out of force for good; one that arrives after its effect is in force from its arrival on.
 * @param arrived highest version journalled so far; 0 before the first
 * @param time ISO 8601 UTC
 * @returns `undefined` if none has taken effect
 */
export function grantInForce(grants: Versions, arrived: number, time: string): Grant | undefined {
  const versions = [...grants.values()].map(({ value }) => value);
  return versions
    .filter(({ version, effectiveFrom }) => version <= arrived && effectiveFrom <= time)
    .reduce<Grant | undefined>(
      (newest, one) => (one.version > (newest?.version ?? 0) ? one : newest),
      undefined,
    );
}

/** The versions that have arrived and are to take effect later, soonest first; those that never will are left out. */
export function grantsToCome(grants: Versions, arrived: number, time: string): readonly Grant[] {
  const later = [...grants.values()]
    .map(({ value }) => value)
    .filter(({ version, effectiveFrom }) => version <= arrived && effectiveFrom > time);
  const current = grantInForce(grants, arrived, time)?.version ?? 0;
  return later
    .filter(
      (one) =>
        one.version > current &&
        later.every(
          ({ version, effectiveFrom }) => version <= one.version || effectiveFrom > one.effectiveFrom,
        ),
    )
    .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
}

/**
 * Holds a version to its place in the journal: versions arrive in order, and the first is in effect already, so that no
 * older one, which may not even have come to the node, is ever in force.
 * @param arrived highest version journalled before; 0 for none
 */
export function checkArrival(entry: EntryOf<'grant'>, grants: Versions, arrived: number): readonly Finding[] {
  const known = grants.get(entry.version);
  const isNext = arrived === 0 || entry.version === arrived + 1;
  const isSigned = known?.sha256 === entry.sha256 && known.value.grantId === entry.grantId;
  if (isSigned && isNext) {
    const { effectiveFrom } = known.value;
    return arrived > 0 || effectiveFrom <= entry.time
      ? []
      : [finding('GRANT_MISMATCH', 'time', entry.time, `≥ ${effectiveFrom}`)];
  }
  const named = (grantId: string, version: number, sha256: string): string =>
    `${grantId} version ${version} ${sha256}`;
  const next = arrived === 0 ? known : grants.get(arrived + 1);
  const allowed =
    next === undefined
      ? 'a version the operators signed, each after the one before'
      : named(next.value.grantId, next.value.version, next.sha256);
  return [finding('GRANT_MISMATCH', 'grant', named(entry.grantId, entry.version, entry.sha256), allowed)];
}
