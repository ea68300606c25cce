/** A certificate as the checks see it: its parts by name, as they stand in the bytes, sound or not. */
import { dottedOid, DerReader, hexOf, TAG, type DerNode } from './der';
import type { LintCheckId as CheckId } from '../../i18n/messages/lint';
import { readExtensionValue, type ExtensionValues } from './extensionValues';
import { ATTRIBUTES, EXTENSION_NAMES, RSA_ENCRYPTION, type AttributeRule, type ExtensionName } from './oids';
import { readTime } from './time';

export interface LintedAttribute {
  readonly of: 'issuer' | 'subject';
  readonly oid: string;
  /** Absent for a type that is not used here. */
  readonly rule: AttributeRule | undefined;
  readonly value: DerNode;
  /** Absent where the string type is none of those a name may use. */
  readonly text: string | undefined;
}

export interface LintedName {
  readonly of: 'issuer' | 'subject';
  readonly node: DerNode;
  /** In the order in which they are encoded. */
  readonly attributes: readonly LintedAttribute[];
  /** Short names of those that are known, in the same order. */
  readonly types: readonly string[];
  /** How many attributes the largest relative distinguished name has. */
  readonly widestRdn: number;
}

export interface LintedTime {
  readonly where: 'notBefore' | 'notAfter';
  readonly node: DerNode;
  /** Milliseconds since 1970; absent for what is no moment in the one form allowed. */
  readonly time: number | undefined;
}

export interface LintedExtension {
  readonly oid: string;
  readonly name: ExtensionName | undefined;
  readonly critical: boolean;
  /** The BOOLEAN, where it is written. */
  readonly criticalNode: DerNode | undefined;
}

export interface LintedKey {
  readonly algorithm: string;
  readonly parameters: readonly DerNode[];
  /** The BIT STRING. */
  readonly bits: DerNode;
  /** Of an RSA key, if they can be read. */
  readonly rsa: { readonly modulus: DerNode; readonly exponent: DerNode } | undefined;
}

/** What the checks need to know of the CA that signs; read from its certificate by the same reader. */
export interface LintIssuer {
  readonly subject: LintedName;
  readonly subjectKeyIdentifier: Buffer | undefined;
  /** Milliseconds since 1970. */
  readonly notAfter: number | undefined;
}

export interface LintedCertificate {
  readonly size: number;
  /** Of the whole certificate; absent for what is still to be signed. */
  readonly outerAlgorithm: DerNode | undefined;
  readonly version: DerNode | undefined;
  readonly serialNumber: DerNode;
  readonly algorithm: DerNode;
  readonly issuer: LintedName;
  readonly notBefore: LintedTime;
  readonly notAfter: LintedTime;
  readonly subject: LintedName;
  /**
   * The names whose values are looked into: the issuer's only where the CA is not known. Otherwise it has to be the CA's
   * own, octet for octet, and was looked into when the CA's certificate was made.
   */
  readonly names: readonly LintedName[];
  readonly key: LintedKey;
  readonly uniqueIdentifiers: number;
  readonly extensions: readonly LintedExtension[];
  /** Set if the member is there, also when it lists nothing. */
  readonly hasExtensions: boolean;
  readonly values: ExtensionValues;
  readonly isCa: boolean;
  readonly isSelfIssued: boolean;
  /** The CA's own view, if it is known. */
  readonly signer: LintIssuer | undefined;
}

/** Reports a fault of reading. */
export type Fault = (check: CheckId, where: string, found: string, allowed: string) => void;

/** A whole certificate, or what is to be signed. */
export type Form = 'Certificate' | 'TBSCertificate';

/**
 * Reads what there is, and reports every fault on the way.
 * @returns `undefined`, after a fault, if the parts cannot be told apart
 */
