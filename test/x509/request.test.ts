/** Certification requests: OpenSSL's are read, ours are read by OpenSSL, and nothing altered or weak gets through. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { der, OID, readDer } from '../../src/asn1';
import { CodedError } from '../../src/errors';
import { buildRequest, encodeName, encodePem, readRequest, X509Error, type Name } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';
import { softSigner } from '../support/softSigner';

const openssl = new OpenSsl();
afterAll(() => {
  openssl.remove();
});

const SUBJECT =
  '/C=VN/L=Hà Nội/O=BỘ TÀI CHÍNH/OU=CỤC THUẾ/CN=Nguyễn Thị Ngọc Ánh/emailAddress=ngocanh@thue.gov.vn';
const NAME: Name = [
  { type: 'C', value: 'VN' },
  { type: 'L', value: 'Hà Nội' },
  { type: 'O', value: 'BỘ TÀI CHÍNH' },
  { type: 'OU', value: 'CỤC THUẾ' },
  { type: 'CN', value: 'Nguyễn Thị Ngọc Ánh' },
  { type: 'E', value: 'ngocanh@thue.gov.vn' },
];

const PSS = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt'] as const;

const KEYS = {
  'rsa-1024': ['rsa:1024'],
  'rsa-2048': ['rsa:2048'],
  'p-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'p-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  secp256k1: ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
  ed25519: ['ed25519'],
  'rsa-pss': ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const;

/** A request made by OpenSSL; keys are kept, since RSA ones take time to make. */
function request(key: keyof typeof KEYS, options: readonly string[] = [], subject = SUBJECT): Buffer {
  const file = `${key}.key`;
  if (!made.has(key)) {
    const { status, output } = openssl.run(
      'req',
      '-new',
      '-newkey',
      ...KEYS[key],
      '-nodes',
      '-keyout',
      file,
      '-subj',
      '/CN=a',
      '-out',
      'first.csr',
    );
    if (status !== 0) throw new Error(output);
    made.add(key);
  }
  const { status, output } = openssl.run(
    'req',
    '-new',
    '-key',
    file,
    '-utf8',
    '-subj',
    subject,
    ...options,
    '-out',
    'request.csr',
  );
  if (status !== 0) throw new Error(output);
  return openssl.read('request.csr');
}
const made = new Set<string>();
const derOf = (pem: Buffer): Buffer => readRequest(pem).der;

/** A request made of parts, signed with a fresh P-256 key. */
function assemble(parts: {
  version?: number;
  subject?: Buffer;
  attributes?: readonly Buffer[];
  more?: readonly Buffer[];
}): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = der.sequence(
    der.integer(parts.version ?? 0),
    parts.subject ?? encodeName(NAME),
    publicKey.export({ format: 'der', type: 'spki' }),
    ...(parts.attributes ?? [der.implicitConstructed(0)]),
    ...(parts.more ?? []),
  );
  const algorithm = der.sequence(der.oid(OID.ecdsaWithSha256));
  return der.sequence(info, algorithm, der.bitString(sign('sha256', info, privateKey)));
}
const attribute = (oid: string, ...values: readonly Buffer[]): Buffer =>
  der.sequence(der.oid(oid), der.setOf(...values));
const extension = (oid: string, value: Buffer): Buffer => der.sequence(der.oid(oid), der.octetString(value));
const requested = (...extensions: readonly Buffer[]): Buffer =>
  attribute(OID.extensionRequest, der.sequence(...extensions));
const ia5 = (tag: number, text: string): Buffer => der.implicitPrimitive(tag, Buffer.from(text, 'latin1'));

