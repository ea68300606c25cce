/** Checking a record: every byte counts, and a record its own keys signed must still agree with itself. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CeremonyError,
  makeScript,
  openRecord,
  requireKey,
  requireScript,
  type CheckedRecord,
  type InUse,
} from '../../src/ceremony';
import { openAnyRecord } from '../../src/ceremony/check';
import { RECORD_PAYLOAD_TYPE, REHEARSAL_PAYLOAD_TYPE } from '../../src/ceremony/record';
import { sealEnvelope } from '../../src/envelope';
import { sha256Hex } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';
import { makeSoftHsm, type SoftHsm } from '../support/softhsm';
import { NEXT_KEY_PLAN } from './plans';
import { TestCeremony } from './stage';

type Recorded = CheckedRecord['record'];
/** A record whose members may be changed. */
type Draft = { -readonly [K in keyof Recorded]: Recorded[K] };

let softHsm: SoftHsm;
let ceremony: TestCeremony;
let envelope: Buffer;
let sealed: CheckedRecord;

beforeAll(async () => {
  softHsm = makeSoftHsm();
  ceremony = await TestCeremony.planned(softHsm);
  await ceremony.run({ answers: { 3: 'Điện chập chờn' } });
  sealed = await ceremony.seal();
  envelope = readFileSync(ceremony.paths.record);
});

afterAll(() => {
  softHsm.remove();
});

const refused = (bytes: Buffer, code = 'RECORD_ALTERED'): Promise<unknown> =>
  expectCode(() => openRecord(bytes, 'record.dsse'), CeremonyError, code);

/** The record with a change, signed anew by the keys of the ceremony. */
async function signedAnew(
  change: (record: Draft) => void,
  payloadType = RECORD_PAYLOAD_TYPE,
): Promise<Buffer> {
  const record = structuredClone<Draft>(sealed.record);
  change(record);
  return ceremony.withParty(async (party) => {
    const signers = await Promise.all(
      ['ca', 'journal'].map(async (role) => {
        const key = await party.key(role);
        if (key === undefined) throw new Error(role);
        return party.signer(key);
      }),
    );
    return sealEnvelope(payloadType, Buffer.from(JSON.stringify(record)), signers);
  });
}

test('a record as it was sealed is accepted, and names its signers', () => {
  const checked = openRecord(envelope, 'record.dsse');
  expect(checked.signedBy).toEqual(['ca', 'journal']);
  expect(checked.record.deviations).toEqual([
    { step: 3, time: expect.any(String) as string, text: 'Điện chập chờn' },
  ]);
  const { payload } = JSON.parse(envelope.toString('utf8')) as { readonly payload: string };
  expect(checked.sha256).toBe(sha256Hex(Buffer.from(payload, 'base64')));
});

test('openssl agrees, over the bytes and with the keys laid beside the record', () => {
  const at = (name: string): string => join(ceremony.paths.openssl, name);
  const verify = (role: string): string =>
    execFileSync(
      'openssl',
      ['dgst', '-sha256', '-verify', at(`${role}.pem`), '-signature', at(`${role}.sig`), at('signed-bytes')],
      { encoding: 'utf8', stdio: 'pipe' },
    );
  for (const role of ['ca', 'journal']) expect(verify(role)).toBe('Verified OK\n');
  const bytes = readFileSync(at('signed-bytes'));
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  writeFileSync(at('signed-bytes'), bytes);
  expect(() => verify('ca')).toThrow();
});

test('any byte changed is refused', async () => {
  for (let at = 0; at < envelope.length; at += 7) {
    for (const bit of [0x01, 0x20]) {
      const changed = Buffer.from(envelope);
      changed[at] = (changed[at] ?? 0) ^ bit;
      await refused(changed);
    }
  }
});

test('what is no record is refused', async () => {
  const extra = Buffer.concat([envelope, Buffer.from('\n')]);
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('{}'),
    envelope.subarray(1),
    envelope.subarray(0, -1),
    extra,
  ]) {
    await refused(bytes);
  }
});

test('one signature is not enough, and a stranger’s is none', async () => {
  const payload = Buffer.from(JSON.stringify(sealed.record));
  await ceremony.withParty(async (party) => {
    const key = await party.key('ca');
    if (key === undefined) throw new Error('ca');
    const ca = await party.signer(key);
    await refused(await sealEnvelope(RECORD_PAYLOAD_TYPE, payload, [ca]));
    await refused(await sealEnvelope(RECORD_PAYLOAD_TYPE, payload, [ca, softSigner('p-256')]));
  });
});

describe('a rehearsal’s record', () => {
  test('is opened as such, and never as a real one', async () => {
    const rehearsal = await signedAnew((record) => (record.rehearsal = true), REHEARSAL_PAYLOAD_TYPE);
    expect(openAnyRecord(rehearsal, 'r').record.rehearsal).toBe(true);
    await refused(rehearsal, 'RECORD_OF_REHEARSAL');
  });

  test('with its mark or its type taken away it is altered, whoever signs it', async () => {
    await refused(await signedAnew((record) => (record.rehearsal = true), RECORD_PAYLOAD_TYPE));
    await refused(await signedAnew(() => undefined, REHEARSAL_PAYLOAD_TYPE));
    const rehearsal = await signedAnew((record) => (record.rehearsal = true), REHEARSAL_PAYLOAD_TYPE);
    const text = rehearsal.toString('utf8');
    await refused(Buffer.from(text.replace('ceremony-rehearsal', 'ceremony')));
  });
});

