/** Tokens that are programs: whatever they say of their keys' protection, the keys lie in files. */

/** As their libraries name themselves in CK_TOKEN_INFO. */
const NAMES =
  /softhsm|soft ?token|soft ?ware|kryoptic|opencryptoki|ibm os pkcs#?11|mozilla foundation|\bnss\b|gnome[ -]keyring|p11-kit|pkcs11[ -]?mock|simulator|emulator/i;

/** Whether a token that names itself so is known to be software. That it is not known proves nothing. */
export function isSoftwareToken(token: { readonly manufacturer: string; readonly model: string }): boolean {
  return NAMES.test(`${token.manufacturer}\n${token.model}`);
}
