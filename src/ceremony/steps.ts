/** The steps of a ceremony, derived from its plan: the same plan gives the same steps, word for word. */
import { stepTexts as texts } from '../i18n/messages/ceremonySteps';
import { custodiansOf, signatureOf, type Plan, type PlannedKey, type PlannedToken } from './plan';
import { nextKeyOf, programOf, type PersonRole } from './roles';

/** What a step asks of the program. */
export type Act =
  /** done by people, who confirm it */
  | { readonly kind: 'people' }
  | { readonly kind: 'software' }
  | { readonly kind: 'in-use' }
  | { readonly kind: 'device'; readonly token: string }
  | { readonly kind: 'custodians' }
  | { readonly kind: 'probe'; readonly token: string }
  | { readonly kind: 'absence' }
  | { readonly kind: 'generate'; readonly role: string }
  | { readonly kind: 'attributes'; readonly role: string }
  | { readonly kind: 'public-key'; readonly role: string }
  | { readonly kind: 'certificate' }
  /** done by commands of their own, when `run` is through */
  | { readonly kind: 'seal' }
  | { readonly kind: 'check' };

/** A sentence as the script holds it, in both languages. */
export interface Bilingual {
  readonly vi: string;
  readonly en: string;
}

export interface Step {
  /** From 1. */
  readonly number: number;
  readonly act: Act;
  readonly who: readonly PersonRole[];
  readonly text: Bilingual;
  readonly commands: readonly string[];
  readonly expected: Bilingual;
}

const CUSTODIANS: readonly PersonRole[] = ['master-of-ceremonies', 'key-custodian'];
const OBSERVERS: readonly PersonRole[] = ['master-of-ceremonies', 'witness', 'auditor'];
const ALL: readonly PersonRole[] = ['master-of-ceremonies', 'key-custodian', 'witness', 'auditor'];

export function stepsOf(plan: Plan, version: string): readonly Step[] {
  const program = programOf(plan.party);
  const run = `${program} ceremony run .`;
  const steps: readonly Omit<Step, 'number'>[] = [
    {
      act: { kind: 'people' },
      who: ALL,
      text: said(texts.start, {}),
      commands: [run],
      expected: said(texts.startExpected, {}),
    },
    people(ALL, texts.rollCall, texts.rollCallExpected),
    people(ALL, texts.room, texts.roomExpected),
    people(OBSERVERS, texts.clock, texts.clockExpected),
    {
      act: { kind: 'software' },
      who: OBSERVERS,
      text: said(texts.software, {}),
      commands: [],
      expected: said(texts.softwareExpected, { version }),
    },
    ...inUseSteps(plan),
    ...plan.tokens.map((token) => deviceStep(token, plan.policy.certifiedHsm === 'required')),
    {
      act: { kind: 'custodians' },
      who: CUSTODIANS,
      text: said(texts.custodians, {}),
      commands: [],
      expected: said(texts.custodiansExpected, { names: listed(custodiansOf(plan), 'name') }),
    },
    ...(plan.policy.deviceProbe === undefined ? [] : plan.tokens.map((token) => probeStep(token, plan))),
    {
      act: { kind: 'absence' },
      who: OBSERVERS,
      text: said(texts.absence, {}),
      commands: [],
      expected: said(texts.absenceExpected, { labels: listed(plan.keys, 'label') }),
    },
    ...plan.keys.flatMap(keySteps),
    ...certificateSteps(plan),
    people(ALL, texts.deviations, texts.deviationsExpected),
    people(CUSTODIANS, texts.close, texts.closeExpected),
    {
      act: { kind: 'seal' },
      who: CUSTODIANS,
      text: said(nextKeyOf(plan) === undefined ? texts.seal : texts.sealNext, {}),
      commands: [`${program} ceremony seal .`],
      expected: said(texts.sealExpected, {}),
    },
    {
      act: { kind: 'check' },
      who: ALL,
      text: said(texts.check, {}),
      commands: [`${program} ceremony check record.dsse --script script.json`],
      expected: said(texts.checkExpected, {}),
    },
  ];
  return steps.map((step, index) => ({ number: index + 1, ...step }));
}

/** Whether `run` walks through the step; what comes after has its own command. */
export function isWalked(step: Step): boolean {
  return step.act.kind !== 'seal' && step.act.kind !== 'check';
}

type Sentence<P> = { readonly [L in keyof Bilingual]: (params: P) => string };

function said<P>(text: Sentence<P>, params: P): Bilingual {
  return { vi: text.vi(params), en: text.en(params) };
}

type Plain = Sentence<Readonly<Record<string, never>>>;

function people(who: readonly PersonRole[], text: Plain, expected: Plain): Omit<Step, 'number'> {
  return { act: { kind: 'people' }, who, text: said(text, {}), commands: [], expected: said(expected, {}) };
}

/** The key that is to be followed, before anybody sees the one that follows it. */
function inUseSteps(plan: Plan): readonly Omit<Step, 'number'>[] {
  const next = nextKeyOf(plan);
  if (next === undefined) return [];
  return [
    {
      act: { kind: 'in-use' },
      who: OBSERVERS,
      text: said(texts.inUse, { epoch: next.epoch }),
      commands: [],
      expected: said(texts.inUseExpected, {}),
    },
  ];
}

function deviceStep({ label, certified }: PlannedToken, required: boolean): Omit<Step, 'number'> {
  return {
    act: { kind: 'device', token: label },
    who: OBSERVERS,
    text: said(texts.device, { token: label }),
    commands: [],
    expected:
      required && certified !== undefined
        ? said(texts.deviceRequired, certified)
        : said(texts.deviceRecorded, {}),
  };
}

function probeStep({ label }: PlannedToken, { policy }: Plan): Omit<Step, 'number'> {
  const expected = policy.deviceProbe === 'required' ? texts.probeRequired : texts.probeRecorded;
  return {
    act: { kind: 'probe', token: label },
    who: OBSERVERS,
    text: said(texts.probe, { token: label }),
    commands: [],
    expected: said(expected, {}),
  };
}

function keySteps(key: PlannedKey): readonly Omit<Step, 'number'>[] {
  const { role, label, algorithm, token } = key;
  const signature = signatureOf(key);
  return [
    {
      act: { kind: 'generate', role },
      who: CUSTODIANS,
      text: said(texts.generate, { role, label, algorithm, signature, token }),
      commands: [],
      expected: said(texts.generateExpected, {}),
    },
    {
      act: { kind: 'attributes', role },
      who: OBSERVERS,
      text: said(texts.attributes, { role }),
      commands: [],
      expected: said(texts.attributesExpected, {}),
    },
    {
      act: { kind: 'public-key', role },
      who: OBSERVERS,
      text: said(texts.publicKey, { role }),
      commands: [],
      expected: said(texts.publicKeyExpected, {}),
    },
  ];
}

function certificateSteps({ certificate }: Plan): readonly Omit<Step, 'number'>[] {
  if (certificate === undefined) return [];
  return [
    {
      act: { kind: 'certificate' },
      who: ALL,
      text: said(texts.certificate, { subject: certificate.subject }),
      commands: [],
      expected: said(texts.certificateExpected, {}),
    },
  ];
}

function listed<K extends string>(items: readonly Readonly<Record<K, string>>[], key: K): string {
  return items.map((item) => item[key]).join(', ');
}
