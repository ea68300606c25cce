/** What a token must say of a private key that came to be in it and cannot leave it. */
import type { KeyAttributes } from '../hsm';

export const PROTECTION = {
  local: true,
  sensitive: true,
  alwaysSensitive: true,
  neverExtractable: true,
  extractable: false,
} as const satisfies Partial<Record<keyof KeyAttributes, boolean>>;

/** The protecting attributes that are not as they must be; empty if all are. */
export function unprotected(attributes: Readonly<Record<string, boolean | null>>): string {
  return Object.entries(PROTECTION)
    .filter(([name, value]) => attributes[name] !== value)
    .map(([name]) => `${name} ${String(attributes[name] ?? null)}`)
    .join(', ');
}
