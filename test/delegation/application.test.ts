/** Applications: signed by the key they name, with a request signed by the sub-CA key, in one strict form. */
import {
  APPLICATION_PAYLOAD_TYPE,
  DelegationError,
  GRANT_PAYLOAD_TYPE,
  openApplication,
  payloadOf,
  type FirstApplication,
} from '../../src/delegation';
import { EnvelopeError, keyId, sealEnvelope } from '../../src/envelope';
import { buildRequest, X509Error } from '../../src/x509';
import { makeWorld, NODE_ID, NOW, type World } from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { SUB_CA_NAME } from '../support/softCa';
import { readinessOf, sealReadiness } from '../support/readiness';
import { softSigner } from '../support/softSigner';

let world: World;
let request: Buffer;
let readiness: Buffer;
beforeAll(async () => {
  world = await makeWorld();
  readiness = await sealReadiness(readinessOf(NODE_ID), world.journal);
  request = await buildRequest(SUB_CA_NAME, world.subCa.signer);
});

function applicationOf(changes: object = {}): FirstApplication {
  return {
    createdAt: NOW.toISOString(),
    organisation: { code: '68', name: 'Ủy ban nhân dân tỉnh Lâm Đồng', place: 'Lâm Đồng' },
    nodeId: NODE_ID,
    host: 'ca.lamdong.gov.vn',
    epoch: 1,
    request: request.toString('base64'),
    journalSpki: world.journal.spki.toString('base64'),
    wanted: {
      services: ['issue', 'revoke'],
      profiles: ['individual'],
      emailDomains: ['lamdong.gov.vn', '.dalat.gov.vn'],
      dnsDomains: [],
      perYear: 2000,
    },
    software: { name: 'subca-kit', version: '0.1.0' },
    shown: { personnel: [], papers: [], need: null },
    readiness: readiness.toString('base64'),
    mends: null,
    ...changes,
  };
}

const CHECK = { id: 'port', subject: '', result: 'pass', found: 'free', expected: 'free' };

function seal(application: object, signers = [world.journal]): Promise<Buffer> {
  return sealEnvelope(APPLICATION_PAYLOAD_TYPE, payloadOf(application), signers);
}

test('opens what the journal key it names has signed', async () => {
  const envelope = await seal(applicationOf());
  const opened = openApplication(envelope);
  expect(opened.value).toEqual(applicationOf());
  expect(opened.payload.equals(payloadOf(applicationOf()))).toBe(true);
  expect(opened.envelope.equals(envelope)).toBe(true);
  expect(opened.request.publicKey.spki.equals(world.subCa.signer.spki)).toBe(true);
  expect(opened.request.subject).toEqual(SUB_CA_NAME);
});

describe('who signs', () => {
  test('another key is refused, alone and beside the right one', async () => {
    const stranger = softSigner('p-256');
    for (const signers of [[stranger], [world.journal, stranger]]) {
      await expectCode(
        async () => openApplication(await seal(applicationOf(), signers)),
        EnvelopeError,
        'SIGNER_UNKNOWN',
      );
    }
  });

  test('a journal key that is none is refused', async () => {
    const none = Buffer.from('no key');
    const sealed = await seal(applicationOf({ journalSpki: none.toString('base64') }));
    const envelope = sealed.toString('utf8').replace(keyId(world.journal.spki), keyId(none));
    await expectCode(() => openApplication(Buffer.from(envelope)), EnvelopeError, 'KEY_UNUSABLE');
  });

  test('a document of another type is refused', async () => {
    const envelope = await sealEnvelope(GRANT_PAYLOAD_TYPE, payloadOf(applicationOf()), [world.journal]);
    await expectCode(() => openApplication(envelope), EnvelopeError, 'ENVELOPE_TYPE');
  });

  test('a request that the sub-CA key did not sign is refused', async () => {
    const forged = Buffer.from(request);
    const at = forged.indexOf(Buffer.from('Lâm Đồng'));
    forged.write('Kâm', at);
    await expectCode(
      async () => openApplication(await seal(applicationOf({ request: forged.toString('base64') }))),
      X509Error,
      'REQUEST_SIGNATURE_INVALID',
    );
  });

  test('a request that is none is refused', async () => {
    for (const bytes of [Buffer.from('3000', 'hex'), request.subarray(0, -1)]) {
      await expectCode(
        async () => openApplication(await seal(applicationOf({ request: bytes.toString('base64') }))),
        X509Error,
        'REQUEST_MALFORMED',
      );
    }
  });
});

describe('an application for the next CA key', () => {
  const succeeds = { grantId: 'g-1', version: 3, sha256: 'a'.repeat(64) };
  const successor = (changes: object = {}): object => {
    const { wanted, shown, readiness: report, mends, ...applicant } = applicationOf();
    expect([wanted, shown, report, mends]).not.toContain(undefined);
    return { ...applicant, epoch: 2, succeeds, ...changes };
  };

  test('names the grant it follows', async () => {
    expect(openApplication(await seal(successor())).value).toEqual(successor());
  });

  test.each<[string, object]>([
    ['the first epoch', { epoch: 1 }],
    [
      'wishes of its own',
      { wanted: { services: ['issue'], profiles: ['individual'], emailDomains: [], perYear: 1 } },
    ],
    ['no digest', { succeeds: { ...succeeds, sha256: undefined } }],
    ['nothing to follow', { succeeds: undefined }],
    ['null to follow', { succeeds: null }],
  ])('with %s is refused', async (_, changes) => {
    const envelope = await seal(successor(changes));
    await expectCode(() => openApplication(envelope), DelegationError, 'DOCUMENT_MALFORMED');
  });
});

