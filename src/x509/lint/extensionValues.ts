/** The values of the extensions as the checks ask for them; each syntax is that of RFC 5280, appendix A.2. */
import { dottedOid, TAG, type DerNode } from './der';
import type { ExtensionName } from './oids';

export interface LintedPolicy {
  readonly oid: string;
  readonly qualifiers: readonly { readonly oid: string; readonly value: DerNode }[];
}

export interface LintedDistributionPoint {
  /** GeneralNames of fullName. */
  readonly fullName: readonly DerNode[];
  readonly hasName: boolean;
  readonly hasReasons: boolean;
  readonly hasIssuer: boolean;
}

export interface LintedSubtree {
  /** GeneralName. */
  readonly base: DerNode;
  /** Whether minimum or maximum are written. */
  readonly hasBounds: boolean;
}

/** A property is absent if the extension is, or has another syntax. */
export interface ExtensionValues {
  basicConstraints?: {
    readonly ca: boolean;
    readonly caNode: DerNode | undefined;
    readonly pathLength: DerNode | undefined;
  };
  /** BIT STRING. */
  keyUsage?: DerNode;
  /** Dotted. */
  extKeyUsage?: readonly string[];
  /** GeneralNames. */
  subjectAltName?: readonly DerNode[];
  subjectKeyIdentifier?: Buffer;
  authorityKeyIdentifier?: {
    readonly keyIdentifier: Buffer | undefined;
    readonly hasIssuer: boolean;
    readonly hasSerialNumber: boolean;
  };
  certificatePolicies?: readonly LintedPolicy[];
  cRLDistributionPoints?: readonly LintedDistributionPoint[];
  authorityInfoAccess?: readonly { readonly method: string; readonly location: DerNode }[];
  nameConstraints?: {
    readonly permitted: readonly LintedSubtree[];
    readonly excluded: readonly LintedSubtree[];
  };
  ocspNoCheck?: true;
}

/** Says that a value is not of its extension's syntax. */
type Wrong = (found: DerNode | undefined, allowed: string) => void;

/** Reads one extension's value into `values`, or says what is wrong with it. */
export function readExtensionValue(
  name: ExtensionName,
  value: DerNode,
  values: ExtensionValues,
  wrong: Wrong,
): void {
  switch (name) {
    case 'basicConstraints': {
      readBasicConstraints(value, values, wrong);
      return;
    }
    case 'keyUsage':
      if (value.is(TAG.bitString)) values.keyUsage = value;
      else wrong(value, 'BIT STRING');
      return;
    case 'extKeyUsage':
      if (isListOf(value, (member) => member.is(TAG.oid), wrong)) {
        values.extKeyUsage = value.children.map(dottedOid);
      }
      return;
    case 'subjectAltName':
      if (isListOf(value, isGeneralName, wrong)) values.subjectAltName = value.children;
      return;
    case 'issuerAltName':
      isListOf(value, isGeneralName, wrong);
      return;
    case 'subjectKeyIdentifier':
      if (value.is(TAG.octetString) && value.length > 0) values.subjectKeyIdentifier = value.content;
      else wrong(value, 'OCTET STRING');
      return;
    case 'authorityKeyIdentifier': {
      readAuthorityKeyIdentifier(value, values, wrong);
      return;
    }
    case 'certificatePolicies': {
      readPolicies(value, values, wrong);
      return;
    }
    case 'cRLDistributionPoints':
      if (isListOf(value, isDistributionPoint, wrong)) {
        values.cRLDistributionPoints = value.children.map(distributionPointOf);
      }
      return;
    case 'freshestCRL':
      isListOf(value, isDistributionPoint, wrong);
      return;
    case 'authorityInfoAccess':
      if (isListOf(value, isAccessDescription, wrong)) {
        values.authorityInfoAccess = value.children.flatMap(({ children: [method, location] }) =>
          method === undefined || location === undefined ? [] : [{ method: dottedOid(method), location }],
        );
      }
      return;
    case 'subjectInfoAccess':
      isListOf(value, isAccessDescription, wrong);
      return;
    case 'nameConstraints': {
      readNameConstraints(value, values, wrong);
      return;
    }
    case 'ocspNoCheck':
      if (value.is(TAG.null)) values.ocspNoCheck = true;
      else wrong(value, 'NULL');
      return;
    case 'inhibitAnyPolicy':
      if (!value.is(TAG.integer)) wrong(value, 'INTEGER');
      return;
    case 'policyConstraints':
      // An empty one is refused as well: RFC 5280, section 4.2.1.11.
      isListOf(value, (member) => member.isContext(0) || member.isContext(1), wrong);
      return;
    case 'policyMappings':
    case 'subjectDirectoryAttributes':
      isListOf(value, (member) => member.is(TAG.sequence) && member.children.length === 2, wrong);
  }
}

/** SEQUENCE SIZE (1..MAX) OF */
function isListOf(value: DerNode, isMember: (member: DerNode) => boolean, wrong: Wrong): boolean {
  if (!value.is(TAG.sequence) || value.children.length === 0) {
    wrong(value, 'SEQUENCE SIZE (1..MAX)');
    return false;
  }
  const bad = value.children.find((member) => !isMember(member));
  if (bad !== undefined) wrong(bad, 'a member of its type');
  return bad === undefined;
}

/** The CHOICE's tags; of [0], [3], [4] and [5] the contents are constructed, of the others not. */
function isGeneralName(value: DerNode): boolean {
  if (value.tagClass !== 2 || value.tag > 8) return false;
  const isConstructed = value.tag === 0 || (value.tag >= 3 && value.tag <= 5);
  if (value.constructed !== isConstructed) return false;
  return value.tag !== 4 || (value.children.length === 1 && value.children[0]?.is(TAG.sequence) === true);
}

