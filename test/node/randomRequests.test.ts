/**
 * Random subjects and requests, as officers type them and as tools and attackers make them: each is refused by a coded
 * error or becomes a certificate that others read as it was meant. `RANDOM_REQUESTS=100000 jest` makes more of them,
 * `RANDOM_SEED=…` repeats a run.
 */
import { randomInt, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { der, OID } from '../../src/asn1';
import { isCodedError } from '../../src/errors';
import { Issuer } from '../../src/node';
import type { Signer } from '../../src/signer';
import {
  assembleCertificate,
  ATTRIBUTE_TYPES,
  encodePem,
  lint,
  lintIssuerOf,
  parseName,
  readCertificate,
  readRequest,
  signatureAlgorithmIdentifier,
  type AttributeType,
  type Name,
  type NameAttribute,
} from '../../src/x509';
import { OpenSsl } from '../support/openssl';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

const RUNS = Number(process.env['RANDOM_REQUESTS'] ?? 600);
const SEED = Number(process.env['RANDOM_SEED'] ?? randomInt(2 ** 31));
/** Certificates in one OpenSSL process. */
const CHUNK = 500;

/** Who reads each certificate after us, here in this process: what they have against it. */
const JUDGES: readonly ((certificate: Buffer) => readonly string[])[] = [
  (certificate) =>
    new X509Certificate(certificate).checkIssued(issuer) ? [] : ['not the CA’s, for node:crypto'],
  (certificate) =>
    lint(certificate, 'Certificate', lintIssuerOf(issuer.raw))
      .filter(({ severity }) => severity === 'error')
      .map(({ check, where, found }) => `lint: ${check}, ${where}: ${found}`),
];

let soft: SoftNode;
let issuer: X509Certificate;
const openssl = new OpenSsl();

beforeAll(async () => {
  soft = await SoftNode.activated();
  issuer = new X509Certificate(soft.world.subCa.certificate.der);
});

afterAll(async () => {
  jest.restoreAllMocks();
  openssl.remove();
  await soft.remove();
});

const phrases = (words: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...words.split(' ')), { minLength: 1, maxLength: 5 })
    .map((some) => some.join(' '));
const PERSON = phrases('Nguyễn Thị Ngọc Ánh Đặng Quốc TRẦN HOÀNG Ýên H’Hen M. Niê-Êban');
const OFFICE = phrases('Ủy BAN NHÂN DÂN Sở Tài chính phòng số 3 (VNPT/IT) – A+B a,b "c" Đà; &');
/** In place for no kind of name, or only for some. */
const ODD = phrases('“Sông Đà” #1 ê̆ Ƀlin A=B <x> @ \\ Москва 阮文英');

const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

/** What makes another value of a good one. */
const tricks = fc.constantFrom<(value: string) => string>(
  (value) => value.normalize('NFD'),
  (value) => value.toUpperCase(),
  (value) => ` ${value}`,
  (value) => value.replace(' ', '  '),
  (value) => value.replace(' ', '\u00a0'),
  (value) => value.replace(/[aàáA]/, '\u0430'),
  (value) => `${value}\u200b`,
  (value) => `\u202e${value}`,
  (value) => value.replace('n', '\uff4e'),
  (value) => value.repeat(4),
  (value) => `${value}\0`,
  (value) => `#${value}`,
  (value) => `${value}\\`,
  () => '',
);
const variations = (good: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 50, arbitrary: good },
    { weight: 5, arbitrary: fc.tuple(good, tricks).map(([value, trick]) => trick(value)) },
    { weight: 2, arbitrary: ODD },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 70 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 70 }) },
  );
const values = variations(OFFICE);
const people = variations(PERSON);
const emails = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.stringMatching(/^[a-z][a-z0-9+-]{0,12}$/).map((local) => `${local}@lamdong.gov.vn`),
  },
  { weight: 1, arbitrary: fc.emailAddress() },
  { weight: 1, arbitrary: values },
);
const attributes = (types: fc.Arbitrary<AttributeType>): fc.Arbitrary<NameAttribute> =>
  types.chain((type) =>
    (type === 'E' ? emails : type === 'CN' ? people : values).map((value) => ({ type, value })),
  );

/** Mostly what an officer gives for a person, now and then anything. */
const subjects: fc.Arbitrary<Name> = fc
  .tuple(
    fc.array(attributes(fc.constant('OU')), { maxLength: 2 }),
    attributes(fc.constant('CN')),
    fc.option(attributes(fc.constant('E')), { freq: 8 }),
    seldom(attributes(fc.constantFrom(...ATTRIBUTE_TYPES))),
  )
  .map(([units, cn, email, other]) => [...units, cn, ...(email ? [email] : []), ...(other ? [other] : [])]);

const stringTypes = [der.utf8String, der.printableString, der.ia5String] as const;
const oldString =
  (tag: number) =>
  (text: string): Buffer => {
    const content = Buffer.from(text, 'utf16le').subarray(0, 100).swap16();
    return Buffer.concat([Buffer.of(tag, content.length), content]);
  };
