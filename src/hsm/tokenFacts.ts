/** What tokens say of themselves, read without logging in; and the choice of the one that is meant. */
import { TokenFlag, type Slot, type SlotCollection } from 'graphene-pk11';
import { ckrOf } from './ckr';
import { HsmError } from './errors';
import { loadModule, type LoadedModule } from './module';

/** Which token is meant. */
export interface TokenReference {
  /** Path of the PKCS#11 library. */
  readonly module: string;
  readonly label: string;
  /** Of the only device that will do. */
  readonly serial?: string | undefined;
}

/** CK_TOKEN_INFO flags (PKCS#11 v2.40, section 3.2) that decide what may be done. */
export interface TokenFlags {
  readonly initialised: boolean;
  readonly userPinInitialised: boolean;
  /** At least one wrong PIN since the last right one. */
  readonly userPinCountLow: boolean;
  readonly userPinFinalTry: boolean;
  readonly userPinLocked: boolean;
  readonly userPinToBeChanged: boolean;
  readonly writeProtected: boolean;
  /** Without it, whoever reaches the module uses every key. */
  readonly loginRequired: boolean;
  /** The PIN is typed on the device itself. */
  readonly protectedAuthenticationPath: boolean;
  readonly randomGenerator: boolean;
  readonly clockOnToken: boolean;
  /** It failed a self-test. */
  readonly errorState: boolean;
}

export interface TokenFacts {
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  /** `major.minor`. */
  readonly firmware: string;
  /** `major.minor`. */
  readonly hardware: string;
  readonly flags: TokenFlags;
}

export interface FoundToken {
  readonly module: LoadedModule;
  /** The module's generation in which the slot was found. */
  readonly generation: number;
  readonly slot: Slot;
  readonly facts: TokenFacts;
}

/**
 * Every token the module shows, without logging in to any.
 * @throws HsmError `MODULE_UNAVAILABLE`
 */
export function listTokens(modulePath: string): readonly TokenFacts[] {
  return presentTokens(modulePath).map((token) => token.facts);
}

/**
 * The one token meant by label, and by serial number where one is given.
 * @throws HsmError `MODULE_UNAVAILABLE`, `TOKEN_ABSENT`, `TOKEN_AMBIGUOUS`
 */
export function findToken(reference: TokenReference): FoundToken {
  const { module, label, serial } = reference;
  const present = presentTokens(module);
  const matching = present.filter(
    ({ facts }) => facts.label === label && (serial === undefined || facts.serial === serial),
  );
  const [token, ...more] = matching;
  if (token === undefined) {
    const found = present
      .filter(({ facts }) => facts.flags.initialised)
      .map(({ facts }) => `${facts.label} (${facts.serial})`)
      .join(', ');
    throw new HsmError('TOKEN_ABSENT', { label, serial: serial ?? '', module, found });
  }
  if (more.length > 0) {
    const serials = matching.map(({ facts }) => facts.serial).join(', ');
    throw new HsmError('TOKEN_AMBIGUOUS', { label, serials });
  }
  return token;
}

function presentTokens(modulePath: string): readonly FoundToken[] {
  const loaded = loadModule(modulePath);
  try {
    const slots = loaded.module.getSlots(true);
    return Array.from({ length: slots.length }, (_, index) => readSlot(loaded, slots, index)).flat();
  } catch (cause) {
    const ckr = ckrOf(cause);
    if (ckr === undefined) throw cause;
    throw new HsmError('MODULE_UNAVAILABLE', { module: modulePath, reason: ckr }, { cause });
  }
}

/** A token that was taken out meanwhile, is of a kind the module does not know, or fails: others may be well. */
const UNREADABLE = new Set([
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_DEVICE_REMOVED',
  'CKR_DEVICE_ERROR',
  'CKR_FUNCTION_FAILED',
  'CKR_GENERAL_ERROR',
]);

function readSlot(module: LoadedModule, slots: SlotCollection, index: number): readonly FoundToken[] {
  try {
    const slot = slots.items(index);
    return [{ module, generation: module.generation, slot, facts: readFacts(slot) }];
  } catch (error) {
    if (UNREADABLE.has(ckrOf(error) ?? '')) return [];
    throw error;
  }
}

/** Asks the token anew. Throws the token's own errors as they are. */
export function readFacts(slot: Slot): TokenFacts {
  const token = slot.getToken();
  const has = (flag: TokenFlag): boolean => (token.flags & flag) !== 0;
  return {
    label: token.label,
    serial: token.serialNumber,
    manufacturer: token.manufacturerID,
    model: token.model,
    firmware: `${token.firmwareVersion.major}.${token.firmwareVersion.minor}`,
    hardware: `${token.hardwareVersion.major}.${token.hardwareVersion.minor}`,
    flags: {
      initialised: has(TokenFlag.TOKEN_INITIALIZED),
      userPinInitialised: has(TokenFlag.USER_PIN_INITIALIZED),
      userPinCountLow: has(TokenFlag.USER_PIN_COUNT_LOW),
      userPinFinalTry: has(TokenFlag.USER_PIN_FINAL_TRY),
      userPinLocked: has(TokenFlag.USER_PIN_LOCKED),
      userPinToBeChanged: has(TokenFlag.USER_PIN_TO_BE_CHANGED),
      writeProtected: has(TokenFlag.WRITE_PROTECTED),
      loginRequired: has(TokenFlag.LOGIN_REQUIRED),
      protectedAuthenticationPath: has(TokenFlag.PROTECTED_AUTHENTICATION_PATH),
      randomGenerator: has(TokenFlag.RNG),
      clockOnToken: has(TokenFlag.CLOCK_ON_TOKEN),
      errorState: has(TokenFlag.ERROR_STATE),
    },
  };
}