function readBasicConstraints(value: DerNode, values: ExtensionValues, wrong: Wrong): void {
  const { children } = value;
  const caNode = children[0]?.is(TAG.boolean) === true ? children[0] : undefined;
  const pathLength = children[caNode === undefined ? 0 : 1];
  const count = (caNode === undefined ? 0 : 1) + (pathLength === undefined ? 0 : 1);
  if (!value.is(TAG.sequence) || pathLength?.is(TAG.integer) === false || children.length > count) {
    wrong(value, 'cA BOOLEAN, pathLenConstraint INTEGER');
    return;
  }
  values.basicConstraints = { ca: caNode !== undefined && caNode.input[caNode.at] !== 0, caNode, pathLength };
}

function readAuthorityKeyIdentifier(value: DerNode, values: ExtensionValues, wrong: Wrong): void {
  const find = (tag: number): DerNode | undefined => value.children.find((member) => member.isContext(tag));
  const tags = value.children.map(({ tag, tagClass }) => (tagClass === 2 ? tag : Number.NaN));
  const ascending = tags.every((tag, at) => tag <= 2 && (at === 0 || tag > (tags[at - 1] ?? 0)));
  const keyIdentifier = find(0);
  if (!value.is(TAG.sequence) || !ascending || keyIdentifier?.constructed === true) {
    wrong(value, 'keyIdentifier [0], authorityCertIssuer [1], authorityCertSerialNumber [2]');
    return;
  }
  values.authorityKeyIdentifier = {
    keyIdentifier: keyIdentifier?.content,
    hasIssuer: find(1) !== undefined,
    hasSerialNumber: find(2) !== undefined,
  };
}

function readPolicies(value: DerNode, values: ExtensionValues, wrong: Wrong): void {
  const isQualifier = (node: DerNode): boolean =>
    node.is(TAG.sequence) && node.children.length === 2 && node.children[0]?.is(TAG.oid) === true;
  const isPolicy = (node: DerNode): boolean => {
    const [id, list, ...rest] = node.children;
    if (!node.is(TAG.sequence) || id?.is(TAG.oid) !== true || rest.length > 0) return false;
    return (
      list === undefined ||
      (list.is(TAG.sequence) && list.children.length > 0 && list.children.every(isQualifier))
    );
  };
  if (!isListOf(value, isPolicy, wrong)) return;
  values.certificatePolicies = value.children.flatMap(({ children: [id, list] }) => {
    if (id === undefined) return [];
    const qualifiers = (list?.children ?? []).flatMap(({ children: [oid, qualifier] }) =>
      oid === undefined || qualifier === undefined ? [] : [{ oid: dottedOid(oid), value: qualifier }],
    );
    return [{ oid: dottedOid(id), qualifiers }];
  });
}

/** `DistributionPoint ::= SEQUENCE { distributionPoint [0], reasons [1], cRLIssuer [2] }`, each optional. */
function isDistributionPoint(value: DerNode): boolean {
  const ordered = value.children.every(
    ({ tag, tagClass }, at) => tagClass === 2 && tag <= 2 && tag > (value.children[at - 1]?.tag ?? -1),
  );
  const name = value.children.find((member) => member.isContext(0));
  const [choice, ...rest] = name?.children ?? [];
  const named = name === undefined || (rest.length === 0 && isPointName(choice));
  return value.is(TAG.sequence) && ordered && named;
}

/** `DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] }` */
function isPointName(choice: DerNode | undefined): boolean {
  if (choice?.constructed !== true) return false;
  return choice.isContext(1) || (choice.isContext(0) && choice.children.every(isGeneralName));
}

function distributionPointOf(value: DerNode): LintedDistributionPoint {
  const has = (tag: number): boolean => value.children.some((member) => member.isContext(tag));
  const [choice] = value.children.find((member) => member.isContext(0))?.children ?? [];
  return {
    fullName: choice?.isContext(0) === true ? choice.children : [],
    hasName: has(0),
    hasReasons: has(1),
    hasIssuer: has(2),
  };
}

function isAccessDescription(value: DerNode): boolean {
  const [method, location, ...rest] = value.children;
  return (
    value.is(TAG.sequence) &&
    method?.is(TAG.oid) === true &&
    location !== undefined &&
    isGeneralName(location) &&
    rest.length === 0
  );
}

/** `GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }` */
function readNameConstraints(value: DerNode, values: ExtensionValues, wrong: Wrong): void {
  const lists = [0, 1].map((tag) => value.children.find((member) => member.isContext(tag)));
  const known = lists.filter((list) => list !== undefined);
  const subtrees = (list: DerNode | undefined): readonly LintedSubtree[] =>
    (list?.children ?? []).flatMap(({ children: [base, ...bounds] }) =>
      base === undefined ? [] : [{ base, hasBounds: bounds.length > 0 }],
    );
  const isSubtree = (node: DerNode): boolean =>
    node.is(TAG.sequence) && node.children[0] !== undefined && isGeneralName(node.children[0]);
  if (
    !value.is(TAG.sequence) ||
    known.length !== value.children.length ||
    !known.every(
      (list, at) => list === value.children[at] && list.constructed && list.children.every(isSubtree),
    )
  ) {
    wrong(value, 'permittedSubtrees [0], excludedSubtrees [1]');
    return;
  }
  values.nameConstraints = { permitted: subtrees(lists[0]), excluded: subtrees(lists[1]) };
}
