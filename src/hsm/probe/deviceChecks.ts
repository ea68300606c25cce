/** What module and token say of themselves, before any key is made. */
import { stat } from 'node:fs/promises';
import { MechanismEnum, type Session } from 'graphene-pk11';
import { fileSha256 } from '../../config';
import type { KeyAlgorithm } from '../../signer';
import { certificationFits, isSoftwareToken, type Certification } from '../certification';
import { ckrOf } from '../ckr';
import { openSession } from '../session';
import type { FoundToken, TokenFacts } from '../tokenFacts';
import type { Bench } from './bench';
import type { CheckList, Outcome } from './checkList';
import type { DeviceReport } from './report';

/** Mechanism flags (PKCS#11 v2.40, section 3.4). */
const CKF = {
  CKF_HW: 0x1,
  CKF_SIGN: 0x800,
  CKF_VERIFY: 0x2000,
  CKF_GENERATE_KEY_PAIR: 0x1_0000,
} as const;

interface UsedMechanism {
  readonly name: string;
  readonly type: MechanismEnum;
  readonly flag: keyof typeof CKF;
  /** The key types that cannot be used without it. */
  readonly neededBy: 'rsa' | 'ec' | undefined;
}

const MECHANISMS: readonly UsedMechanism[] = [
  {
    name: 'CKM_RSA_PKCS_KEY_PAIR_GEN',
    type: MechanismEnum.RSA_PKCS_KEY_PAIR_GEN,
    flag: 'CKF_GENERATE_KEY_PAIR',
    neededBy: 'rsa',
  },
  { name: 'CKM_RSA_PKCS', type: MechanismEnum.RSA_PKCS, flag: 'CKF_SIGN', neededBy: undefined },
  { name: 'CKM_SHA256_RSA_PKCS', type: MechanismEnum.SHA256_RSA_PKCS, flag: 'CKF_SIGN', neededBy: undefined },
  { name: 'CKM_RSA_PKCS_PSS', type: MechanismEnum.RSA_PKCS_PSS, flag: 'CKF_SIGN', neededBy: undefined },
  {
    name: 'CKM_SHA256_RSA_PKCS_PSS',
    type: MechanismEnum.SHA256_RSA_PKCS_PSS,
    flag: 'CKF_SIGN',
    neededBy: undefined,
  },
  {
    name: 'CKM_SHA384_RSA_PKCS_PSS',
    type: MechanismEnum.SHA384_RSA_PKCS_PSS,
    flag: 'CKF_SIGN',
    neededBy: undefined,
  },
  {
    name: 'CKM_EC_KEY_PAIR_GEN',
    type: MechanismEnum.EC_KEY_PAIR_GEN,
    flag: 'CKF_GENERATE_KEY_PAIR',
    neededBy: 'ec',
  },
  { name: 'CKM_ECDSA', type: MechanismEnum.ECDSA, flag: 'CKF_SIGN', neededBy: 'ec' },
];

/** The library: which one it is, and that nobody but its owner can change it. */
export async function checkModule(list: CheckList, { module }: FoundToken): Promise<DeviceReport['module']> {
  const {
    libFile: path,
    manufacturerID,
    libraryDescription,
    libraryVersion,
    cryptokiVersion,
  } = module.module;
  const { mode } = await stat(path);
  const shown = (mode & 0o7777).toString(8).padStart(4, '0');
  list.add('module-file', '', 'mode & 0022 = 0', [(mode & 0o022) === 0 ? 'pass' : 'warning', shown]);
  const cryptoki = versionOf(cryptokiVersion);
  const { major, minor } = cryptokiVersion;
  const known = major === 3 || (major === 2 && minor >= 20);
  list.add('cryptoki-version', '', '2.20–3.x', [known ? 'pass' : 'warning', cryptoki]);
  return {
    path,
    sha256: await fileSha256(path),
    manufacturer: manufacturerID,
    description: libraryDescription,
    version: versionOf(libraryVersion),
    cryptoki,
  };
}

function versionOf({ major, minor }: { readonly major: number; readonly minor: number }): string {
  return `${String(major)}.${String(minor)}`;
}

/** @param paper a certification that exists on paper */
export function checkCertification(
  list: CheckList,
  facts: TokenFacts,
  paper: Certification | undefined,
  required: boolean,
): DeviceReport['certification'] {
  const software = isSoftwareToken(facts);
  const fits = paper !== undefined && certificationFits(facts, paper);
  const certified = fits ? { scheme: paper.scheme, number: paper.number } : null;
  const device = [facts.manufacturer, facts.model, facts.firmware].join(', ');
  const found = fits
    ? `${paper.scheme}, ${paper.number}: ${device}`
    : `${software ? 'not certified: software' : 'not certified'}: ${device}`;
  const expected =
    paper === undefined
      ? 'certified: …'
      : [paper.manufacturer, paper.model, paper.firmware ?? '*'].join(', ');
  list.add('certification', '', expected, [fits ? 'pass' : required ? 'fail' : 'warning', found]);
  return { software, certified, required };
}

