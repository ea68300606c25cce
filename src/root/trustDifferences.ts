/** In what one trust statement differs from the one before it: what the holder of the root key is asked to sign. */
import { externalRootsOf, type TrustStatement } from '../delegation';
import { sha256Hex } from '../signer';
import { formatName } from '../x509';

export interface TrustDifference {
  readonly what: 'operator' | 'threshold' | 'registry-key' | 'external-root';
  /** Of the operator or external root; else empty. */
  readonly name: string;
  /** A number, or the SHA-256 of a key or certificate; null where there is none. */
  readonly before: string | null;
  readonly after: string | null;
}

/** All but the dates. @param before `undefined` for the first statement, of which everything is new */
export function differencesOf(
  before: TrustStatement | undefined,
  after: TrustStatement,
): readonly TrustDifference[] {
  const lists = { before: before && namedIn(before), after: namedIn(after) };
  const keys = new Set([...(lists.before?.keys() ?? []), ...lists.after.keys()]);
  return [...keys].flatMap((key) => {
    const [was, is] = [lists.before?.get(key), lists.after.get(key)];
    const named = is ?? was;
    if (named === undefined || was?.value === is?.value) return [];
    const { what, name } = named;
    return [{ what, name, before: was?.value ?? null, after: is?.value ?? null }];
  });
}

type Named = Pick<TrustDifference, 'what' | 'name'> & { readonly value: string };

/** What a statement names, each under a key of its own. */
function namedIn(trust: TrustStatement): ReadonlyMap<string, Named> {
  const digest = (base64: string): string => sha256Hex(Buffer.from(base64, 'base64'));
  const named: readonly Named[] = [
    ...trust.operators.map(({ name, spki }) => ({ what: 'operator' as const, name, value: digest(spki) })),
    { what: 'threshold', name: '', value: String(trust.threshold) },
    { what: 'registry-key', name: '', value: digest(trust.registry.spki) },
    ...externalRootsOf(trust).map(({ tbs, sha256 }) => ({
      what: 'external-root' as const,
      name: formatName(tbs.subject),
      value: sha256,
    })),
  ];
  // Of external roots, two may have one name: those are told apart by their digest.
  return new Map(
    named.map((one) => [`${one.what} ${one.what === 'external-root' ? one.value : one.name}`, one]),
  );
}