describe('the readiness report in it', () => {
  const withReport = async (report: Buffer): Promise<Buffer> =>
    seal(applicationOf({ readiness: report.toString('base64') }));

  test('is opened with it', async () => {
    const opened = openApplication(
      await withReport(await sealReadiness(readinessOf(NODE_ID), world.journal)),
    );
    expect(opened.readiness?.value).toEqual(readinessOf(NODE_ID));
  });

  test('signed by another key is refused', async () => {
    const report = await sealReadiness(readinessOf(NODE_ID), softSigner('p-256'));
    await expectCode(async () => openApplication(await withReport(report)), EnvelopeError, 'SIGNER_UNKNOWN');
  });

  test.each<[string, object]>([
    ['of another node', { nodeId: 'other' }],
    ['with a result that is none', { checks: [{ ...CHECK, result: 'fine' }] }],
    ['with an unknown member', { extra: 1 }],
  ])('%s is refused', async (_, changes) => {
    const report = await sealReadiness({ ...readinessOf(NODE_ID), ...changes }, world.journal);
    await expectCode(
      async () => openApplication(await withReport(report)),
      DelegationError,
      'DOCUMENT_MALFORMED',
    );
  });
});

describe('form', () => {
  const wanted = (changes: object): object => ({ wanted: { ...applicationOf().wanted, ...changes } });
  const shown = (changes: object): object => ({ shown: { ...applicationOf().shown, ...changes } });
  const PERSON = { id: 'an', name: 'Nguyễn Văn An', roles: ['approver'], training: [] };
  const PAPER = { kind: 'regulation', name: 'a.pdf', sha256: 'a'.repeat(64), size: 10 };
  const ROW = { year: 2027, profile: 'individual', certificates: 1999 };
  const NEED = { survey: { sha256: 'b'.repeat(64), agencies: 1 }, expected: [ROW] };

  test.each<[string, () => object]>([
    ['a host with a port', () => ({ host: '10.0.0.1:8080' })],
    ['no e-mail domain', () => wanted({ emailDomains: [] })],
    ['people and papers', () => shown({ personnel: [PERSON], papers: [PAPER] })],
    [
      'a survey that expects what is asked for',
      () =>
        shown({
          need: {
            ...NEED,
            expected: [ROW, { ...ROW, profile: 'individual', year: 2028, certificates: 2000 }],
          },
        }),
    ],
    [
      'an application that is mended',
      () => ({ mends: { application: 'a'.repeat(64), answer: 'b'.repeat(64) } }),
    ],
  ])('%s is taken', async (_, change) => {
    expect(openApplication(await seal(applicationOf(change()))).value).toEqual(applicationOf(change()));
  });

  test.each<[string, () => object]>([
    ['an unknown member', () => ({ extra: 1 })],
    ['a missing member', () => ({ host: undefined })],
    ['a node named in capitals', () => ({ nodeId: 'Lam-Dong' })],
    ['a node named as a path', () => ({ nodeId: '../root' })],
    ['a host with a path', () => ({ host: 'ca.vn/x' })],
    ['a host with a user', () => ({ host: 'a@ca.vn' })],
    ['epoch 0', () => ({ epoch: 0 })],
    ['epoch 128', () => ({ epoch: 128 })],
    ['no service', () => wanted({ services: [] })],
    ['an unknown service', () => wanted({ services: ['everything'] })],
    ['no profile', () => wanted({ profiles: [] })],
    ['an e-mail domain in capitals, which no grant could hold', () => wanted({ emailDomains: ['A.vn'] })],
    ['an e-mail domain that is a sentence', () => wanted({ emailDomains: ['a.vn, b.vn'] })],
    ['no certificates at all', () => wanted({ perYear: 0 })],
    [
      'an organisation without a name',
      () => ({ organisation: { ...applicationOf().organisation, name: '' } }),
    ],
    ['a person twice', () => shown({ personnel: [PERSON, { ...PERSON, id: 'other' }] })],
    ['a person without a role', () => shown({ personnel: [{ ...PERSON, roles: [] }] })],
    [
      'a name that turns the reading direction',
      () => shown({ personnel: [{ ...PERSON, name: 'A\u202eB' }] }),
    ],
    ['a paper without octets', () => shown({ papers: [{ ...PAPER, size: 0 }] })],
    ['a survey that expects another number', () => shown({ need: NEED })],
    [
      'a survey of a profile that is not asked for',
      () => shown({ need: { ...NEED, expected: [{ ...ROW, certificates: 2000, profile: 'device' }] } }),
    ],
    ['a request in another spelling of base64', () => ({ request: `${applicationOf().request} ` })],
  ])('%s is refused', async (_, change) => {
    await expectCode(
      async () => openApplication(await seal({ ...applicationOf(), ...change() })),
      DelegationError,
      'DOCUMENT_MALFORMED',
    );
  });

  test('white space is refused though the journal key signed it', async () => {
    const payload = Buffer.from(JSON.stringify(applicationOf(), undefined, 1));
    const envelope = await sealEnvelope(APPLICATION_PAYLOAD_TYPE, payload, [world.journal]);
    await expectCode(() => openApplication(envelope), DelegationError, 'DOCUMENT_MALFORMED');
  });
});

test('no octet of an application can change unnoticed', async () => {
  expect(unnoticedFlips(await seal(applicationOf()), openApplication)).toEqual([]);
});
