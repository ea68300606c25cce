/** Object identifiers: as OpenSSL writes them, whatever the size of their arcs, and in one encoding each. */
import fc from 'fast-check';
import { Asn1Error, der, readDer, readOid } from '../../src/asn1';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';

const openssl = new OpenSsl();
afterAll(() => {
  openssl.remove();
});

const read = (encoding: Buffer): string => readOid(readDer(encoding, { what: 'test' }), 'test');

test.each([
  '0.0',
  '1.39',
  '2.40.1',
  '2.999',
  '2.16.704.1.1.1.1.1',
  '1.2.4294967296',
  '1.3.6.1.4.1.9007199254740993',
  // RFC 9562: a UUID as an arc.
  '2.25.329800735698586629295641978511506172918',
])('%s is written as OpenSSL writes it, and read back', (dotted) => {
  const made = openssl.run('asn1parse', '-genstr', `OID:${dotted}`, '-noout', '-out', 'oid.der');
  expect(made.status).toBe(0);
  expect(der.oid(dotted)).toEqual(openssl.read('oid.der'));
  expect(read(der.oid(dotted))).toBe(dotted);
});

test('every one comes back as it was written', () => {
  const arc = fc.bigInt({ min: 0n, max: 2n ** 128n });
  const oids = fc
    .tuple(fc.nat(2), fc.nat(39), fc.array(arc, { maxLength: 2 }))
    .map(([first, second, rest]) => [first, second, ...rest].join('.'));
  fc.assert(
    fc.property(oids, (dotted) => {
      expect(read(der.oid(dotted))).toBe(dotted);
    }),
  );
});

test.each([
  ['nothing', '0600'],
  ['one that is cut short', '060269b0'],
  ['a padded first arc', '060480551d11'],
  ['a padded arc', '060455801d11'],
  ['one of 65 octets', `0641${'01'.repeat(65)}`],
])('%s is no object identifier', async (_what, octets) => {
  await expectCode(
    Promise.resolve().then(() => read(Buffer.from(octets, 'hex'))),
    Asn1Error,
    'UNEXPECTED',
  );
});

test.each(['3.1', '1.40', '2', '1.02', ''])('%j is not written', (dotted) => {
  expect(() => der.oid(dotted)).toThrow(RangeError);
});