/** CK_TOKEN_INFO flags. */
export function checkFlags(list: CheckList, { flags }: TokenFacts): void {
  const flag = (holds: boolean, name: string): string => (holds ? name : `!${name}`);
  const pin = [
    flags.userPinCountLow ? 'CKF_USER_PIN_COUNT_LOW' : '',
    flags.userPinToBeChanged ? 'CKF_USER_PIN_TO_BE_CHANGED' : '',
  ].filter((name) => name !== '');
  list.add('pin-state', '', '–', [pin.length === 0 ? 'pass' : 'warning', pin.join(', ') || '–']);
  const { loginRequired, protectedAuthenticationPath: device, writeProtected, errorState } = flags;
  list.add('login-required', '', 'CKF_LOGIN_REQUIRED', [
    loginRequired ? 'pass' : 'fail',
    flag(loginRequired, 'CKF_LOGIN_REQUIRED'),
  ]);
  const path = 'CKF_PROTECTED_AUTHENTICATION_PATH';
  list.add('pin-entry', '', `!${path}`, [device ? 'warning' : 'pass', flag(device, path)]);
  list.add('write-protection', '', '!CKF_WRITE_PROTECTED', [
    writeProtected ? 'fail' : 'pass',
    flag(writeProtected, 'CKF_WRITE_PROTECTED'),
  ]);
  list.add('device-state', '', '!CKF_ERROR_STATE', [
    errorState ? 'fail' : 'pass',
    flag(errorState, 'CKF_ERROR_STATE'),
  ]);
}

const CLOCK_TOLERANCE_S = 60;

/** @param now by this machine's clock */
export function checkClock(list: CheckList, { slot, facts }: FoundToken, now: Date): void {
  const expected = `± ${String(CLOCK_TOLERANCE_S)} s`;
  if (!facts.flags.clockOnToken) {
    list.add('clock', '', expected, ['not-supported', '!CKF_CLOCK_ON_TOKEN']);
    return;
  }
  const { utcTime } = slot.lib.C_GetTokenInfo(slot.handle);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(utcTime)?.map(Number) ?? [];
  const token = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day, hour, minute, second);
  const away = Math.round((token - now.getTime()) / 1000);
  const found = Number.isNaN(away) ? JSON.stringify(utcTime.slice(0, 16)) : `${String(away)} s`;
  list.add('clock', '', expected, [Math.abs(away) <= CLOCK_TOLERANCE_S ? 'pass' : 'warning', found]);
}

/** The mechanisms this product uses, with the sizes of keys they take. */
export function checkMechanisms(
  list: CheckList,
  { slot }: FoundToken,
  offered: ReadonlySet<number>,
  needed: ReadonlySet<KeyAlgorithm>,
): DeviceReport['mechanisms'] {
  const kinds = new Set([...needed].map((algorithm) => (algorithm.startsWith('rsa') ? 'rsa' : 'ec')));
  return MECHANISMS.flatMap(({ name, type, flag, neededBy }) => {
    if (!offered.has(type)) {
      const missed = neededBy !== undefined && kinds.has(neededBy);
      list.add('mechanism', name, flag, [missed ? 'fail' : 'not-supported', '–']);
      return [];
    }
    const { minKeySize, maxKeySize, flags: set } = slot.lib.C_GetMechanismInfo(slot.handle, type);
    const flags = Object.entries(CKF)
      .filter(([, bit]) => (set & bit) !== 0)
      .map(([flagName]) => flagName);
    const found = [`${String(minKeySize)}–${String(maxKeySize)}`, ...flags].join(', ');
    list.add('mechanism', name, flag, [flags.includes(flag) ? 'pass' : 'warning', found]);
    return [{ name, minKeySize, maxKeySize, flags }];
  });
}

/** Sessions up to the number that is configured, beside the first. */
export async function openSessions(
  { list, token, sessions }: Bench,
  first: Session,
): Promise<readonly Session[]> {
  const open = [first];
  const expected = `≥ ${String(sessions)}`;
  await list.make('sessions', '', expected, (): Outcome => {
    const { slot } = token;
    const { maxSessionCount: most, maxRwSessionCount: mostWriting } = slot.lib.C_GetTokenInfo(slot.handle);
    let refused = '';
    try {
      while (open.length < sessions) open.push(openSession(token));
    } catch (error) {
      refused = ckrOf(error) ?? '';
      if (refused === '') throw error;
    }
    const limits = `CK_TOKEN_INFO ${limitOf(most)}, R/W ${limitOf(mostWriting)}`;
    const found = [String(open.length), limits, refused].filter((part) => part !== '').join('; ');
    return [open.length < sessions ? 'fail' : 'pass', found];
  });
  return open;
}

/** 0 is CK_EFFECTIVELY_INFINITE, the highest number CK_UNAVAILABLE_INFORMATION. */
function limitOf(count: number): string {
  return count === 0 ? '∞' : count >= 2 ** 31 ? '?' : String(count);
}
