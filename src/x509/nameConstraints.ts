/** NameConstraints (RFC 5280, section 4.2.1.10): within which names a sub-CA may issue. */
import { der, isContext, readSequence, type DerValue } from '../asn1';
import { boundedMembers, unexpected } from './fields';
import { decodeGeneralName, encodeGeneralName, IP_SUBNET_LENGTHS, type GeneralName } from './generalName';
import type { Name } from './names';

/** Subtrees by the form of their base. */
export interface NameSubtrees {
  readonly directory: readonly Name[];
  /** A mailbox, a host (`a.vn`: addresses at it) or a domain (`.a.vn`: addresses at the hosts below it). */
  readonly email: readonly string[];
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  /** Address and mask: 8 octets or 32. */
  readonly ip: readonly Buffer[];
}

export interface NameConstraints {
  readonly permitted: NameSubtrees;
  readonly excluded: NameSubtrees;
}

/** Constraints to be written: a form that is left out is not constrained. */
export interface NameConstraintsInput {
  readonly permitted?: Partial<NameSubtrees>;
  readonly excluded?: Partial<NameSubtrees>;
}

/**
 * The permitted dNSName that leaves no real DNS name permitted: `.invalid` is never delegated (RFC 2606, section 2). The
 * zero-length excluded dNSName says the same, but Java's verifier throws on it.
 */
export const NO_DNS_NAME = 'none.invalid';

/** 0.0.0.0/0 and ::/0: as excluded subtrees they leave no IP address permitted. */
export const ALL_IP_ADDRESSES: readonly Buffer[] = IP_SUBNET_LENGTHS.map((length) => Buffer.alloc(length));

/**
 *     NameConstraints ::= SEQUENCE {
 *       permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] GeneralSubtrees OPTIONAL }
 *     GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree
 *     GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
 *
 * minimum is always 0 and maximum absent.
 * @throws Asn1Error `UNEXPECTED` if nothing is constrained, X509Error `NAME_VALUE_NOT_ENCODABLE`
 */
export function encodeNameConstraints(constraints: NameConstraintsInput): Buffer {
  const members = [constraints.permitted, constraints.excluded].flatMap((subtrees, tag) => {
    const bases = namesOf(subtrees ?? {});
    if (bases.length === 0) return [];
    return [der.implicitConstructed(tag, ...bases.map((base) => der.sequence(encodeGeneralName(base))))];
  });
  if (members.length === 0) throw unexpected('nameConstraints', 'nothing', 'at least one subtree');
  return der.sequence(...members);
}

function namesOf(subtrees: Partial<NameSubtrees>): readonly GeneralName[] {
  const { directory = [], email = [], dns = [], uri = [], ip = [] } = subtrees;
  return [
    ...directory.map((name) => ({ kind: 'directory', name }) as const),
    ...email.map((value) => ({ kind: 'email', value }) as const),
    ...dns.map((value) => ({ kind: 'dns', value }) as const),
    ...uri.map((value) => ({ kind: 'uri', value }) as const),
    ...ip.map((value) => ({ kind: 'ip', value }) as const),
  ];
}

/**
 * Reads name constraints. A subtree of a form that is not processed here is refused: the extension is critical, and
 * who does not process a part of it has to reject the certificate (RFC 5280, section 4.2.1.10).
 * @throws Asn1Error `UNEXPECTED`, X509Error of `decodeName`
 */
export function decodeNameConstraints(value: DerValue, what: string): NameConstraints {
  const members = [...readSequence(value, what)];
  const subtrees = (tag: number): NameSubtrees => {
    if (!isContext(members[0], tag)) return subtreesOf([], what);
    const list = boundedMembers(members.shift()?.children ?? [], what);
    return subtreesOf(
      list.map((subtree) => decodeBase(subtree, what)),
      what,
    );
  };
  if (members.length === 0) throw unexpected(what, 'nothing', 'at least one subtree');
  const constraints = { permitted: subtrees(0), excluded: subtrees(1) };
  if (members.length > 0) throw unexpected(what, 'further members', 'permitted and excluded subtrees');
  return constraints;
}

function decodeBase(subtree: DerValue, what: string): GeneralName {
  const [base, ...bounds] = readSequence(subtree, what);
  if (base === undefined || bounds.length > 0) {
    throw unexpected(what, 'a subtree with minimum or maximum', 'its base alone');
  }
  return decodeGeneralName(base, what, IP_SUBNET_LENGTHS);
}

function subtreesOf(bases: readonly GeneralName[], what: string): NameSubtrees {
  const values = (kind: 'email' | 'dns' | 'uri'): readonly string[] =>
    bases.flatMap((base) => (base.kind === kind ? [base.value] : []));
  if (bases.some((base) => base.kind === 'other')) {
    throw unexpected(what, 'a subtree of another form', 'directory, email, DNS, URI or IP names');
  }
  return {
    directory: bases.flatMap((base) => (base.kind === 'directory' ? [base.name] : [])),
    email: values('email'),
    dns: values('dns'),
    uri: values('uri'),
    ip: bases.flatMap((base) => (base.kind === 'ip' ? [base.value] : [])),
  };
}
