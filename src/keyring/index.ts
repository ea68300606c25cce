/** A party's own keys: made in a token with a record before and after, and found again as exactly those. */
export { makeKey, storedSigner, type Alongside, type KeyToMake } from './keyring';
