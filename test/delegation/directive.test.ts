/** Directives: who must sign them, their form, their chain, and what each makes of the right to issue. */
import {
  DelegationError,
  DirectiveChain,
  openAcceptedDirective,
  openDirective,
  parseDirective,
  payloadOf,
  type Directive,
  type Order,
} from '../../src/delegation';
import { EnvelopeError } from '../../src/envelope';
import {
  chainOf,
  directiveAfter,
  documentOf,
  makeWorld,
  NODE_ID,
  sealDirective,
  sealGrant,
  trustOf,
  type World,
} from '../support/delegationFixture';
import { unnoticedFlips } from '../support/flipping';
import { expectCode } from '../support/matchers';
import { softSigner } from '../support/softSigner';

const SERIAL = `01${'0'.repeat(30)}`;
const REVOKE: Order = { kind: 'revoke', serialNumber: SERIAL, reason: 'keyCompromise' };
const SUSPEND: Order = { kind: 'suspend-issuance' };
const RESUME: Order = { kind: 'resume-issuance' };
const RUN_OUT: Order = { kind: 'withdraw', mode: 'run-out' };
const REVOKE_ALL: Order = { kind: 'withdraw', mode: 'revoke-all' };

let world: World;
let first: Directive;
beforeAll(async () => {
  world = await makeWorld();
  first = directiveAfter(DirectiveChain.EMPTY, REVOKE);
});

describe('who signs', () => {
  test('opens what two operators signed, and keeps its bytes', async () => {
    const envelope = await sealDirective(world, first);
    const opened = openDirective(envelope, world.trust.value);
    expect(opened.value).toEqual(first);
    expect(opened.payload.equals(payloadOf(first))).toBe(true);
    expect(opened.envelope.equals(envelope)).toBe(true);
  });

  test('one operator, a stranger, or a signature for something else', async () => {
    const { an, binh } = world.operators;
    const open = async (envelope: Promise<Buffer>): Promise<unknown> =>
      openDirective(await envelope, world.trust.value);
    await expectCode(() => open(sealDirective(world, first, [an])), EnvelopeError, 'THRESHOLD_NOT_MET');
    const stranger = sealDirective(world, first, [an, softSigner('p-256')]);
    await expectCode(() => open(stranger), EnvelopeError, 'SIGNER_UNKNOWN');
    await expectCode(() => open(sealGrant(world, first, [an, binh])), EnvelopeError, 'ENVELOPE_TYPE');
  });

  test('no bit of it is free', async () => {
    const envelope = await sealDirective(world, first);
    expect(unnoticedFlips(envelope, (bytes) => openDirective(bytes, world.trust.value))).toEqual([]);
  });

  test('what was accepted stays readable when a later statement names other operators', async () => {
    const envelope = await sealDirective(world, first);
    const operators = ['chi', 'dung'].map((name) => ({
      name,
      spki: softSigner('p-256').spki.toString('base64'),
    }));
    const later = documentOf(trustOf(world, { version: 2, previous: world.trust.sha256, operators }));
    await expectCode(() => openDirective(envelope, later.value), EnvelopeError, 'SIGNER_UNKNOWN');
    expect(openAcceptedDirective(envelope, [world.trust, later]).value).toEqual(first);
    await expectCode(() => openAcceptedDirective(envelope, []), DelegationError, 'DOCUMENT_MALFORMED');
  });
});

describe('form', () => {
  test.each<[string, Partial<Record<keyof Directive, unknown>>]>([
    ['sequence 0', { sequence: 0 }],
    ['a first one that follows another', { previous: '0'.repeat(64) }],
    ['a second one that follows none', { sequence: 2 }],
    ['no reason', { reason: '' }],
    ['a reason without end', { reason: 'x'.repeat(501) }],
    ['an unknown order', { order: { kind: 'set-grant' } }],
    ['a reason that is no reason', { order: { ...REVOKE, reason: 'certificateHold' } }],
    ['a serial number of nobody', { order: { ...REVOKE, serialNumber: '00' } }],
    ['a withdrawal of no kind', { order: { kind: 'withdraw' } }],
    ['more than an order says', { order: { ...SUSPEND, serialNumber: SERIAL } }],
  ])('%s', async (_, changes) => {
    const payload = payloadOf({ ...first, ...changes });
    await expectCode(() => parseDirective(payload), DelegationError, 'DOCUMENT_MALFORMED');
  });
});

describe('chain', () => {
  const added = (chain: DirectiveChain, changes: Partial<Directive>) => (): DirectiveChain =>
    chain.with(NODE_ID, documentOf(directiveAfter(chain, SUSPEND, changes)));

  test('takes what follows, and nothing else', async () => {
    const chain = chainOf(REVOKE, SUSPEND);
    expect(added(chain, {})().last).toBe(3);
    for (const [changes, code] of [
      [{ nodeId: 'dong-nai' }, 'DIRECTIVE_FOREIGN'],
      [{ sequence: 4 }, 'DIRECTIVE_SEQUENCE'],
      [{ sequence: 2 }, 'DIRECTIVE_CHAIN'],
      [{ previous: chain.get(1)?.sha256 ?? '' }, 'DIRECTIVE_CHAIN'],
    ] as const) {
      await expectCode(added(chain, changes), DelegationError, code);
    }
    const held = chain.get(2)!;
    expect(chain.with(NODE_ID, held)).toBe(chain);
  });

  test.each<[string, readonly Order[], string, readonly boolean[]]>([
    ['no directive', [], 'open', []],
    ['a revocation', [REVOKE], 'open', [false]],
    ['suspended', [SUSPEND], 'suspended 1', [true]],
    ['suspended twice', [SUSPEND, SUSPEND], 'suspended 1', [true, false]],
    ['resumed', [SUSPEND, REVOKE, RESUME], 'open', [true, false, true]],
    ['resumed without need', [RESUME], 'open', [false]],
    ['withdrawn', [RUN_OUT], 'withdrawn 1 run-out', [true]],
    ['withdrawn while suspended', [SUSPEND, RUN_OUT], 'withdrawn 2 run-out', [true, true]],
    ['never resumed after that', [RUN_OUT, RESUME, SUSPEND], 'withdrawn 1 run-out', [true, false, false]],
    ['harder', [RUN_OUT, REVOKE_ALL], 'withdrawn 2 revoke-all', [true, true]],
    ['never softer', [REVOKE_ALL, RUN_OUT], 'withdrawn 1 revoke-all', [true, false]],
  ])('%s', (_, orders, expected, changed) => {
    const chain = chainOf(...orders);
    const issuance = chain.issuanceAfter(chain.last);
    const { state } = issuance;
    const by = state === 'open' ? [] : [issuance.by.value.sequence];
    expect([state, ...by, ...(state === 'withdrawn' ? [issuance.mode] : [])].join(' ')).toBe(expected);
    expect(orders.map((_order, at) => chain.changesIssuance(at + 1))).toEqual(changed);
  });
});
