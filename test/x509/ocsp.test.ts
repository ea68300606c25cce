/** OCSP: OpenSSL asks and we read; we answer and OpenSSL verifies. */
import fc from 'fast-check';
import { der, OID } from '../../src/asn1';
import {
  assembleOcspResponse,
  buildOcspResponseData,
  certIdMatches,
  encodeName,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  ocspErrorResponse,
  ocspNoCheck,
  readOcspRequest,
  X509Error,
  type Certificate,
  type CertStatus,
  type OcspRequest,
} from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl, type Verdict } from '../support/openssl';
import { issueSoft, PROVINCE, softRoot, softSubCa, SUB_CA_NAME, type SoftCa } from '../support/softCa';
import { softSigner, type SoftSigner } from '../support/softSigner';

const openssl = new OpenSsl();
const HOUR = 3_600_000;
const GOOD = /^leaf\.pem: good\n[^]*Response verify OK\n$/;
const REVOKED = /^leaf\.pem: revoked\n[^]*Response verify OK\n$/;
const UNKNOWN = /^leaf\.pem: unknown\n[^]*Response verify OK\n$/;

let root: SoftCa;
let subCa: SoftCa;
let leaf: Certificate;

async function issue(cn: string, spki: Buffer, ...extensions: readonly Buffer[]): Promise<Certificate> {
  const subject = [...PROVINCE, { type: 'CN', value: cn } as const];
  return issueSoft({ issuer: SUB_CA_NAME, signer: subCa.signer, subject, spki, extensions });
}

beforeAll(async () => {
  root = await softRoot('p-256');
  subCa = await softSubCa('p-256', root);
  leaf = await issue('Nguyễn Thị Ánh', softSigner('p-256').spki, keyUsage(['digitalSignature']));
  openssl.writePem('root.pem', 'CERTIFICATE', root.certificate.der);
  openssl.writePem('sub.pem', 'CERTIFICATE', subCa.certificate.der);
  openssl.writePem('leaf.pem', 'CERTIFICATE', leaf.der);
});
afterAll(() => {
  openssl.remove();
});

/** The request OpenSSL makes for the leaf. */
function ask(...options: readonly string[]): OcspRequest {
  const { status } = openssl.run(
    ...['ocsp', ...options, '-issuer', 'sub.pem', '-cert', 'leaf.pem', '-reqout', 'request.der'],
  );
  expect(status).toBe(0);
  return readOcspRequest(openssl.read('request.der'));
}

interface Responder {
  readonly signer: SoftSigner;
  readonly certificates: readonly Buffer[];
}

async function delegatedResponder(key: Parameters<typeof softSigner>[0]): Promise<Responder> {
  const signer = softSigner(key);
  const certificate = await issue(
    ...(['OCSP', signer.spki] as const),
    ...[keyUsage(['digitalSignature']), extendedKeyUsage(['ocspSigning']), ocspNoCheck()],
  );
  return { signer, certificates: [certificate.der] };
}

async function answer(
  responder: Responder,
  request: OcspRequest,
  status: CertStatus,
  nonce: Buffer | undefined = request.nonce,
  archiveCutoff?: Date,
): Promise<Buffer> {
  const now = Date.now();
  const tbs = buildOcspResponseData({
    responderKeyHash: keyIdentifier(responder.signer.spki),
    producedAt: new Date(now),
    responses: request.certIds.map((certId) => ({
      certIdDer: certId.der,
      status,
      thisUpdate: new Date(now - HOUR),
      nextUpdate: new Date(now + HOUR),
      ...(archiveCutoff && { archiveCutoff }),
    })),
    ...(nonce && { nonce }),
  });
  const { algorithm } = responder.signer;
  return assembleOcspResponse(tbs, algorithm, await responder.signer.sign(tbs), responder.certificates);
}

/** OpenSSL's verdict on an answer: first whether it fits the last request and its nonce, then the leaf's status. */
function judge(response: Buffer): Verdict {
  openssl.write('response.der', response);
  const common = ['-no_nonce', '-respin', 'response.der', '-CAfile', 'root.pem', '-verify_other', 'sub.pem'];
  const fits = openssl.run('ocsp', '-reqin', 'request.der', ...common);
  if (fits.status !== 0 || fits.output !== 'Response verify OK\n') return fits;
  return openssl.run('ocsp', ...common, '-issuer', 'sub.pem', '-cert', 'leaf.pem');
}

