/** Leading through a ceremony: done step by step, resumed wherever it was broken off, each key made once. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CeremonyError, openRecord } from '../../src/ceremony';
import { CeremonyLog } from '../../src/ceremony/log';
import { RECORD_PAYLOAD_TYPE } from '../../src/ceremony/record';
import { isWalked } from '../../src/ceremony/steps';
import { sealEnvelope } from '../../src/envelope';
import { sha256Hex } from '../../src/signer';
import { expectCode } from '../support/matchers';
import { makeSoftHsm, type SoftHsm } from '../support/softhsm';
import { NODE_PLAN } from './plans';
import { TestCeremony } from './stage';

let softHsm: SoftHsm;

beforeAll(() => {
  softHsm = makeSoftHsm();
});

afterAll(() => {
  softHsm.remove();
});

async function logOf(ceremony: TestCeremony): Promise<CeremonyLog> {
  const log = await CeremonyLog.open(ceremony.paths.log, ceremony.pinned.sha256, () => new Date());
  await log.close();
  return log;
}

test('a CA key for RSASSA-PSS signs the record with it', async () => {
  const plan = NODE_PLAN.replace('algorithm: p-256', 'algorithm: rsa-2048, signature: rsa-pss-sha384');
  const ceremony = await TestCeremony.planned(softHsm, plan);
  await ceremony.run();
  const { envelope, record } = await ceremony.seal();
  expect(record.plan.keys[0]).toMatchObject({ algorithm: 'rsa-2048', signature: 'rsa-pss-sha384' });
  const at = (name: string): string => join(ceremony.paths.openssl, name);
  const pss = ['rsa_padding_mode:pss', 'rsa_pss_saltlen:48'].flatMap((option) => ['-sigopt', option]);
  const verified = execFileSync(
    'openssl',
    ['dgst', '-sha384', ...pss, '-verify', at('ca.pem'), '-signature', at('ca.sig'), at('signed-bytes')],
    { encoding: 'utf8', stdio: 'pipe' },
  );
  expect(verified).toBe('Verified OK\n');
  expect(openRecord(envelope, 'record.dsse').signedBy).toEqual(['ca', 'journal']);

  // The same keys over the same bytes, and the CA key by its other scheme.
  const otherwise = await ceremony.withParty(async (party) => {
    const [ca, journal] = [await party.key('ca'), await party.key('journal')];
    if (ca === undefined || journal === undefined) throw new Error('no keys');
    const signers = [
      await party.signer({ ...ca, signatureAlgorithm: 'rsa-sha256' }),
      await party.signer(journal),
    ];
    return sealEnvelope(RECORD_PAYLOAD_TYPE, Buffer.from(JSON.stringify(record)), signers);
  });
  await expectCode(() => openRecord(otherwise, 'record.dsse'), CeremonyError, 'RECORD_ALTERED');
});

test('the whole way, with deviations, to a record that agrees with what is on the token', async () => {
  const ceremony = await TestCeremony.planned(softHsm);
  await ceremony.run({ answers: { 2: ' Đến muộn\u0007 5 phút ', 4: 'x'.repeat(501) } });
  const { sha256, record } = await ceremony.seal();

  expect(openRecord(readFileSync(ceremony.paths.record), 'record')).toMatchObject({ sha256, record });
  expect(record).toMatchObject({
    rehearsal: false,
    script: { sha256: ceremony.pinned.sha256 },
    devices: [{ label: ceremony.tokenLabel('node'), software: true, certified: null }],
    custodians: [
      { id: 'binh', token: null },
      { id: 'cuong', token: { label: ceremony.tokenLabel('cuong'), manufacturer: 'SoftHSM project' } },
    ],
    deviations: [{ step: 2, text: 'Đến muộn 5 phút' }],
    failures: [],
    resumedAt: [],
    certificate: null,
  });
  expect(record.steps.map(({ step }) => step)).toEqual(
    ceremony.pinned.script.steps.filter(isWalked).map(({ number }) => number),
  );
  await ceremony.withParty(async (party) => {
    for (const key of record.keys) {
      const token = await party.token(key.token);
      expect(await token.findKey(key.label)).toMatchObject({ spkiSha256: key.spkiSha256, id: key.id });
      expect(sha256Hex((await party.key(key.role))?.spki ?? Buffer.alloc(0))).toBe(key.spkiSha256);
    }
  });
  expect(ceremony.said.join('\n')).toContain(`SHA-256 of the script: ${ceremony.pinned.sha256}`);
  expect(ceremony.said.join('\n')).toContain('NOT CERTIFIED: this token is software');
});

test('broken off at every question, it goes on where it stood and makes each key once', async () => {
  const ceremony = await TestCeremony.planned(softHsm);
  let runs = 1;
  for (; runs < 60; runs += 1) {
    try {
      await ceremony.run({ breakOffAt: 2 });
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'PAUSED' });
    }
  }
  const log = await logOf(ceremony);
  const walked = ceremony.pinned.script.steps.filter(isWalked);
  expect(runs).toBeGreaterThanOrEqual(walked.length);
  for (const { number } of walked) {
    expect(log.of('started').filter(({ event }) => event.step === number)).toHaveLength(1);
    expect(log.of('done').filter(({ event }) => event.step === number)).toHaveLength(1);
  }
  expect(log.of('generating').map(({ event }) => event.role)).toEqual(['ca', 'journal', 'ocsp']);
  expect(log.results('generate')).toHaveLength(3);
  expect(log.of('failed')).toEqual([]);
  const { record } = await ceremony.seal();
  expect(record.resumedAt).toHaveLength(runs - 1);
  // Whoever comes back shows again who they are, once they have shown it first.
  const again = log.of('authenticated').filter(({ event }) => event.person === 'cuong').length;
  expect(again).toBeGreaterThan(10);
});

describe('a crash while a key is made', () => {
  test('after the token made it: the same key is taken over', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    let made = '';
    const crashing = ceremony.run({
      party: (real) => ({
        makeKey: async (wanted) => {
          made = sha256Hex((await real.makeKey(wanted)).spki);
          throw new Error('crash');
        },
      }),
    });
    await expect(crashing).rejects.toThrow('crash');
    await ceremony.run();
    const log = await logOf(ceremony);
    expect(sha256Hex(Buffer.from(log.results('generate')[0]?.spki ?? '', 'base64'))).toBe(made);
    expect(log.of('generating')).toHaveLength(3);
  });

  test('before the token made it: it is made then', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    const crashing = ceremony.run({
      party: () => ({ makeKey: () => Promise.reject(new Error('crash')) }),
    });
    await expect(crashing).rejects.toThrow('crash');
    await ceremony.run();
    expect((await logOf(ceremony)).results('generate')).toHaveLength(3);
  });
});

describe('keys that are there before', () => {
  test('on the token', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    await ceremony.withParty(async (party) => {
      const token = await party.token(ceremony.tokenLabel('node'));
      await token.generateKeyPair({ label: '15-1-journal-e1', algorithm: 'p-256' });
    });
    await expectCode(ceremony.run(), CeremonyError, 'KEY_ON_TOKEN');
  });

  test('in the database', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    await ceremony.withParty((party) =>
      party.makeKey({
        role: 'ca',
        label: 'other',
        tokenLabel: ceremony.tokenLabel('node'),
        algorithm: 'p-256',
      }),
    );
    await expectCode(ceremony.run(), CeremonyError, 'KEY_ALREADY_MADE');
    expect((await logOf(ceremony)).of('failed').map(({ event }) => event.code)).toEqual(['KEY_ALREADY_MADE']);
  });

  test('made behind the ceremony’s back after the look', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    const begin = ceremony.pinned.script.steps.find(({ act }) => act.kind === 'generate')?.number ?? 0;
    await expectCode(ceremony.run({ breakOffAt: begin }), CeremonyError, 'PAUSED');
    const tokenLabel = ceremony.tokenLabel('node');
    await ceremony.withParty((party) =>
      party.makeKey({ role: 'ca', label: '15-1-ca-e1', tokenLabel, algorithm: 'p-256' }),
    );
    await expectCode(ceremony.run(), CeremonyError, 'KEY_ALREADY_MADE');
  });
});

describe('what must not change', () => {
  test('the party', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    const other = { name: '15-2', tokenOf: (role: string) => (role === 'ca' ? 'another' : undefined) };
    const error = await expectCode(
      ceremony.run({ party: () => other }),
      CeremonyError,
      'SCRIPT_NOT_FOR_HERE',
    );
    expect(error.problems.map(({ where, allowed }) => [where, allowed])).toEqual([
      ['name', '15-2'],
      ['keys[0].token', 'another'],
    ]);
  });

  test('the installed software, from one run to the next and to the sealing', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    await expectCode(ceremony.run({ breakOffAt: 9 }), CeremonyError, 'PAUSED');
    const installed = { list: '', count: 2, sha256: '1f'.repeat(32) };
    await expectCode(ceremony.run({ installed }), CeremonyError, 'SOFTWARE_CHANGED');
    await ceremony.run();
    await expectCode(ceremony.seal({ installed }), CeremonyError, 'SOFTWARE_CHANGED');
  });

  test('the token, against the plan', async () => {
    const plan = NODE_PLAN.replace('- { label: node }', "- { serial: '0000', label: node }");
    const ceremony = await TestCeremony.planned(softHsm, plan);
    await expectCode(ceremony.run(), CeremonyError, 'DEVICE_OTHER');
  });

  test('a certified device where the policy demands one', async () => {
    const paper = 'certified: { scheme: FIPS, number: "1", manufacturer: Maker, model: Box }';
    const plan = NODE_PLAN.replace('- { label: node }', `- { ${paper}, label: node }`);
    const recorded = await TestCeremony.planned(softHsm, plan);
    await expectCode(recorded.run({ breakOffAt: 7 }), CeremonyError, 'PAUSED');
    const required = await TestCeremony.planned(softHsm, plan.replace('recorded', 'required'));
    await expectCode(required.run(), CeremonyError, 'DEVICE_NOT_CERTIFIED');
  });
});

describe('the end', () => {
  test('is sealed when every step is done, once, and nothing comes after', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    await expectCode(ceremony.run({ breakOffAt: 12 }), CeremonyError, 'PAUSED');
    await expectCode(ceremony.seal(), CeremonyError, 'NOT_FINISHED');
    await ceremony.run();
    await ceremony.run();
    const { sha256 } = await ceremony.seal();
    const bytes = readFileSync(ceremony.paths.record);
    expect((await ceremony.seal()).sha256).toBe(sha256);
    expect(readFileSync(ceremony.paths.record)).toEqual(bytes);
    await expectCode(ceremony.run(), CeremonyError, 'ALREADY_SEALED');
  });

  test('two do not work on one ceremony', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    await ceremony.withParty(async () => {
      await expectCode(ceremony.run(), CeremonyError, 'CEREMONY_RUNNING');
    });
  });

  test('a signal stops it between two steps', async () => {
    const ceremony = await TestCeremony.planned(softHsm);
    const reason = new Error('SIGTERM');
    await expect(ceremony.run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
