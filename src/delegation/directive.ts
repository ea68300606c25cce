/** Directives: the numbered orders of the root's operators to one node, and what each makes of its right to issue. */
import { z } from 'zod';
import { instantSchema, nameSchema, serialNumberSchema, sha256HexSchema } from '../encoding';
import { payloadTypeOf } from '../envelope';
import { REVOCATION_CAUSES } from '../journal';
import { isFirstOrNamesPrevious, parsePayload, type SignedDocument } from './document';
import { DelegationError } from './errors';
import { openAccepted, openByOperators, type TrustStatement } from './trust';

export const DIRECTIVE_PAYLOAD_TYPE = payloadTypeOf('directive');

/** run-out: certificates stay valid until they end; revoke-all: every one is revoked. */
export const WITHDRAWAL_MODES = ['run-out', 'revoke-all'] as const;
export type WithdrawalMode = (typeof WITHDRAWAL_MODES)[number];

/** Longest reason, in UTF-16 code units. */
export const MAX_DIRECTIVE_REASON = 500;

const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('revoke'),
    serialNumber: serialNumberSchema,
    reason: z.enum(REVOCATION_CAUSES),
    invalidityDate: instantSchema.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('suspend-issuance') }),
  z.strictObject({ kind: z.literal('resume-issuance') }),
  z.strictObject({ kind: z.literal('withdraw'), mode: z.enum(WITHDRAWAL_MODES) }),
]);

/** What is ordered. */
export type Order = Readonly<z.infer<typeof orderSchema>>;

const directiveSchema = z
  .strictObject({
    nodeId: nameSchema,
    /** 1, then each exactly one more: no order is skipped and none comes twice. */
    sequence: z.int().min(1),
    /** SHA-256 of the previous directive's payload; null for the first. */
    previous: sha256HexSchema.nullable(),
    issuedAt: instantSchema,
    /** For people. */
    reason: z.string().min(1).max(MAX_DIRECTIVE_REASON),
    order: orderSchema,
  })
  .refine(
    ({ sequence, previous }) => isFirstOrNamesPrevious({ version: sequence, previous }),
    'the first directive names none before it, every other one does',
  );

export type Directive = z.infer<typeof directiveSchema>;

/** Why an order revokes when it revokes everything. */
export const WITHDRAWAL_CAUSE = 'cessationOfOperation';

/**
 * Opens a directive under the trust statement in force.
 * @throws EnvelopeError for a bad, unknown or missing operator signature; DelegationError `DOCUMENT_MALFORMED`
 */
export function openDirective(envelope: Uint8Array, trust: TrustStatement): SignedDocument<Directive> {
  return openByOperators(envelope, trust, {
    payloadType: DIRECTIVE_PAYLOAD_TYPE,
    schema: directiveSchema,
    what: 'directive',
  });
}

/** Opens a directive that was accepted before. @throws as `openDirective` under the oldest statement */
export function openAcceptedDirective(
  envelope: Uint8Array,
  statements: readonly SignedDocument<TrustStatement>[],
): SignedDocument<Directive> {
  return openAccepted(statements, (trust) => openDirective(envelope, trust));
}

/** Reads a directive's payload alone: for one that is not fully signed yet. @throws DelegationError `DOCUMENT_MALFORMED` */
export function parseDirective(payload: Uint8Array): Directive {
  return parsePayload(payload, directiveSchema, 'directive');
}

/** Whether a node may issue to subscribers, and the directive that says so where it may not. */
export type Issuance =
  | { readonly state: 'open' }
  | { readonly state: 'suspended'; readonly by: SignedDocument<Directive> }
  | {
      readonly state: 'withdrawn';
      readonly by: SignedDocument<Directive>;
      readonly mode: WithdrawalMode;
    };

interface Link {
  readonly document: SignedDocument<Directive>;
  /** As it is once this directive is carried out. */
  readonly issuance: Issuance;
  /** Whether the order changed that; of no meaning for a revocation. */
  readonly changed: boolean;
}

/** All directives for one node, each naming the one before. */
export class DirectiveChain {
  private constructor(private readonly links: readonly Link[]) {}

  static readonly EMPTY = new DirectiveChain([]);

  /** @throws DelegationError as `with` */
  static of(nodeId: string, documents: readonly SignedDocument<Directive>[]): DirectiveChain {
    return documents.reduce((chain, document) => chain.with(nodeId, document), DirectiveChain.EMPTY);
  }

  /**
   * The chain with one more; as it is with one that it holds already.
   * @throws DelegationError `DIRECTIVE_FOREIGN`, `DIRECTIVE_SEQUENCE`, `DIRECTIVE_CHAIN`
   */
  with(nodeId: string, document: SignedDocument<Directive>): DirectiveChain {
    const { sequence, previous, nodeId: found, order } = document.value;
    if (found !== nodeId)
      throw new DelegationError('DIRECTIVE_FOREIGN', { sequence, found, expected: nodeId });
    const held = this.get(sequence)?.sha256;
    if (held === document.sha256) return this;
    if (held !== undefined)
      throw new DelegationError('DIRECTIVE_CHAIN', { sequence, found: document.sha256, expected: held });
    const expected = this.last + 1;
    if (sequence !== expected) throw new DelegationError('DIRECTIVE_SEQUENCE', { found: sequence, expected });
    const newest = this.get(this.last)?.sha256 ?? null;
    if (previous !== newest)
      throw new DelegationError('DIRECTIVE_CHAIN', { sequence, found: `${previous}`, expected: `${newest}` });
    const before = this.issuance;
    const issuance = issuanceBy(order, document, before);
    return new DirectiveChain([...this.links, { document, issuance, changed: issuance !== before }]);
  }

  /** Sequence of the newest; 0 if there is none. */
  get last(): number {
    return this.links.length;
  }

  get documents(): readonly SignedDocument<Directive>[] {
    return this.links.map(({ document }) => document);
  }

  get(sequence: number): SignedDocument<Directive> | undefined {
    return this.links[sequence - 1]?.document;
  }

  /** How things stand once the directives up to this one are carried out. */
  issuanceAfter(sequence: number): Issuance {
    return this.links[sequence - 1]?.issuance ?? { state: 'open' };
  }

  /** How things stand once all of them are carried out. */
  get issuance(): Issuance {
    return this.issuanceAfter(this.last);
  }

  /** Whether the order made a difference to what the node may issue. */
  changesIssuance(sequence: number): boolean {
    return this.links[sequence - 1]?.changed ?? false;
  }
}

/** A withdrawal is final: nothing lifts it, and only a harder one follows. */
function issuanceBy(order: Order, by: SignedDocument<Directive>, before: Issuance): Issuance {
  switch (order.kind) {
    case 'revoke':
      return before;
    case 'suspend-issuance':
      return before.state === 'open' ? { state: 'suspended', by } : before;
    case 'resume-issuance':
      return before.state === 'suspended' ? { state: 'open' } : before;
    case 'withdraw': {
      const isHarder =
        before.state !== 'withdrawn' || (before.mode === 'run-out' && order.mode !== before.mode);
      return isHarder ? { state: 'withdrawn', by, mode: order.mode } : before;
    }
  }
}