describe('a request OpenSSL makes', () => {
  test.each([
    ['sha1', []],
    ['sha256', ['-sha256']],
    ['sha384', ['-sha384']],
    ['sha512', ['-sha512']],
  ] as const)('names the leaf by %s', (hashAlgorithm, options) => {
    const { certIds } = ask(...options);
    expect(certIds).toHaveLength(1);
    const [certId] = certIds;
    expect(certId).toMatchObject({ hashAlgorithm, serialNumber: leaf.tbs.serialNumber });
    const issuer = { nameDer: subCa.certificate.tbs.subjectDer, spki: subCa.signer.spki };
    expect(certIdMatches(certId!, issuer)).toBe(true);
    expect(certIdMatches(certId!, { ...issuer, nameDer: encodeName(PROVINCE) })).toBe(false);
    expect(certIdMatches(certId!, { ...issuer, spki: root.signer.spki })).toBe(false);
  });

  test('has a nonce unless told otherwise', () => {
    expect(ask('-nonce').nonce?.length).toBeGreaterThanOrEqual(16);
    expect(ask('-no_nonce').nonce).toBeUndefined();
  });

  test('may ask for several, and be signed', () => {
    openssl.writePem('signer.pem', 'CERTIFICATE', root.certificate.der);
    openssl.write('signer.key', root.signer.privateKeyPem);
    const { certIds } = ask(
      ...['-signer', 'signer.pem', '-signkey', 'signer.key', '-issuer', 'sub.pem'],
      ...['-serial', '0xf1', '-serial', '0x0102'],
    );
    expect(certIds.map((certId) => certId.serialNumber)).toEqual(['f1', '0102', leaf.tbs.serialNumber]);
  });
});

describe.each(['rsa-2048', 'p-256', 'p-384'] as const)('the answer of a %s responder', (key) => {
  let responder: Responder;
  beforeAll(async () => {
    responder = await delegatedResponder(key);
  });

  test('good', async () => {
    const verdict = judge(await answer(responder, ask('-nonce'), { kind: 'good' }));
    expect(verdict.status).toBe(0);
    expect(verdict.output).toMatch(GOOD);
    expect(verdict.output).not.toMatch(/nonce/i);
    expect(openssl.run('asn1parse', '-inform', 'DER', '-in', 'response.der').status).toBe(0);
  });

  test('revoked, with and without a reason', async () => {
    const at = new Date('2024-03-01T02:03:04Z');
    const told = judge(await answer(responder, ask(), { kind: 'revoked', at, reason: 'keyCompromise' }));
    expect(told.output).toMatch(REVOKED);
    expect(told.output).toMatch(/Reason: keyCompromise\n\tRevocation Time: Mar {2}1 02:03:04 2024 GMT/);
    const silent = judge(await answer(responder, ask(), { kind: 'revoked', at }));
    expect(silent.output).toMatch(REVOKED);
    expect(silent.output).not.toContain('Reason');
  });

  test('good, and since when the status of what has ended is kept', async () => {
    const since = new Date('2020-01-02T03:04:05Z');
    const verdict = judge(await answer(responder, ask('-no_nonce'), { kind: 'good' }, undefined, since));
    expect(verdict.output).toMatch(GOOD);
    const { output } = openssl.run('ocsp', '-respin', 'response.der', '-resp_text', '-noverify');
    expect(output).toMatch(/OCSP Archive Cutoff: *\n *Jan {2}2 03:04:05 2020 GMT/);
  });

  test('unknown, about a certificate named by SHA-256', async () => {
    const request = ask('-sha256');
    openssl.write('response.der', await answer(responder, request, { kind: 'unknown' }));
    const verdict = openssl.run(
      ...['ocsp', '-sha256', '-respin', 'response.der', '-CAfile', 'root.pem', '-verify_other', 'sub.pem'],
      ...['-issuer', 'sub.pem', '-cert', 'leaf.pem', '-no_nonce'],
    );
    expect(verdict.output).toMatch(UNKNOWN);
  });

  test('is refused with another nonce, by another responder, or altered', async () => {
    const request = ask('-nonce');
    expect(judge(await answer(responder, request, { kind: 'good' }, Buffer.alloc(16, 1))).output).toMatch(
      /Nonce Verify error/,
    );
    const stranger = { signer: softSigner('p-256'), certificates: responder.certificates };
    expect(judge(await answer(stranger, request, { kind: 'good' })).output).toMatch(/Verify Failure/);
    const altered = await answer(responder, request, { kind: 'good' });
    const place = altered.indexOf(request.certIds[0]!.der) + request.certIds[0]!.der.length;
    expect(altered.subarray(place, place + 2)).toEqual(Buffer.of(0x80, 0));
    altered[place] = 0x82;
    expect(judge(altered).output).toMatch(/Verify Failure/);
  });
});

test('the answer of the issuer itself needs no certificate in it', async () => {
  const responder = { signer: subCa.signer, certificates: [] };
  expect(judge(await answer(responder, ask('-nonce'), { kind: 'good' })).output).toMatch(GOOD);
});

test.each([
  ['malformedRequest', /malformedrequest \(1\)/],
  ['internalError', /internalerror \(2\)/],
  ['tryLater', /trylater \(3\)/],
  ['unauthorized', /unauthorized \(6\)/],
] as const)('the refusal %s is the one OpenSSL reads', (status, text) => {
  openssl.write('response.der', ocspErrorResponse(status));
  const { output } = openssl.run('ocsp', '-respin', 'response.der', '-CAfile', 'root.pem', '-text');
  expect(output.toLowerCase()).toMatch(text);
});

