/** Leading through a ceremony: each step shown, done, confirmed and on the disk before the next; resumed where it stood. */
import { existsSync } from 'node:fs';
import type { Clock } from '../clock';
import type { Problem } from '../errors';
import { formatDate } from '../i18n';
import { ceremonyTexts as texts } from '../i18n/messages/ceremony';
import { perform, requireSameSoftware, type Scene } from './acts';
import { Custodians } from './custodians';
import type { Dialogue } from './dialogue';
import { CeremonyError } from './errors';
import type { FolderPaths } from './folder';
import type { InstalledFiles } from './installedSoftware';
import { CeremonyLog } from './log';
import { roleName } from './paper';
import type { CeremonyParty } from './party';
import { resultLines } from './results';
import { rolesOf } from './roles';
import type { PinnedScript, Script } from './script';
import { isWalked, type Step } from './steps';

const MAX_DEVIATION = 500;

/** What a ceremony takes from outside while it runs. */
export interface Stage {
  readonly party: CeremonyParty;
  readonly dialogue: Dialogue;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Reads what is installed now. */
  readonly installed: () => Promise<InstalledFiles>;
}

/**
 * Goes through every step that is not done yet. The caller holds the folder (`alone`).
 * @throws CeremonyError; HsmError, DbError, ConfigError; the signal's reason. The log then tells where it stood.
 */
export async function runCeremony(paths: FolderPaths, pinned: PinnedScript, stage: Stage): Promise<void> {
  const { party, dialogue, clock, signal, installed } = stage;
  const { script, sha256 } = pinned;
  requireFits(script, party);
  if (!existsSync(paths.log)) await party.standing(rolesOf(script.plan));
  const log = await CeremonyLog.open(paths.log, sha256, clock);
  const { plan, software } = script;
  const custodians = new Custodians(plan, party, log, dialogue, clock);
  try {
    if (log.of('sealing').length > 0) throw new CeremonyError('ALREADY_SEALED', { file: paths.record });
    dialogue.say(texts.scriptIs[dialogue.lang]({ sha256 }));
    const softwareList = paths.software;
    const { folder } = paths;
    const scene: Scene = {
      plan,
      software,
      party,
      log,
      custodians,
      installed,
      folder,
      softwareList,
      clock,
      signal,
    };
    const open = script.steps.filter((step) => isWalked(step) && !log.isDone(step.number));
    await beginOrResume(scene, script, open[0], dialogue);
    for (const step of open) {
      signal.throwIfAborted();
      await walk(step, script, scene, dialogue);
    }
  } finally {
    await custodians.close();
    await log.close();
  }
}

/** @throws CeremonyError `SCRIPT_NOT_FOR_HERE` with every difference */
export function requireFits({ plan }: Script, party: CeremonyParty): void {
  const differs = (where: string, found: string, allowed: string): readonly Problem[] =>
    found === allowed ? [] : [{ code: 'BAD_VALUE', where, found, allowed }];
  const problems = [
    ...differs('party', plan.party, party.kind),
    ...differs('name', plan.name, party.name),
    ...plan.keys.flatMap(({ role, token }, index) =>
      differs(`keys[${String(index)}].token`, token, party.tokenOf(role) ?? token),
    ),
  ];
  if (problems.length === 0) return;
  throw new CeremonyError('SCRIPT_NOT_FOR_HERE', { count: problems.length }, { problems });
}

/** Who comes back shows again who they are, and that nothing was exchanged meanwhile. */
async function beginOrResume(
  scene: Scene,
  { software, steps }: Script,
  next: Step | undefined,
  dialogue: Dialogue,
): Promise<void> {
  const { log, custodians } = scene;
  if (log.lines.length === 0) {
    await log.append({ type: 'begun', software: `${software.name} ${software.version}` });
    return;
  }
  if (next === undefined) return;
  const step = next.number;
  dialogue.say(texts.resumed[dialogue.lang]({ step, steps: steps.length }));
  await log.append({ type: 'resumed' });
  await requireSameSoftware(scene);
  if (log.results('custodians').length > 0) await custodians.authenticate(step);
}

async function walk(step: Step, script: Script, scene: Scene, dialogue: Dialogue): Promise<void> {
  const { log } = scene;
  const { number } = step;
  const { lang } = dialogue;
  if (!log.of('started').some(({ event }) => event.step === number)) {
    await log.append({ type: 'started', step: number });
  }
  show(step, script, dialogue, log);
  if (log.resultOf(number) === undefined) {
    // What cannot be taken back waits for a word.
    if (step.act.kind === 'generate' || step.act.kind === 'certificate') {
      await untilEnter(number, texts.askStart[lang]({}), log, dialogue);
    }
    await act(step, scene);
  }
  const result = log.resultOf(number);
  if (result !== undefined) for (const line of resultLines(result, lang)) dialogue.say(`  ${line}`);
  await untilEnter(number, texts.askDone[lang]({}), log, dialogue);
  await log.append({ type: 'done', step: number });
}

async function act(step: Step, scene: Scene): Promise<void> {
  const { log } = scene;
  const written = log.lines.length;
  try {
    const result = await perform(step, scene);
    if (result !== undefined) await log.append({ type: 'acted', step: step.number, result });
  } catch (error) {
    const told = log.lines.slice(written).some(({ event }) => event.type === 'failed');
    if (!told) await log.appendFailure(step.number, error);
    throw error;
  }
}

function show(step: Step, { steps }: Script, dialogue: Dialogue, log: CeremonyLog): void {
  const { lang } = dialogue;
  const { number, who, text, commands, expected } = step;
  const time = formatDate(new Date(log.lines.at(-1)?.time ?? 0), lang);
  dialogue.say('');
  dialogue.say(`── ${texts.stepHead[lang]({ step: number, steps: steps.length, time })} ──`);
  dialogue.say(texts.who[lang]({ roles: who.map((role) => roleName(role, lang)).join(', ') }));
  dialogue.say(text[lang]);
  for (const command of commands) dialogue.say(`  $ ${command}`);
  dialogue.say(texts.expected[lang]({ expected: expected[lang] }));
}

/** Words are deviations, each written down before the question comes again; Enter alone goes on. */
async function untilEnter(
  step: number,
  question: string,
  log: CeremonyLog,
  dialogue: Dialogue,
): Promise<void> {
  const { lang } = dialogue;
  for (;;) {
    const text = plain(await dialogue.ask(question));
    if (text === '') return;
    if (text.length > MAX_DEVIATION) {
      dialogue.say(texts.tooLong[lang]({ limit: MAX_DEVIATION }));
      continue;
    }
    await log.append({ type: 'deviation', step, text });
    dialogue.say(texts.noted[lang]({ deviation: text }));
  }
}

/** One line of whole characters: what a terminal sends beside letters is left out. */
function plain(typed: string): string {
  return Buffer.from(typed, 'utf8')
    .toString('utf8')
    .normalize('NFC')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
}
