/** Fields that certificates, CRLs and OCSP messages have in common: serial numbers, times, lists that are never empty. */
import {
  Asn1Error,
  der,
  describeTag,
  isUniversal,
  readIntegerBytes,
  readSequence,
  readTime,
  type DerValue,
} from '../asn1';

/** Longest serial number, in octets (RFC 5280, section 4.1.2.2). */
const MAX_SERIAL_OCTETS = 20;
const SERIAL_NUMBER = new RegExp(`^(?!00)(?:[0-9a-f]{2}){1,${MAX_SERIAL_OCTETS}}$`);

/** More members than any list of ours has, in a certificate or a request. */
const MAX_MEMBERS = 256;

/** What a value was found to be, and what it ought to be. */
export function unexpected(what: string, found: string, expected: string): Asn1Error {
  return new Asn1Error('UNEXPECTED', { what, found, expected });
}

/**
 * CertificateSerialNumber ::= INTEGER
 * @param serialNumber lower-case hex of the unsigned number, two digits per octet, no leading zero octet
 * @throws Asn1Error `UNEXPECTED`
 */
export function encodeSerialNumber(serialNumber: string): Buffer {
  if (!SERIAL_NUMBER.test(serialNumber)) {
    throw unexpected('serial number', serialNumber.slice(0, 64), '1 to 20 octets in lower-case hex');
  }
  return der.unsignedInteger(Buffer.from(serialNumber, 'hex'));
}

/**
 * Reads a serial number: positive and of at most 20 octets (RFC 5280, section 4.1.2.2).
 * @returns lower-case hex of the unsigned number, two digits per octet, no leading zero octet
 * @throws Asn1Error `UNEXPECTED`
 */
export function readSerialNumber(value: DerValue | undefined, what: string): string {
  const content = readIntegerBytes(value, `${what}, serial number`);
  const first = content[0] ?? 0;
  const octets = first === 0 ? content.subarray(1) : content;
  if (first >= 0x80 || octets.length === 0 || octets.length > MAX_SERIAL_OCTETS) {
    throw unexpected(
      `${what}, serial number`,
      content.subarray(0, 32).toString('hex'),
      `a positive number of at most ${MAX_SERIAL_OCTETS} octets`,
    );
  }
  return octets.toString('hex');
}

/**
 * Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }: UTCTime through 2049, GeneralizedTime from 2050
 * (RFC 5280, section 4.1.2.5), so that each moment has one encoding.
 * @throws Asn1Error `UNEXPECTED`
 */
export function readPkixTime(value: DerValue | undefined, what: string): Date {
  const time = readTime(value, what);
  const year = time.getUTCFullYear();
  if (isUniversal(value, 24) && year >= 1950 && year < 2050) {
    throw unexpected(what, 'a time of the other type', 'UTCTime through 2049, GeneralizedTime from 2050');
  }
  return time;
}

/** SEQUENCE SIZE (1..MAX) OF. @throws Asn1Error `UNEXPECTED` if there are no members */
export function sequenceOf(members: readonly Uint8Array[], what: string): Buffer {
  if (members.length === 0) throw unexpected(what, 'nothing', 'at least one member');
  // One argument: a CRL has more members than a call may have arguments.
  return der.sequence(Buffer.concat(members));
}

/** Members of a SEQUENCE SIZE (1..MAX) OF. @throws Asn1Error `UNEXPECTED` */
export function readSequenceOf(
  value: DerValue | undefined,
  what: string,
  limit = MAX_MEMBERS,
): readonly DerValue[] {
  return boundedMembers(readSequence(value, what), what, limit);
}

/** Holds the members of a list to SIZE (1..limit). @throws Asn1Error `UNEXPECTED` */
export function boundedMembers(
  members: readonly DerValue[],
  what: string,
  limit = MAX_MEMBERS,
): readonly DerValue[] {
  if (members.length === 0 || members.length > limit) {
    throw unexpected(what, `${members.length} members`, `1 to ${limit}`);
  }
  return members;
}

/** The one value inside an explicit tag. @throws Asn1Error `UNEXPECTED` */
export function readExplicit(value: DerValue, what: string): DerValue {
  const [inner, ...rest] = value.children;
  if (inner === undefined || rest.length > 0) {
    throw unexpected(what, `[${value.tag}] with ${value.children.length} values`, 'one value');
  }
  return inner;
}

/** Refuses what stands after the last member a SEQUENCE has. @throws Asn1Error `UNEXPECTED` */
export function refuseRest(rest: readonly DerValue[], what: string): void {
  if (rest.length > 0) throw unexpected(what, describeTag(rest[0]), 'no further member');
}