describe('a request', () => {
  const identifier = (oid: string): Buffer => der.sequence(der.oid(oid), der.nullValue());
  const certId = (
    serial: Buffer = der.integer(5),
    hash: string = OID.sha1,
    length = 20,
    ...more: readonly Buffer[]
  ): Buffer =>
    der.sequence(
      ...[
        identifier(hash),
        der.octetString(Buffer.alloc(length)),
        der.octetString(Buffer.alloc(length)),
        serial,
        ...more,
      ],
    );
  const extension = (oid: string, value: Buffer, critical = false): Buffer =>
    der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
  const single = (id: Buffer, ...more: readonly Buffer[]): Buffer => der.sequence(id, ...more);
  const request = (list: readonly Buffer[], ...more: readonly Buffer[]): Buffer =>
    der.sequence(der.sequence(der.sequence(...list), ...more));
  const withExtensions = (...extensions: readonly Buffer[]): Buffer =>
    request([single(certId())], der.explicit(2, der.sequence(...extensions)));
  const extensions = der.sequence(extension('1.2.3', der.nullValue()));
  const nonceOf = (length: number): Buffer =>
    extension(OID.ocspNonce, der.octetString(Buffer.alloc(length, 1)));

  test.each<[string, Buffer]>([
    ['one certificate', request([single(certId())])],
    ['20 of them', request(Array.from({ length: 20 }, () => single(certId())))],
    [
      'a version written out',
      der.sequence(der.sequence(der.explicit(0, der.integer(0)), der.sequence(single(certId())))),
    ],
    [
      'a requestor name',
      der.sequence(
        der.sequence(
          der.explicit(1, der.implicitPrimitive(1, Buffer.from('a@b.vn'))),
          der.sequence(single(certId())),
        ),
      ),
    ],
    ['an unknown extension', withExtensions(extension('1.2.3', der.nullValue()))],
    [
      'an unknown extension of one',
      request([single(certId(), der.explicit(0, der.sequence(extension('1.2.3', der.nullValue()))))]),
    ],
    ['SHA-256', request([single(certId(der.integer(5), OID.sha256, 32))])],
  ])('is read: %s', (_, bytes) => {
    expect(readOcspRequest(bytes).certIds[0]).toMatchObject({ serialNumber: '05' });
  });

  test.each([1, 16, 32, 128])('is read with a nonce of %d octets', (length) => {
    expect(readOcspRequest(withExtensions(nonceOf(length))).nonce).toEqual(Buffer.alloc(length, 1));
  });

  test.each<[string, Buffer]>([
    ['no certificate', request([])],
    ['21 of them', request(Array.from({ length: 21 }, () => single(certId())))],
    ['more than 16 KiB', withExtensions(extension('1.2.3', Buffer.alloc(16_384)))],
    [
      'version 2',
      der.sequence(der.sequence(der.explicit(0, der.integer(1)), der.sequence(single(certId())))),
    ],
    ['a nonce of no octets', withExtensions(nonceOf(0))],
    ['a nonce of 129 octets', withExtensions(nonceOf(129))],
    ['a nonce without its OCTET STRING', withExtensions(extension(OID.ocspNonce, Buffer.alloc(16, 1)))],
    ['a nonce twice', withExtensions(nonceOf(16), nonceOf(16))],
    ['an unknown critical extension', withExtensions(extension('1.2.3', der.nullValue(), true))],
    [
      'an unknown critical extension of one',
      request([single(certId(), der.explicit(0, der.sequence(extension('1.2.3', der.nullValue(), true))))]),
    ],
    ['a hash that is not ours', request([single(certId(der.integer(5), '2.16.840.1.101.3.4.2.4', 28))])],
    ['a hash of another length', request([single(certId(der.integer(5), OID.sha256, 20))])],
    ['a negative serial number', request([single(certId(der.integer(-5)))])],
    ['a serial number of 21 octets', request([single(certId(der.unsignedInteger(Buffer.alloc(21, 1))))])],
    ['extensions under another tag', request([single(certId())], der.explicit(3, extensions))],
    [
      'a member behind the extensions',
      request([single(certId())], der.explicit(2, extensions), der.nullValue()),
    ],
    [
      'a member behind those of one',
      request([single(certId(), der.explicit(0, extensions), der.nullValue())]),
    ],
    [
      'a member behind the signature',
      der.sequence(
        der.sequence(der.sequence(single(certId()))),
        der.explicit(0, der.sequence()),
        der.nullValue(),
      ),
    ],
    ['a fifth member of the name', request([single(certId(der.integer(5), OID.sha1, 20, der.nullValue()))])],
    ['a member behind the list', request([single(certId())], der.nullValue())],
    [
      'a member behind the request',
      der.sequence(der.sequence(der.sequence(single(certId()))), der.nullValue()),
    ],
    ['nothing', Buffer.alloc(0)],
  ])('is refused: %s', async (_, bytes) => {
    await expectCode(() => readOcspRequest(bytes), X509Error, 'OCSP_REQUEST_MALFORMED');
  });

  test('of any bytes is read or refused, and nothing else happens', () => {
    const good = withExtensions(nonceOf(16));
    const change = fc.record({ at: fc.nat(good.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const { at, to } of changes) bytes[at] = to;
        try {
          expect(readOcspRequest(bytes).certIds).toHaveLength(1);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