export function readForLint(
  input: Buffer,
  form: Form,
  signer: LintIssuer | undefined,
  fault: Fault,
): LintedCertificate | undefined {
  const reader = new DerReader(input, (check, offset, found, allowed) => {
    fault(check, `byte ${String(offset)}`, found, allowed);
  });
  const whole = reader.readWhole(0, input.length, 'der-trailing');
  if (whole === undefined) return undefined;
  const structure = (where: string, found: DerNode | undefined, allowed: string): void => {
    fault('structure', where, found === undefined ? '—' : hexOf(found), allowed);
  };
  const [first, outerAlgorithm, signature, ...beyond] = whole.children;
  if (form === 'TBSCertificate') return readTbs(reader, whole, undefined, signer, fault, structure);
  if (
    !whole.is(TAG.sequence) ||
    first?.is(TAG.sequence) !== true ||
    outerAlgorithm?.is(TAG.sequence) !== true ||
    signature?.is(TAG.bitString) !== true ||
    beyond.length > 0
  ) {
    structure('certificate', whole, 'tbsCertificate, signatureAlgorithm, signature');
    return undefined;
  }
  return readTbs(reader, first, outerAlgorithm, signer, fault, structure);
}

type Structure = (where: string, found: DerNode | undefined, allowed: string) => void;

/** RFC 5280, section 4.1: `TBSCertificate ::= SEQUENCE { version [0], serialNumber, …, extensions [3] }` */
function readTbs(
  reader: DerReader,
  tbs: DerNode,
  outerAlgorithm: DerNode | undefined,
  signer: LintIssuer | undefined,
  fault: Fault,
  structure: Structure,
): LintedCertificate | undefined {
  if (!tbs.is(TAG.sequence)) {
    structure('tbsCertificate', tbs, 'SEQUENCE');
    return undefined;
  }
  const members = tbs.children;
  let next = 0;
  const version = members[0]?.isContext(0) === true ? members[next++] : undefined;
  const serialNumber = members[next++];
  const algorithm = members[next++];
  const issuerNode = members[next++];
  const validity = members[next++];
  const subjectNode = members[next++];
  const spki = members[next++];
  let uniqueIdentifiers = 0;
  while (members[next]?.isContext(1) === true || members[next]?.isContext(2) === true) {
    uniqueIdentifiers += 1;
    next += 1;
  }
  const extensionsNode = members[next]?.isContext(3) === true ? members[next++] : undefined;
  if (next < members.length) structure('tbsCertificate', members[next], 'no further member');

  if (serialNumber?.is(TAG.integer) !== true) {
    structure('serialNumber', serialNumber, 'INTEGER');
    return undefined;
  }
  if (algorithm?.is(TAG.sequence) !== true) {
    structure('signature', algorithm, 'AlgorithmIdentifier');
    return undefined;
  }
  const [notBefore, notAfter, ...times] = validity?.children ?? [];
  if (validity?.is(TAG.sequence) !== true || !isTime(notBefore) || !isTime(notAfter) || times.length > 0) {
    structure('validity', validity, 'two times');
    return undefined;
  }
  const isSigners = issuerNode !== undefined && signer?.subject.node.der.equals(issuerNode.der) === true;
  const issuer = isSigners ? signer.subject : readName(issuerNode, 'issuer', structure);
  const subject = readName(subjectNode, 'subject', structure);
  const key = readKey(reader, spki, structure);
  if (issuer === undefined || subject === undefined || key === undefined) return undefined;
  const values: ExtensionValues = {};
  const extensions = readExtensions(reader, extensionsNode, values, fault, structure);
  return {
    size: tbs.input.length,
    outerAlgorithm,
    version,
    serialNumber,
    algorithm,
    issuer,
    notBefore: { where: 'notBefore', node: notBefore, time: readTime(notBefore) },
    notAfter: { where: 'notAfter', node: notAfter, time: readTime(notAfter) },
    subject,
    names: signer === undefined ? [issuer, subject] : [subject],
    key,
    uniqueIdentifiers,
    extensions,
    hasExtensions: extensionsNode !== undefined,
    values,
    isCa: values.basicConstraints?.ca === true,
    isSelfIssued: issuer.node.der.equals(subject.node.der),
    signer,
  };
}

function isTime(value: DerNode | undefined): value is DerNode {
  return value?.is(TAG.utcTime) === true || value?.is(TAG.generalizedTime) === true;
}

