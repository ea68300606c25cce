/** What is known of a token's certification: that it is software, or that a paper speaks of this very kind of device. */
import type { TokenFacts } from './tokenFacts';

/** A certification that exists on paper; the device must show that it is the one the paper speaks of. */
export interface Certification {
  readonly scheme: string;
  readonly number: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware?: string | undefined;
}

/** Programs: whatever they say of their keys' protection, the keys lie in files. As their libraries name themselves. */
const NAMES =
  /softhsm|soft ?token|soft ?ware|kryoptic|opencryptoki|ibm os pkcs#?11|mozilla foundation|\bnss\b|gnome[ -]keyring|p11-kit|pkcs11[ -]?mock|simulator|emulator/i;

/** Whether a token that names itself so is known to be software. That it is not known proves nothing. */
export function isSoftwareToken(token: { readonly manufacturer: string; readonly model: string }): boolean {
  return NAMES.test(`${token.manufacturer}\n${token.model}`);
}

/** Whether the paper is this device's: it says the same of itself, and it is no program. */
export function certificationFits(
  { manufacturer, model, firmware }: Pick<TokenFacts, 'manufacturer' | 'model' | 'firmware'>,
  certified: Certification,
): boolean {
  return (
    !isSoftwareToken({ manufacturer, model }) &&
    certified.manufacturer === manufacturer &&
    certified.model === model &&
    (certified.firmware === undefined || certified.firmware === firmware)
  );
}