describe('signed anew by the same keys, it must still agree with itself', () => {
  test('unchanged, it does', async () => {
    const again = await signedAnew(() => undefined);
    expect(openRecord(again, 'again').sha256).toBe(sealed.sha256);
  });

  test.each<[string, (record: Draft) => void]>([
    ['another member', (record) => Object.assign(record, { more: 1 })],
    ['a custodian left out', (record) => (record.custodians = record.custodians.slice(1))],
    [
      'a custodian without the planned token',
      (record) => (record.custodians = record.custodians.map((each) => ({ ...each, token: null }))),
    ],
    [
      'a custodian who came before the beginning',
      (record) =>
        (record.custodians = record.custodians.map((each) => ({
          ...each,
          authenticated: ['2026-11-30T00:00:00.000Z'],
        }))),
    ],
    [
      'one person in two roles',
      (record) =>
        (record.plan = {
          ...record.plan,
          people: [...record.plan.people, ...record.plan.people.slice(0, 1)],
        }),
    ],
    ['a device left out', (record) => (record.devices = [])],
    [
      'software called hardware',
      (record) => (record.devices = record.devices.map((each) => ({ ...each, software: false }))),
    ],
    [
      'software called certified',
      (record) =>
        (record.devices = record.devices.map((each) => ({
          ...each,
          certified: { scheme: 'FIPS', number: '1' },
        }))),
    ],
    [
      'a key that may leave its token',
      (record) =>
        (record.keys = record.keys.map((key) => ({
          ...key,
          attributes: { ...key.attributes, neverExtractable: false },
        }))),
    ],
    [
      'a key whose attributes are not told',
      (record) => (record.keys = record.keys.map((key) => ({ ...key, attributes: {} }))),
    ],
    [
      'a hash that is not the key’s',
      (record) => (record.keys = record.keys.map((key) => ({ ...key, spkiSha256: 'ab'.repeat(32) }))),
    ],
    [
      'words of another hash',
      (record) =>
        (record.keys = record.keys.map((key) => ({
          ...key,
          words: { ...key.words, en: key.words.en.toReversed() },
        }))),
    ],
    [
      'a key of another device',
      (record) => (record.keys = record.keys.map((key) => ({ ...key, tokenSerial: '0' }))),
    ],
    ['a key left out', (record) => (record.keys = record.keys.slice(0, 2))],
    [
      'a certificate nobody planned',
      (record) => (record.certificate = { kind: 'certificate', subject: 'CN=x', sha256: 'ab'.repeat(32) }),
    ],
    ['a step left out', (record) => (record.steps = record.steps.slice(1))],
    ['steps in another order', (record) => (record.steps = record.steps.toReversed())],
    ['an end before the last step', (record) => (record.endedAt = record.startedAt)],
  ])('%s', async (_, change) => {
    await refused(await signedAnew(change));
  });
});

describe('held against what else is known', () => {
  test('the script', async () => {
    const { bytes, script } = ceremony.pinned;
    requireScript(sealed, bytes, 'script.json');
    const other = makeScript({ ...script.plan, place: 'elsewhere' }, script.software, false);
    await expectCode(
      () => {
        requireScript(sealed, other.bytes, 'script.json');
      },
      CeremonyError,
      'RECORD_DIFFERS',
    );
    await expectCode(
      () => {
        requireScript(sealed, Buffer.from('{}'), 'script.json');
      },
      CeremonyError,
      'SCRIPT_ALTERED',
    );
  });

  test('the key', async () => {
    requireKey(sealed, sealed.record.keys[0]?.spkiSha256 ?? '', 'subca.crt');
    await expectCode(
      () => {
        requireKey(sealed, sealed.record.keys[1]?.spkiSha256 ?? '', 'subca.crt');
      },
      CeremonyError,
      'RECORD_DIFFERS',
    );
  });
});

test('the record of a next CA key is signed by it and by the journal key there was, and names the key in use', async () => {
  const next = await TestCeremony.planned(softHsm, NEXT_KEY_PLAN);
  const { journal, inUse } = await next.withParty(async (party) => {
    const made = {
      label: '15-1-journal-e1',
      tokenLabel: next.tokenLabel('node'),
      algorithm: 'p-256',
    } as const;
    const key = await party.makeKey({ role: 'journal', ...made });
    const journalSpki = key.spki.toString('base64');
    const standing: InUse = { kind: 'in-use', epoch: 1, spkiSha256: '1f'.repeat(32), journalSpki };
    return { journal: await party.key('journal'), inUse: standing };
  });
  await next.run({ party: () => ({ standing: () => Promise.resolve(inUse) }) });
  const { record, signedBy, envelope: bytes } = await next.seal();
  expect(signedBy).toEqual(['ca-e2', 'journal']);
  expect(record).toMatchObject({ keys: [{ role: 'ca-e2', label: '15-1-ca-e2' }], inUse });
  requireKey(openRecord(bytes, 'record.dsse'), record.keys[0]?.spkiSha256 ?? '', 'ca.pem');
  expect(readFileSync(join(next.folder, 'record.en.md'), 'utf8')).toContain(
    `CA key in use, generation 1: ${inUse.spkiSha256}`,
  );

  const anew = (changed: object): Promise<Buffer> =>
    next.withParty(async (party) => {
      const ca = await party.key('ca-e2');
      if (ca === undefined || journal === undefined) throw new Error('no keys');
      const signers = [await party.signer(ca), await party.signer(journal)];
      const payload = Buffer.from(JSON.stringify({ ...record, ...changed }));
      return sealEnvelope(RECORD_PAYLOAD_TYPE, payload, signers);
    });
  expect(openRecord(await anew({}), 'record.dsse').signedBy).toEqual(signedBy);
  await refused(await anew({ inUse: { ...inUse, epoch: 2 } }));
  await refused(await anew({ inUse: undefined }));
  const stranger = softSigner('p-256').spki.toString('base64');
  await refused(await anew({ inUse: { ...inUse, journalSpki: stranger } }));
});
