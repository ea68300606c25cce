/** A party's keys: made once, taken over after a crash, and never another key under the same name. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'graphene-pk11';
import { systemClock } from '../../src/clock';
import {
  announceKey,
  commonTables,
  nodeMigrations,
  openStore,
  readKey,
  recordKeyId,
  type NodeSchema,
  type Store,
  type StoredKey,
} from '../../src/db';
import { HsmError, TokenRack } from '../../src/hsm';
import { makeKey, storedSigner, type KeyToMake } from '../../src/keyring';
import { publicKeyFromSpki, signatureAlgorithmOf, verifySignature } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm } from '../support/softhsm';

const softHsm = makeSoftHsm();
const { label: tokenLabel, serial, pin, pinFile } = softHsm.createToken('node');
const options = {
  directory: softHsm.directory,
  refusedPins: join(softHsm.directory, 'refused.json'),
  clock: systemClock,
};
const tokens = new TokenRack(
  { module: softHsm.module, sessions: 2, tokens: [{ label: tokenLabel, serial, pin: { file: pinFile } }] },
  options,
);
let store: Store<NodeSchema>;

beforeAll(async () => {
  store = await openStore({ file: join(softHsm.directory, 'subca.db'), migrations: nodeMigrations });
});

afterAll(async () => {
  await tokens.close();
  await store.close();
  softHsm.remove();
});

const wanted = (role: string): KeyToMake => ({ role, label: `15-1-${role}`, tokenLabel, algorithm: 'p-256' });

/** As a run that is cut off right after. */
async function announce(key: KeyToMake): Promise<void> {
  const { serial: tokenSerial } = (await tokens.token(tokenLabel)).facts;
  const signatureAlgorithm = signatureAlgorithmOf(key.algorithm);
  await store.transaction((tx) => announceKey(commonTables(tx), { ...key, tokenSerial, signatureAlgorithm }));
}

test('a key is made, recorded, and signs', async () => {
  const made = await makeKey(store, tokens, wanted('ca'));
  expect(await readKey(commonTables(store.read), 'ca')).toMatchObject({ label: '15-1-ca', spki: made.spki });
  const signer = await storedSigner(store, tokens, made);
  const message = Buffer.from('nhật ký');
  const signature = await signer.sign(message);
  expect(verifySignature(signer.algorithm, publicKeyFromSpki(made.spki), message, signature)).toBe(true);
});

test('making it again gives the same key', async () => {
  const first = await makeKey(store, tokens, wanted('journal'));
  expect((await makeKey(store, tokens, wanted('journal'))).spki).toEqual(first.spki);
});

test('a key that was announced and made, but not recorded, is taken over', async () => {
  const token = await tokens.token(tokenLabel);
  const key = wanted('ocsp');
  await announce(key);
  const { spki } = await token.generateKeyPair({ label: key.label, algorithm: key.algorithm });
  expect(await readKey(commonTables(store.read), 'ocsp')).toBeUndefined();
  expect((await makeKey(store, tokens, key)).spki).toEqual(spki);
});

test('a key signs by the algorithm it was made for, from then on', async () => {
  const pss = { ...wanted('pss'), algorithm: 'rsa-2048', signatureAlgorithm: 'rsa-pss-sha384' } as const;
  const made = await makeKey(store, tokens, pss);
  const recorded = await readKey(commonTables(store.read), 'pss');
  expect(recorded).toMatchObject({ algorithm: 'rsa-2048', signatureAlgorithm: 'rsa-pss-sha384' });
  for (const key of [made, recorded!]) {
    expect((await storedSigner(store, tokens, key)).algorithm).toBe('rsa-pss-sha384');
  }
  // Asked for otherwise later, it stays what it is.
  const again = await makeKey(store, tokens, { ...pss, signatureAlgorithm: 'rsa-sha256' });
  expect(again.signatureAlgorithm).toBe('rsa-pss-sha384');
  const damaged = { ...made, signatureAlgorithm: 'md5' as 'rsa-sha256' };
  await expectCode(storedSigner(store, tokens, damaged), HsmError, 'SIGNATURE_NOT_FOR_KEY');
});

test('a key taken over is recorded as what it is, by the algorithm asked for now', async () => {
  const token = await tokens.token(tokenLabel);
  const key = { ...wanted('cut-off'), algorithm: 'rsa-2048' } as const;
  await announce(key);
  await token.generateKeyPair({ label: key.label, algorithm: 'rsa-3072' });
  const unfit = { ...key, algorithm: 'p-256', signatureAlgorithm: 'ecdsa-sha256' } as const;
  await expectCode(makeKey(store, tokens, unfit), HsmError, 'SIGNATURE_NOT_FOR_KEY');
  expect(await readKey(commonTables(store.read), 'cut-off')).toBeUndefined();
  await makeKey(store, tokens, { ...key, signatureAlgorithm: 'rsa-pss-sha256' });
  expect(await readKey(commonTables(store.read), 'cut-off')).toMatchObject({
    algorithm: 'rsa-3072',
    signatureAlgorithm: 'rsa-pss-sha256',
  });
});

