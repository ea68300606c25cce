/** One key type on the device: made, read back, attacked, used. */
import { randomBytes, type KeyObject } from 'node:crypto';
import type { IKeyPair, Session } from 'graphene-pk11';
import { publicKeyFromSpki, type KeyAlgorithm } from '../../signer';
import { ckrOf } from '../ckr';
import { differencesOf } from '../keyGeneration';
import { recordOf, type KeyRecord } from '../keys';
import { answerTo } from './answers';
import type { Bench } from './bench';
import type { Outcome } from './checkList';
import { cannotBeCopiedLoose, cannotBeLoosened, cannotBeRead, cannotBeWrapped } from './keyProtection';
import { formsOf, signOnce, tokenAccepts, type SigningForm } from './signingForms';
import { makeThrowAwayPair, type MadePair } from './throwAwayKeys';

/** A key type that was seen to sign. */
export interface WorkingKey {
  readonly algorithm: KeyAlgorithm;
  readonly privateKey: Buffer;
  readonly publicKey: KeyObject;
  readonly form: SigningForm;
}

/** What a token says that does not know a key type or size. */
const UNKNOWN_KIND = new Set([
  'CKR_MECHANISM_INVALID',
  'CKR_MECHANISM_PARAM_INVALID',
  'CKR_KEY_SIZE_RANGE',
  'CKR_CURVE_NOT_SUPPORTED',
  'CKR_DOMAIN_PARAMS_INVALID',
  'CKR_ATTRIBUTE_VALUE_INVALID',
  'CKR_TEMPLATE_INCONSISTENT',
  'CKR_FUNCTION_NOT_SUPPORTED',
]);

/** In short; what else is demanded is told where it is missing. */
const DEMANDED = 'CKA_LOCAL, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, !CKA_EXTRACTABLE';

/** @returns undefined where the token does not make or use such keys */
export async function checkKeyType(
  bench: Bench,
  session: Session,
  algorithm: KeyAlgorithm,
): Promise<WorkingKey | undefined> {
  const { list } = bench;
  const made = await make(bench, session, algorithm);
  if (made === undefined) return undefined;
  const { pair, kept, record } = made;
  const wrong = differencesOf(record, algorithm, kept).join(', ');
  list.add('key-attributes', algorithm, DEMANDED, wrong === '' ? ['pass', DEMANDED] : ['fail', wrong]);
  await list.make('key-secrecy', algorithm, 'CKR_ATTRIBUTE_SENSITIVE', () =>
    cannotBeRead(pair.privateKey, algorithm),
  );
  const refused = 'CKR_ATTRIBUTE_READ_ONLY | CKR_ACTION_PROHIBITED';
  await list.make('key-fixedness', algorithm, refused, () => cannotBeLoosened(pair.privateKey));
  await list.make('key-copy', algorithm, 'CKR_… | unchanged', () =>
    cannotBeCopiedLoose(session, pair.privateKey),
  );
  await list.make('key-wrapping', algorithm, 'CKR_KEY_UNEXTRACTABLE', () =>
    cannotBeWrapped(bench, session, pair.privateKey),
  );
  return checkForms(bench, session, pair, record);
}

interface Made extends MadePair {
  readonly record: KeyRecord;
}

async function make(bench: Bench, session: Session, algorithm: KeyAlgorithm): Promise<Made | undefined> {
  const { list, limit, needed, token, label } = bench;
  const made: Made[] = [];
  await list.make('key-generation', algorithm, algorithm, async (): Promise<Outcome> => {
    const began = performance.now();
    try {
      const { pair, kept } = await limit.within(() => makeThrowAwayPair(session, label, algorithm));
      const seconds = Math.round(performance.now() - began) / 1000;
      const record = recordOf(token.facts.label, label, pair.privateKey, pair.publicKey);
      made.push({ pair, kept, record });
      const attributes = Object.entries(record.attributes).map(
        ([name, value]) => [name, value ?? null] as const,
      );
      bench.keys.push({ algorithm, seconds, attributes: Object.fromEntries(attributes) });
      const found = `${record.algorithm}, ${String(seconds)} s, CKA_TOKEN=${String(kept)}`;
      return [record.algorithm === algorithm ? 'pass' : 'fail', found];
    } catch (error) {
      const ckr = ckrOf(error);
      if (ckr === undefined || !UNKNOWN_KIND.has(ckr) || needed.has(algorithm)) throw error;
      return ['not-supported', ckr];
    }
  });
  return made[0];
}

async function checkForms(
  bench: Bench,
  session: Session,
  pair: IKeyPair,
  { algorithm, spki }: KeyRecord,
): Promise<WorkingKey | undefined> {
  const { list, limit, needed, offered } = bench;
  const publicKey = publicKeyFromSpki(spki);
  const privateKey = pair.privateKey.handle;
  let working: WorkingKey | undefined;
  for (const [index, { name, ...way }] of formsOf(algorithm, offered).entries()) {
    const subject = `${algorithm} ${name}`;
    if (!('form' in way)) {
      // The other forms are for those who ask for them.
      const result = index === 0 && needed.has(algorithm) ? 'fail' : 'not-supported';
      list.add('signature', subject, way.missing, [result, '–']);
      continue;
    }
    const { form } = way;
    const message = randomBytes(200);
    let signature: Buffer = Buffer.alloc(0);
    const result = await list.make(
      'signature',
      subject,
      'valid (node:crypto)',
      async (): Promise<Outcome> => {
        signature = await limit.within(() => signOnce(session, form, privateKey, message));
        const right = form.verify(publicKey, message, signature);
        return [
          right ? 'pass' : 'fail',
          `${form.mechanismName}, ${String(signature.length)} B${right ? '' : ', invalid'}`,
        ];
      },
    );
    if (result !== 'pass') continue;
    working ??= { algorithm, privateKey, publicKey, form };
    await list.make('verification', subject, 'valid: true, altered: false', (): Outcome => {
      const altered = Buffer.from(message);
      altered[0] = (altered[0] ?? 0) ^ 1;
      const accepts = (text: Buffer): boolean | string =>
        answerTo(() => tokenAccepts(session, form, pair.publicKey.handle, text, signature));
      const [right, wrong] = [accepts(message), accepts(altered)];
      const found = `valid: ${String(right)}, altered: ${String(wrong)}`;
      if (wrong === true) return ['fail', found];
      // This product verifies by itself; a token that cannot is no worse for it.
      return [right === true && wrong === false ? 'pass' : 'warning', found];
    });
  }
  return working;
}
