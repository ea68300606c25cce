/** PEM: round trips, what OpenSSL writes and reads, and what is refused. */
import fc from 'fast-check';
import { decodePemOrDer, encodePem, X509Error } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { OpenSsl } from '../support/openssl';

const LABEL = 'CERTIFICATE REQUEST';
const decode = (input: string | Uint8Array, limit?: number): Buffer =>
  decodePemOrDer(Buffer.from(input), [LABEL, 'NEW CERTIFICATE REQUEST'], 'request', limit);
const block = encodePem(LABEL, Buffer.from('3003020101', 'hex'));

describe('encodePem', () => {
  it('writes what it reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        expect(decode(encodePem(LABEL, bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('writes what OpenSSL writes', () => {
    const openssl = new OpenSsl();
    try {
      openssl.run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'key.pem');
      openssl.run('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
      const text = openssl.read('public.pem').toString();
      const der = decodePemOrDer(Buffer.from(text), 'PUBLIC KEY', 'key');
      expect(encodePem('PUBLIC KEY', der)).toBe(text);
    } finally {
      openssl.remove();
    }
  });
});

describe('decodePemOrDer', () => {
  const der = Buffer.from('3003020101', 'hex');

  it('takes DER as it is, and PEM with text, line ends and a byte order mark of any system around it', () => {
    expect(decode(der)).toEqual(der);
    const long = Buffer.concat([Buffer.from('308200ff', 'hex'), Buffer.alloc(255)]);
    expect(decode(long)).toEqual(long);
    expect(decode(block)).toEqual(der);
    expect(decode(block.replace(/\n/g, '\r\n'))).toEqual(der);
    expect(decode(`\ufeff0 is the first character\n${block}the end`)).toEqual(der);
    expect(decode(encodePem('NEW CERTIFICATE REQUEST', der))).toEqual(der);
  });

  it.each([
    ['nothing', ''],
    ['text', 'certificate request'],
    ['zeros', Buffer.alloc(1_000)],
    ['two blocks', block + block],
    ['another label', encodePem('CERTIFICATE', der)],
    ['no end', block.replace(/-----END.*/, '')],
    ['another end', block.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE')],
    ['two ends', `${block}-----END ${LABEL}-----`],
    ['an empty block', encodePem(LABEL, Buffer.alloc(0))],
    ['a header', block.replace('\n', '\nProc-Type: 4,ENCRYPTED\n')],
    ['a foreign character', block.replace('MAMC', 'MA*C')],
    ['missing padding', block.replace('=', '')],
    ['bits beyond the last octet', block.replace('AQE=', 'AQF=')],
  ])('refuses %s', async (_, input) => {
    await expectCode(() => decode(input), X509Error, 'PEM_MALFORMED');
  });

  it('refuses what is too large before looking at it', async () => {
    await expectCode(() => decode(Buffer.alloc(10_000_000)), X509Error, 'INPUT_TOO_LARGE');
    await expectCode(() => decode(block, block.length - 1), X509Error, 'INPUT_TOO_LARGE');
    expect(decode(block, block.length)).toEqual(der);
  });
});