describe('readRequest', () => {
  it.each([
    ['rsa-2048', 'rsa-sha256'],
    ['p-256', 'ecdsa-sha256'],
    ['p-384', 'ecdsa-sha256'],
  ] as const)("reads OpenSSL's request for %s, PEM and DER", (key, signatureAlgorithm) => {
    const pem = request(key);
    const read = readRequest(pem);
    expect(read).toMatchObject({ subject: NAME, signatureAlgorithm, emails: [], dnsNames: [] });
    expect(read.publicKey.algorithm).toBe(key);
    expect(readRequest(read.der)).toMatchObject({ der: read.der, subject: NAME });
    expect(readRequest(Buffer.from(encodePem('NEW CERTIFICATE REQUEST', read.der))).der).toEqual(read.der);
  });

  it.each([
    ['rsa-2048', ['-sha384'], 'rsa-sha384'],
    ['rsa-2048', ['-sha512'], 'rsa-sha512'],
    ['p-256', ['-sha384'], 'ecdsa-sha384'],
    ['p-384', ['-sha512'], 'ecdsa-sha512'],
    ['rsa-2048', ['-sha256', ...PSS, 'rsa_pss_saltlen:digest'], 'rsa-pss-sha256'],
    ['rsa-2048', ['-sha384', ...PSS, 'rsa_pss_saltlen:48'], 'rsa-pss-sha384'],
    ['rsa-2048', ['-sha512', ...PSS, 'rsa_pss_saltlen:64'], 'rsa-pss-sha512'],
  ] as const)('reads %s with %j', (key, options, algorithm) => {
    expect(readRequest(request(key, options)).signatureAlgorithm).toBe(algorithm);
  });

  it.each([
    ['rsa-2048', ['-sha1']],
    ['rsa-2048', ['-md5']],
    ['rsa-2048', ['-sha224']],
    ['rsa-2048', [...PSS, 'rsa_pss_saltlen:max']],
    ['rsa-2048', [...PSS, 'rsa_pss_saltlen:20']],
    ['rsa-2048', ['-sha1', ...PSS, 'rsa_pss_saltlen:20']],
    ['rsa-2048', ['-sha256', ...PSS, 'rsa_pss_saltlen:32', '-sigopt', 'rsa_mgf1_md:sha1']],
    ['p-256', ['-sha1']],
    ['ed25519', []],
  ] as const)('refuses %s with %j', async (key, options) => {
    const pem = request(key, options);
    await expectCode(() => readRequest(pem), X509Error, 'REQUEST_ALGORITHM_NOT_ALLOWED');
  });

  it('refuses a weak key, a foreign curve and a key for RSASSA-PSS alone', async () => {
    const weak = request('rsa-1024');
    const foreign = request('secp256k1');
    const forPssOnly = request('rsa-pss', [...PSS, 'rsa_pss_saltlen:32']);
    await expectCode(() => readRequest(weak), X509Error, 'KEY_TOO_WEAK');
    await expectCode(() => readRequest(foreign), X509Error, 'CURVE_NOT_ALLOWED');
    await expectCode(() => readRequest(forPssOnly), X509Error, 'KEY_FOR_PSS_ONLY');
  });

  it('reads the requested e-mail addresses and host names, and leaves all else aside', () => {
    const names =
      'email:a@b.vn,DNS:www.b.vn,email:c@d.vn,IP:10.0.0.1,URI:http://b.vn,dirName:dir,otherName:1.2.3.4;UTF8:x';
    openssl.write(
      'san.cnf',
      `[req]\ndistinguished_name=dn\nreq_extensions=x\n[dn]\n[x]\nsubjectAltName=${names}\nkeyUsage=critical,keyCertSign\nbasicConstraints=critical,CA:TRUE\n1.2.3.4=ASN1:UTF8String:x\n[dir]\nDC=vn\n`,
    );
    const read = readRequest(request('p-256', ['-config', 'san.cnf']));
    expect(read.emails).toEqual(['a@b.vn', 'c@d.vn']);
    expect(read.dnsNames).toEqual(['www.b.vn']);
  });

  it('gives no subject when it has parts unknown here, and still the key', () => {
    for (const subject of ['/DC=vn/CN=a', '/CN=a+OU=b']) {
      const read = readRequest(request('p-256', ['-multivalue-rdn'], subject));
      expect(read.subject).toBeUndefined();
      expect(read.publicKey.algorithm).toBe('p-256');
    }
    expect(readRequest(assemble({ subject: der.integer(1) })).subject).toBeUndefined();
  });

  it('reads a request without attributes, with an empty set of them and with a strange one', () => {
    expect(readRequest(assemble({ attributes: [] })).emails).toEqual([]);
    expect(readRequest(assemble({})).emails).toEqual([]);
    const strange = der.implicitConstructed(0, attribute('1.2.840.113549.1.9.7', der.utf8String('password')));
    expect(readRequest(assemble({ attributes: [strange] })).emails).toEqual([]);
  });

  const san = (...names: readonly Buffer[]): Buffer =>
    der.implicitConstructed(0, requested(extension(OID.subjectAltName, der.sequence(...names))));

  it.each([
    ['version 2', { version: 1 }],
    ['a fifth part', { more: [der.nullValue()] }],
    ['attributes that are not [0]', { attributes: [der.setOf()] }],
    [
      '65 attributes',
      { attributes: [der.implicitConstructed(0, ...Array.from({ length: 65 }, () => attribute(OID.title)))] },
    ],
    [
      'an attribute of three parts',
      {
        attributes: [
          der.implicitConstructed(0, der.sequence(der.oid(OID.title), der.setOf(), der.nullValue())),
        ],
      },
    ],
    [
      'extensions asked for twice',
      {
        attributes: [
          der.implicitConstructed(
            0,
            requested(extension(OID.title, der.nullValue())),
            requested(extension(OID.keyUsage, der.nullValue())),
          ),
        ],
      },
    ],
    [
      'two sets of extensions at once',
      {
        attributes: [
          der.implicitConstructed(
            0,
            attribute(
              OID.extensionRequest,
              der.sequence(extension(OID.title, der.nullValue())),
              der.sequence(extension(OID.keyUsage, der.nullValue())),
            ),
          ),
        ],
      },
    ],
    [
      'two alternative names',
      {
        attributes: [
          der.implicitConstructed(
            0,
            requested(
              extension(OID.subjectAltName, der.sequence(ia5(1, 'a@b.vn'))),
              extension(OID.subjectAltName, der.sequence(ia5(1, 'c@d.vn'))),
            ),
          ),
        ],
      },
    ],
    [
      'an alternative name that is not DER',
      { attributes: [der.implicitConstructed(0, requested(extension(OID.subjectAltName, Buffer.of(0x30))))] },
    ],
    ['an e-mail address that is none', { attributes: [san(ia5(1, 'a b@c.vn'))] }],
    ['an e-mail address that is not ASCII', { attributes: [san(ia5(1, 'á@c.vn'))] }],
    ['a host name with NUL', { attributes: [san(ia5(2, 'a.vn\0.b.vn'))] }],
    [
      'a constructed e-mail address',
      { attributes: [san(der.implicitConstructed(1, der.utf8String('a@b.vn')))] },
    ],
    ['300 alternative names', { attributes: [san(...Array.from({ length: 300 }, () => ia5(1, 'a@b.vn')))] }],
  ])('refuses %s', async (_, parts) => {
    await expectCode(() => readRequest(assemble(parts)), X509Error, 'REQUEST_MALFORMED');
  });

  it('lets the good counterparts of these through', () => {
    expect(readRequest(assemble({ attributes: [san(ia5(1, 'a@b.vn'), ia5(2, 'a.vn'))] }))).toMatchObject({
      emails: ['a@b.vn'],
      dnsNames: ['a.vn'],
    });
  });

  it('refuses a signature of another key, one of another type, and none', async () => {
    const { children } = readDer(derOf(request('p-256')), { what: 'request' });
    const [info, algorithm] = children.map((child) => child.der);
    const rsa = der.sequence(der.oid(OID.sha256WithRsaEncryption), der.nullValue());
    const pss = readDer(derOf(request('rsa-2048', [...PSS, 'rsa_pss_saltlen:32'])), { what: 'request' });
    const foreign = await softSigner('p-256').sign(info!);
    for (const bytes of [
      der.sequence(info!, algorithm!, der.bitString(foreign)),
      der.sequence(info!, rsa, children[2]!.der),
      der.sequence(info!, algorithm!, der.bitString(Buffer.alloc(0))),
      // One scheme's signature under the other's name.
      der.sequence(pss.children[0]!.der, rsa, pss.children[2]!.der),
    ]) {
      await expectCode(() => readRequest(bytes), X509Error, 'REQUEST_SIGNATURE_INVALID');
    }
  });

  it.each(['p-256', 'rsa-2048'] as const)('refuses every single altered byte of a request for %s', (key) => {
    const good = derOf(request(key, ['-addext', 'subjectAltName=email:a@b.vn']));
    const allowed = /^(REQUEST_|KEY_|CURVE_|PEM_MALFORMED$)/;
    for (let at = 0; at < good.length; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ mask;
        let code = 'accepted';
        try {
          readRequest(bad);
        } catch (error) {
          code = error instanceof CodedError ? String(error.code) : String(error);
        }
        if (!allowed.test(code)) throw new Error(`byte ${at}, mask ${mask}: ${code}`);
      }
    }
    expect(readRequest(good).der).toEqual(good);
  });

  it('refuses every truncated request, garbage and 10 MB of zeros', async () => {
    const good = derOf(request('p-256'));
    for (let length = 0; length < good.length; length += 1) {
      const cut = good.subarray(0, length);
      expect(() => readRequest(cut)).toThrow(X509Error);
    }
    await expectCode(() => readRequest(Buffer.concat([good, Buffer.of(0)])), X509Error, 'REQUEST_MALFORMED');
    await expectCode(() => readRequest(Buffer.from('hello')), X509Error, 'PEM_MALFORMED');
    await expectCode(() => readRequest(Buffer.alloc(10_000_000)), X509Error, 'INPUT_TOO_LARGE');
    await expectCode(
      () => readRequest(Buffer.from(encodePem('CERTIFICATE', good))),
      X509Error,
      'PEM_MALFORMED',
    );
  });
});

