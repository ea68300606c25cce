/** Extensions alone: read as those of a certificate, made with any value, and refused. */
import { Asn1Error, der, readDer } from '../../src/asn1';
import { decodeExtensions, type Extensions } from '../../src/x509';
import { expectCode } from '../support/matchers';

export function decode(...extensions: readonly Buffer[]): Extensions {
  return decodeExtensions(readDer(der.sequence(...extensions), { what: 'extensions' }), 'certificate');
}

/** An extension of the given value, well formed around it. */
export function raw(oid: string, value: Uint8Array): Buffer {
  return der.sequence(der.oid(oid), der.octetString(value));
}

/** Expects each to be refused as DER of another shape than the extension's. */
export function refuses(cases: Readonly<Record<string, Buffer>>): void {
  test.each(Object.entries(cases))('refused: %s', async (_, extension) => {
    await expectCode(() => decode(extension), Asn1Error, 'UNEXPECTED');
  });
}
