/** What the printed script says, in one language; Markdown and PDF are two ways to lay it out. */
import type { Lang } from '../i18n';
import { paperSentences as sentences, paperTexts as texts, roleTexts } from '../i18n/messages/ceremonyPaper';
import { signatureOf, type Person, type Plan, type PlannedKey } from './plan';
import { nextKeyOf, type PersonRole } from './roles';
import type { PinnedScript } from './script';
import type { Step } from './steps';

export interface PaperTable {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface PaperStep {
  readonly number: number;
  readonly text: string;
  readonly commands: readonly string[];
  readonly expected: string;
  /** There is a hash to be written down by hand. */
  readonly hash: boolean;
  /** Whose initials the step takes. */
  readonly initials: readonly string[];
}

export interface Paper {
  readonly lang: Lang;
  readonly kind: string;
  readonly title: string;
  /** Set on a rehearsal's: it stands on every page. */
  readonly mark: string | undefined;
  readonly sha256: string;
  readonly date: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly people: PaperTable;
  readonly keys: PaperTable;
  readonly steps: readonly PaperStep[];
  /** Empty rows to write in. */
  readonly deviations: PaperTable;
}

const EMPTY_ROWS = 6;

export function paperOf({ script, sha256 }: PinnedScript, lang: Lang): Paper {
  const { plan, software, rehearsal, steps } = script;
  const word = (key: keyof typeof texts): string => texts[key][lang]({});
  const next = nextKeyOf(plan);
  return {
    lang,
    kind: word('script'),
    title: plan.title,
    mark: rehearsal ? word('rehearsal') : undefined,
    sha256,
    date: plan.date,
    facts: [
      [word('party'), partyName(plan, lang)],
      [word('place'), plan.place],
      [word('date'), lang === 'vi' ? plan.date.split('-').reverse().join('/') : plan.date],
      [word('software'), `${software.name} ${software.version}`],
      ...(next === undefined ? [] : [[word('purpose'), sentences.nextKey[lang](next)] as const]),
      [word('policy'), word(plan.policy.certifiedHsm)],
      ...(plan.policy.deviceProbe === undefined
        ? []
        : [[word('deviceProbe'), word(plan.policy.deviceProbe)] as const]),
      ...(plan.certificate === undefined ? [] : [[word('certificate'), plan.certificate.subject] as const]),
    ],
    people: {
      heading: word('people'),
      columns: [word('name'), word('position'), word('role'), word('authentication'), word('signature')],
      rows: plan.people.map((person) => [
        person.name,
        person.position ?? '',
        roleName(person.role, lang),
        authentication(person, lang),
        '',
      ]),
    },
    keys: {
      heading: word('keys'),
      columns: [word('key'), word('algorithm'), word('token'), word('label')],
      rows: plan.keys.map((key) => [key.role, keyText(key), key.token, key.label]),
    },
    steps: steps.map((step) => paperStep(step, plan, lang)),
    deviations: {
      heading: word('deviations'),
      columns: [word('step'), word('time'), word('deviation'), word('initials')],
      rows: Array.from({ length: EMPTY_ROWS }, () => ['', '', '', '']),
    },
  };
}

/** Of which type a key is, and what it signs with. */
export function keyText(key: PlannedKey): string {
  return `${key.algorithm}, ${signatureOf(key)}`;
}

/** The role as people call it. */
export function roleName(role: PersonRole, lang: Lang): string {
  return roleTexts[role][lang]({});
}

export function partyName({ party, name }: Pick<Plan, 'party' | 'name'>, lang: Lang): string {
  return sentences[party][lang]({ name });
}

/** How a person authenticates; empty for those who do not. */
export function authentication({ role, token }: Person, lang: Lang): string {
  if (role !== 'key-custodian') return '';
  return token === undefined ? texts.ownPin[lang]({}) : sentences.ownToken[lang]({ label: token.label });
}

function paperStep(
  { number, act, text: said, commands, expected, who }: Step,
  plan: Plan,
  lang: Lang,
): PaperStep {
  const hash = act.kind === 'public-key' || act.kind === 'certificate';
  const initials = plan.people.filter(({ role }) => who.includes(role)).map(({ name }) => name);
  return { number, text: said[lang], commands, expected: expected[lang], hash, initials };
}