describe('buildRequest', () => {
  it.each([
    ['p-256', 'ecdsa-sha256'],
    ['p-384', 'ecdsa-sha384'],
    ['rsa-2048', 'rsa-sha256'],
    ['rsa-2048', 'rsa-pss-sha256'],
    ['rsa-2048', 'rsa-pss-sha384'],
  ] as const)('makes a request OpenSSL accepts, for %s with %s', async (key, algorithm) => {
    const bytes = await buildRequest(NAME, softSigner(key, algorithm));
    openssl.write('ours.der', bytes);
    const verdict = openssl.run(
      'req',
      '-in',
      'ours.der',
      '-inform',
      'DER',
      '-verify',
      '-noout',
      '-subject',
      '-nameopt',
      'RFC2253,-dn_rev,-esc_msb,utf8',
    );
    expect(verdict.output).toContain('verify OK');
    expect(verdict.output).toContain('C=VN,L=Hà Nội,O=BỘ TÀI CHÍNH,OU=CỤC THUẾ,CN=Nguyễn Thị Ngọc Ánh');
    expect(verdict.status).toBe(0);
    expect(readRequest(bytes)).toMatchObject({
      subject: NAME,
      emails: [],
      dnsNames: [],
      signatureAlgorithm: algorithm,
    });
  });
});
