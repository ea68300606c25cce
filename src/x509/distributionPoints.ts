/** Where CRLs lie: cRLDistributionPoints of certificates (RFC 5280, section 4.2.1.13) and the CRL's own statement (5.2.5). */
import { der, isContext, readSequence, type DerValue } from '../asn1';
import { boundedMembers, readExplicit, readSequenceOf, refuseRest, sequenceOf, unexpected } from './fields';
import { decodeGeneralName, encodeGeneralName } from './generalName';

/**
 *     DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] }
 */
function encodePointName(urls: readonly string[]): Buffer {
  if (urls.length === 0) throw unexpected('distributionPoint', 'nothing', 'at least one URL');
  const names = urls.map((value) => encodeGeneralName({ kind: 'uri', value }));
  return der.explicit(0, der.implicitConstructed(0, ...names));
}

/** The URLs of a fullName; a name relative to the CRL issuer is refused: nothing here could fetch from it. */
function readPointName(value: DerValue, what: string): readonly string[] {
  const fullName = readExplicit(value, what);
  if (!isContext(fullName, 0)) throw unexpected(what, 'a relative name', 'a full name');
  return boundedMembers(fullName.children, what).flatMap((member) => {
    const name = decodeGeneralName(member, what);
    return name.kind === 'uri' ? [name.value] : [];
  });
}

/**
 * Each URL becomes a DistributionPoint of its own: mirrors of one CRL. Several names in one point would mean the same,
 * but verifiers differ in how they treat them.
 *
 *     CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint
 *     DistributionPoint ::= SEQUENCE {
 *       distributionPoint [0] DistributionPointName OPTIONAL, reasons [1] OPTIONAL, cRLIssuer [2] OPTIONAL }
 */
export function encodeDistributionPoints(urls: readonly string[]): Buffer {
  return sequenceOf(
    urls.map((url) => der.sequence(encodePointName([url]))),
    'cRLDistributionPoints',
  );
}

/**
 * All URLs of all points. Points for some reasons only, or of another CRL issuer, are refused: their URLs would not
 * answer for the certificate as a whole.
 * @throws Asn1Error `UNEXPECTED`
 */
export function decodeDistributionPoints(value: DerValue, what: string): readonly string[] {
  return readSequenceOf(value, what).flatMap((member) => {
    const [point, ...rest] = readSequence(member, what);
    refuseRest(rest, what);
    if (!isContext(point, 0)) throw unexpected(what, 'a point without a name', 'a full name');
    return readPointName(point, what);
  });
}

/**
 * The scope of a CRL that is one of several: those certificates whose cRLDistributionPoints has one of the URLs.
 *
 *     IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0] DistributionPointName OPTIONAL, … }
 */
export function encodeIssuingDistributionPoint(urls: readonly string[]): Buffer {
  return der.sequence(encodePointName(urls));
}

/**
 * Reads that scope; a CRL for some kinds of certificate or reasons only, or an indirect one, is refused.
 * @throws Asn1Error `UNEXPECTED`
 */
export function decodeIssuingDistributionPoint(value: DerValue, what: string): readonly string[] {
  const [point, ...rest] = readSequence(value, what);
  refuseRest(rest, what);
  if (!isContext(point, 0)) throw unexpected(what, 'a scope without a name', 'a distribution point');
  return readPointName(point, what);
}
