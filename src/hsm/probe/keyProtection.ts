/** Attempts to get a private key out of the device, or to make it forget that it must not let it out. */
import {
  KeyGenMechanism,
  MechanismEnum,
  type ITemplate,
  type Session,
  type SessionObject,
} from 'graphene-pk11';
import type { KeyAlgorithm } from '../../signer';
import { ckrOf } from '../ckr';
import { answerTo } from './answers';
import type { Bench } from './bench';
import type { Outcome } from './checkList';
import { destroyQuietly } from './throwAwayKeys';

const SECRETS = {
  rsa: ['privateExponent', 'prime1', 'prime2', 'exp1', 'exp2', 'coefficient'],
  ec: ['value'],
} as const;

/** C_GetAttributeValue of what is secret. */
export function cannotBeRead(privateKey: SessionObject, algorithm: KeyAlgorithm): Outcome {
  const names = algorithm.startsWith('rsa') ? SECRETS.rsa : SECRETS.ec;
  const answers = names.map((name) =>
    answerTo(() => ((privateKey.getAttribute(name) as Buffer).length > 0 ? 'readable' : 'empty')),
  );
  const found = summary(names, answers);
  if (answers.includes('readable')) return ['fail', found];
  return [answers.every((answer) => answer === 'CKR_ATTRIBUTE_SENSITIVE') ? 'pass' : 'warning', found];
}

/** What makes a key leave, and what must not be set. */
const LOOSER: readonly ITemplate[] = [{ extractable: true }, { sensitive: false }];

/** C_SetAttributeValue. */
export function cannotBeLoosened(privateKey: SessionObject): Outcome {
  const answers = LOOSER.map((change) =>
    answerTo(() => {
      privateKey.setAttribute(change);
      return isLoose(privateKey) ? 'CKR_OK, changed' : 'CKR_OK, unchanged';
    }),
  );
  const found = summary(['extractable', 'sensitive'], answers);
  if (answers.includes('CKR_OK, changed')) return ['fail', found];
  return [answers.every((answer) => !answer.startsWith('CKR_OK')) ? 'pass' : 'warning', found];
}

/** C_CopyObject: a copy may be another kind of object than what it was made from. */
export function cannotBeCopiedLoose(session: Session, privateKey: SessionObject): Outcome {
  const answers = LOOSER.map((change) =>
    answerTo(() => {
      const copy = session.copy(privateKey, { token: false, ...change });
      try {
        return isLoose(copy) ? 'CKR_OK, changed' : 'unchanged';
      } finally {
        destroyQuietly(copy);
      }
    }),
  );
  const found = summary(['extractable', 'sensitive'], answers);
  return [answers.includes('CKR_OK, changed') ? 'fail' : 'pass', found];
}

const WRAPPING = [
  ['CKM_AES_KEY_WRAP_PAD', MechanismEnum.AES_KEY_WRAP_PAD],
  ['CKM_AES_KEY_WRAP', MechanismEnum.AES_KEY_WRAP],
] as const;
/** The private key's refusal, rather than that of the wrapping. */
const REFUSALS = new Set(['CKR_KEY_UNEXTRACTABLE', 'CKR_KEY_NOT_WRAPPABLE', 'CKR_ACTION_PROHIBITED']);

/** C_WrapKey, with an AES key made for it. */
export function cannotBeWrapped(
  { offered, label }: Bench,
  session: Session,
  privateKey: SessionObject,
): Outcome {
  const way = WRAPPING.find(([, mechanism]) => offered.has(mechanism));
  if (way === undefined || !offered.has(MechanismEnum.AES_KEY_GEN)) return ['not-supported', '–'];
  const [name, mechanism] = way;
  let wrapping: SessionObject;
  try {
    wrapping = session.generateKey(KeyGenMechanism.AES, {
      label,
      token: false,
      private: true,
      sensitive: true,
      extractable: false,
      valueLen: 32,
      wrap: true,
    });
  } catch (error) {
    const ckr = ckrOf(error);
    if (ckr === undefined) throw error;
    return ['not-supported', ckr];
  }
  try {
    const answer = answerTo(() => {
      session.lib.C_WrapKey(
        session.handle,
        { mechanism },
        wrapping.handle,
        privateKey.handle,
        Buffer.alloc(8192),
      );
      return 'CKR_OK';
    });
    const found = `${name}: ${answer}`;
    if (answer === 'CKR_OK') return ['fail', found];
    return [REFUSALS.has(answer) ? 'pass' : 'warning', found];
  } finally {
    destroyQuietly(wrapping);
  }
}

function isLoose(key: SessionObject): boolean {
  return (key.getAttribute('extractable') as boolean) || !(key.getAttribute('sensitive') as boolean);
}

/** One word where all are alike. */
function summary(names: readonly string[], answers: readonly string[]): string {
  const [first] = answers;
  if (first !== undefined && answers.every((answer) => answer === first)) return first;
  return names.map((name, index) => `${name}: ${answers[index] ?? ''}`).join(', ');
}