const OIDS = [OID.countryName, OID.organizationName, OID.commonName, OID.emailAddress, '2.5.4.41', '1.2.3.4'];
/** The subject of a request, in every string type, with unknown attributes and several at one place. */
const requestNames = fc
  .array(
    fc.array(
      fc
        .tuple(
          fc.constantFrom(...OIDS),
          fc.constantFrom(...stringTypes, oldString(30), oldString(20)),
          values,
        )
        .map(([oid, encode, value]) => der.sequence(der.oid(oid), encode(value))),
      { minLength: 1, maxLength: 2 },
    ),
    { maxLength: 4 },
  )
  .map((places) => der.sequence(...places.map((place) => der.setOf(...place))));

const SIGNERS: readonly Signer[] = [
  softSigner('p-256'),
  softSigner('p-256'),
  softSigner('p-384'),
  softSigner('rsa-2048'),
  softSigner('rsa-3072', 'rsa-pss-sha256'),
];

const asked = fc.record({
  subject: subjects,
  requested: requestNames,
  // Signing with RSA costs much more than all the rest.
  signer: fc.oneof(
    { weight: 50, arbitrary: fc.constantFrom(...SIGNERS.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...SIGNERS) },
  ),
  altNames: fc.array(emails, { maxLength: 2 }),
  /** Where one bit of the request is flipped. */
  flip: seldom(fc.nat()),
});

async function requestOf({
  requested,
  signer,
  altNames,
  flip,
}: typeof asked extends fc.Arbitrary<infer A> ? A : never) {
  const names = altNames.map((email) => der.implicitPrimitive(1, Buffer.from(email, 'utf8')));
  const extension = der.sequence(der.oid(OID.subjectAltName), der.octetString(der.sequence(...names)));
  const extensions = der.sequence(der.oid(OID.extensionRequest), der.setOf(der.sequence(extension)));
  const info = der.sequence(
    der.integer(0),
    requested,
    signer.spki,
    der.implicitConstructed(0, ...(names.length > 0 ? [extensions] : [])),
  );
  const bytes = der.sequence(
    info,
    signatureAlgorithmIdentifier(signer.algorithm),
    der.bitString(await signer.sign(info)),
  );
  const at = (flip ?? 0) % (bytes.length * 8);
  if (flip !== null) bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
  return bytes;
}

test(
  `${String(RUNS)} random subjects and requests (seed ${String(SEED)})`,
  async () => {
    const node = await Issuer.open(soft.node, soft.journal);
    const certificates: Buffer[] = [];
    const refusals = new Map<string, number>();
    for (const [number, one] of fc.sample(asked, { numRuns: RUNS, seed: SEED }).entries()) {
      const bytes = await requestOf(one);
      try {
        const plan = node.plan('individual', {
          service: 'issue',
          request: readRequest(bytes),
          subject: one.subject,
        });
        const { signer } = soft.world.subCa;
        const certificate = assembleCertificate(
          plan.tbs.der,
          signer.algorithm,
          await signer.sign(plan.tbs.der),
        );
        expect(readCertificate(certificate, 'certificate').tbs.subject).toEqual(plan.tbs.subject);
        expect(JUDGES.flatMap((judge) => judge(certificate))).toEqual([]);
        certificates.push(certificate);
      } catch (error) {
        if (!isCodedError(error) || !['input', 'refused'].includes(error.category)) {
          throw new Error(`request ${String(number)}: ${bytes.toString('hex')}`, { cause: error });
        }
        refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1);
      }
    }
    // Both ends are well tried.
    expect(certificates.length).toBeGreaterThan(RUNS / 10);
    expect(refusals.get('REQUEST_UNFIT')).toBeGreaterThan(RUNS / 20);
    for (let at = 0; at < certificates.length; at += CHUNK)
      expectReadByOpenSsl(certificates.slice(at, at + CHUNK));
  },
  Math.max(30_000, RUNS * 20),
);

/** OpenSSL builds the path to the root, name constraints and all, and prints each subject. */
function expectReadByOpenSsl(certificates: readonly Buffer[]): void {
  const { root, subCa } = soft.world;
  openssl.write('root', encodePem('CERTIFICATE', root.certificate.der));
  openssl.write('ca', encodePem('CERTIFICATE', subCa.certificate.der));
  const files = certificates.map((certificate, at) => {
    openssl.write(String(at), encodePem('CERTIFICATE', certificate));
    return String(at);
  });
  const time = String(Math.floor(soft.now.getTime() / 1000));
  const names = ['-nameopt', 'esc_2253,esc_ctrl,utf8,sname,sep_comma_plus_space'];
  const trust = ['-CAfile', 'root', '-untrusted', 'ca', '-attime', time, '-show_chain'];
  const { output } = openssl.run('verify', ...trust, ...names, ...files);
  const subjects = [...output.matchAll(/^(\d+): OK\nChain:\ndepth=0: (.*) \(untrusted\)$/gm)];
  expect(subjects.map(([, file]) => file)).toEqual(files);
  subjects.forEach(([, , subject], at) => {
    const shown = (subject ?? '').replace(/(^|, )emailAddress=/g, '$1E=').replace(/(^|, )title=/g, '$1T=');
    expect(parseName(shown)).toEqual(readCertificate(certificates[at]!, 'certificate').tbs.subject);
  });
}
