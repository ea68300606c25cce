/** DER reading and writing, and the object identifiers: the only room that knows node-forge's ASN.1. */
export { Asn1Error } from './errors';
export { OID } from './oids';
export * from './read';
export * as der from './write';