/** `Name ::= SEQUENCE OF SET SIZE (1..MAX) OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }` */
function readName(
  node: DerNode | undefined,
  of: LintedName['of'],
  structure: Structure,
): LintedName | undefined {
  if (node?.is(TAG.sequence) !== true) {
    structure(of, node, 'Name');
    return undefined;
  }
  const attributes: LintedAttribute[] = [];
  const types: string[] = [];
  let widestRdn = 0;
  for (const rdn of node.children) {
    if (!rdn.is(TAG.set) || rdn.children.length === 0) {
      structure(of, rdn, 'SET SIZE (1..MAX)');
      return undefined;
    }
    widestRdn = Math.max(widestRdn, rdn.children.length);
    for (const attribute of rdn.children) {
      const [type, value] = attribute.children;
      if (
        !attribute.is(TAG.sequence) ||
        type?.is(TAG.oid) !== true ||
        value === undefined ||
        attribute.children.length > 2
      ) {
        structure(of, attribute, 'AttributeTypeAndValue');
        return undefined;
      }
      const oid = dottedOid(type);
      const rule = ATTRIBUTES.get(oid);
      if (rule !== undefined) types.push(rule.name);
      attributes.push({ of, oid, rule, value, text: textOf(value) });
    }
  }
  return { of, node, attributes, types, widestRdn };
}

/** The characters of a string of one of the types a name of today uses (RFC 5280, section 4.1.2.4). */
function textOf(value: DerNode): string | undefined {
  if (value.is(TAG.utf8String)) return value.utf8;
  return value.is(TAG.printableString) || value.is(TAG.ia5String) ? value.latin1 : undefined;
}

/** `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }` */
function readKey(reader: DerReader, spki: DerNode | undefined, structure: Structure): LintedKey | undefined {
  const where = 'subjectPublicKeyInfo';
  const [identifier, bits, ...rest] = spki?.children ?? [];
  const [type, ...parameters] = identifier?.children ?? [];
  if (
    spki?.is(TAG.sequence) !== true ||
    identifier?.is(TAG.sequence) !== true ||
    bits?.is(TAG.bitString) !== true ||
    type?.is(TAG.oid) !== true ||
    rest.length > 0
  ) {
    structure(where, spki, 'AlgorithmIdentifier, BIT STRING');
    return undefined;
  }
  const algorithm = dottedOid(type);
  const isRsa = algorithm === RSA_ENCRYPTION && bits.length > 1;
  const key = isRsa ? reader.readWhole(bits.at + 1, bits.end, 'der-trailing') : undefined;
  const [modulus, exponent, ...more] = key?.children ?? [];
  const rsa =
    key?.is(TAG.sequence) === true &&
    modulus?.is(TAG.integer) === true &&
    exponent?.is(TAG.integer) === true &&
    more.length === 0
      ? { modulus, exponent }
      : undefined;
  return { algorithm, parameters, bits, rsa };
}

/** `Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }` */
function readExtensions(
  reader: DerReader,
  node: DerNode | undefined,
  values: ExtensionValues,
  fault: Fault,
  structure: Structure,
): readonly LintedExtension[] {
  if (node === undefined) return [];
  const [list, ...beyond] = node.children;
  if (list?.is(TAG.sequence) !== true || beyond.length > 0) {
    structure('extensions', node, 'one SEQUENCE OF Extension');
    return [];
  }
  const read: LintedExtension[] = [];
  const names = new Set<string>();
  for (const extension of list.children) {
    const { children } = extension;
    const [id] = children;
    const value = children.at(-1);
    const criticalNode = children.length === 3 ? children[1] : undefined;
    if (
      !extension.is(TAG.sequence) ||
      id?.is(TAG.oid) !== true ||
      value?.is(TAG.octetString) !== true ||
      children.length > 3 ||
      criticalNode?.is(TAG.boolean) === false
    ) {
      structure('extensions', extension, 'Extension');
      continue;
    }
    const oid = dottedOid(id);
    const name = EXTENSION_NAMES.get(oid);
    const critical = criticalNode !== undefined && criticalNode.input[criticalNode.at] !== 0;
    read.push({ oid, name, critical, criticalNode });
    const inner = reader.readWhole(value.at, value.end, 'extension-trailing');
    // Of an extension that stands there twice, the checks look at the first.
    if (inner !== undefined && name !== undefined && !names.has(oid)) {
      readExtensionValue(name, inner, values, (found, allowed) => {
        fault('extension-syntax', `extensions.${name}`, found === undefined ? '—' : hexOf(found), allowed);
      });
    }
    names.add(oid);
  }
  return read;
}

/** An extension as a finding names it. */
export function pathOf({ name, oid }: Pick<LintedExtension, 'name' | 'oid'>): string {
  return `extensions.${name ?? oid}`;
}