test('a key of the same label that nobody announced is refused', async () => {
  const token = await tokens.token(tokenLabel);
  await token.generateKeyPair({ label: '15-1-foreign', algorithm: 'p-256' });
  // However often it is tried.
  for (let run = 0; run < 2; run += 1)
    await expectCode(makeKey(store, tokens, wanted('foreign')), HsmError, 'KEY_EXISTS');
  expect(await readKey(commonTables(store.read), 'foreign')).toBeUndefined();
});

test('a key that was put there from outside is not taken over, though one was announced', async () => {
  const key = wanted('planted');
  await announce(key);
  const pem = join(softHsm.directory, 'planted.pem');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('softhsm2-util', [
    ...['--import', pem, '--serial', serial, '--label', key.label, '--id', 'a1'],
    ...['--pin', readFileSync(pinFile, 'utf8').trim()],
  ]);
  const refusal = await expectCode(makeKey(store, tokens, key), HsmError, 'KEY_NOT_OURS');
  expect(refusal.message).toContain('CKA_LOCAL=false');
});

describe('another token of the same label', () => {
  const other = softHsm.createToken('node', { userPin: pin });
  const rack = (serial?: string): TokenRack => {
    const config = { label: tokenLabel, pin: { file: pinFile }, ...(serial !== undefined && { serial }) };
    return new TokenRack({ module: softHsm.module, sessions: 1, tokens: [config] }, options);
  };

  test('does not sign, nor is it logged in to', async () => {
    const made = await makeKey(store, tokens, wanted('ca'));
    const login = jest.spyOn(Session.prototype, 'login');
    const moved = { ...made, tokenSerial: 'not-there' };
    const unnamed = rack();
    await expectCode(storedSigner(store, unnamed, moved), HsmError, 'TOKEN_ABSENT');
    expect(login).not.toHaveBeenCalled();
    const signer = await storedSigner(store, unnamed, made);
    expect(signer.spki).toEqual(made.spki);
    await unnamed.close();
    login.mockRestore();
  });

  test('with another key of the same label does not sign, though the configuration names it', async () => {
    const made = await makeKey(store, tokens, wanted('ca'));
    const named = rack(other.serial);
    await expectCode(storedSigner(store, named, made), HsmError, 'KEY_ABSENT');
    await (await named.token(tokenLabel)).generateKeyPair({ label: made.label, algorithm: 'p-256' });
    const error = await expectCode(storedSigner(store, named, made), HsmError, 'KEY_MISMATCH');
    expect(error.category).toBe('integrity');
    await named.close();
  });

  test('has no key that a crashed run left on the first', async () => {
    const key = wanted('moved');
    await announce(key);
    const named = rack(other.serial);
    await (await named.token(tokenLabel)).generateKeyPair({ label: key.label, algorithm: 'p-256' });
    await expectCode(makeKey(store, named, key), HsmError, 'KEY_EXISTS');
    const label = '15-1-moved-again';
    expect(await makeKey(store, named, { ...key, label })).toMatchObject({
      tokenSerial: other.serial,
      label,
    });
    expect(await readKey(commonTables(store.read), 'moved')).toMatchObject({ tokenSerial: other.serial });
    await named.close();
  });
});

test('a recorded key that the token replaced by another does not sign', async () => {
  const made = await makeKey(store, tokens, wanted('ca'));
  const other = await makeKey(store, tokens, wanted('journal'));
  await expectCode(storedSigner(store, tokens, { ...made, spki: other.spki }), HsmError, 'KEY_MISMATCH');
});

describe('the CKA_ID', () => {
  test('is recorded with the key, and another is refused', async () => {
    const made = await makeKey(store, tokens, wanted('ca'));
    const token = await tokens.token(tokenLabel);
    expect(made.ckaId).toBe((await token.findKey(made.label))?.id);
    const error = await expectCode(
      storedSigner(store, tokens, { ...made, ckaId: '0123' }),
      HsmError,
      'KEY_ID_MISMATCH',
    );
    expect(error.params).toMatchObject({ found: made.ckaId, expected: '0123' });
  });

  test('of a key that was recorded without it is written down at the first use, and holds from then on', async () => {
    const { ckaId } = await makeKey(store, tokens, wanted('ca'));
    await store.transaction((tx) => tx.updateTable('keys').set({ ckaId: null }).execute());
    const stored = async (): Promise<StoredKey> => {
      const key = await readKey(commonTables(store.read), 'ca');
      if (key === undefined) throw new Error('no key');
      return key;
    };
    const before = await stored();
    expect(before.ckaId).toBeNull();
    // The public half is pinned all the same.
    const other = await makeKey(store, tokens, wanted('journal'));
    await expectCode(storedSigner(store, tokens, { ...before, spki: other.spki }), HsmError, 'KEY_MISMATCH');
    expect((await stored()).ckaId).toBeNull();
    await storedSigner(store, tokens, before);
    expect((await stored()).ckaId).toBe(ckaId);
    await store.transaction((tx) => recordKeyId(commonTables(tx), 'ca', 'ff'));
    expect((await stored()).ckaId).toBe(ckaId);
  });
});
