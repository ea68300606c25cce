/** The commands `ceremony plan|rehearse|run|seal|check`, alike in both programs but for the party. */
import { resolve } from 'node:path';
import {
  alone,
  CeremonyError,
  folderPaths,
  installedFiles,
  makeScript,
  MAX_RECORD_BYTES,
  MAX_SCRIPT_BYTES,
  onThrowAwayTokens,
  openRecord,
  planSchema,
  readFolderScript,
  REHEARSAL_PIN,
  requireDeviceReport,
  requireKey,
  requireScript,
  runCeremony,
  sealCeremony,
  unattended,
  writeScript,
  type CeremonyParty,
  type PartyKind,
  type PinnedScript,
  type Plan,
  type RehearsalStage,
  type Software,
  type Stage,
} from '../ceremony';
import { readFileBounded, readYamlFile } from '../config';
import { ceremonyTexts as texts } from '../i18n/messages/ceremony';
import type { Surroundings } from '../surroundings';
import { decodePemOrDer, readCertificate } from '../x509';
import { checkText } from './ceremonyCheck';
import { askToken, terminalDialogue } from './ceremonyDialogue';
import { defineCommand, defineGroup, type Context, type Program } from './command';
import { CliError } from './errors';
import { partySurroundings } from './party';
import { packageVersion } from './version';

const MAX_CERTIFICATE = 64 * 1024;
const MAX_DEVICE_REPORT = 1024 * 1024;

/** What one program's ceremony has of its own. */
export interface CeremonySide {
  readonly program: 'subca' | 'rootca';
  readonly kind: PartyKind;
  withParty<T>(
    directory: string,
    surroundings: Surroundings,
    work: (party: CeremonyParty) => Promise<T>,
  ): Promise<T>;
  rehearse<T>(
    stage: RehearsalStage,
    plan: Plan,
    surroundings: Surroundings,
    work: (party: CeremonyParty) => Promise<T>,
  ): Promise<T>;
}

const folderArgument = { name: 'folder', summary: texts.folder, required: true } as const;
const planArgument = { name: 'file', summary: texts.planFile, required: true } as const;
const outOption = { flag: '--out <folder>', summary: texts.outFolder, required: true } as const;

export function ceremonyCommands(side: CeremonySide): Program['entries'] {
  const { program } = side;
  return [
    defineGroup('ceremony', texts.group),
    defineCommand({
      path: 'ceremony plan',
      summary: texts.plan,
      example: [`${program} ceremony plan ceremony.yaml --out ceremony`],
      needsDirectory: false,
      arguments: [planArgument],
      options: { out: outOption },
      handler: async (_, { file, out }) => {
        const folder = resolve(out);
        const pinned = makeScript(await readPlan(side, file), software(), false);
        await writeScript(folder, pinned);
        const { sha256 } = pinned;
        const steps = pinned.script.steps.length;
        return {
          json: { folder, sha256, steps },
          text: (lang) => texts.planDone[lang]({ folder, steps, sha256 }),
        };
      },
    }),
    defineCommand({
      path: 'ceremony rehearse',
      summary: texts.rehearse,
      description: texts.rehearseDescription,
      example: [`${program} ceremony rehearse ceremony.yaml --out rehearsal`],
      needsDirectory: false,
      arguments: [planArgument],
      options: {
        out: outOption,
        unattended: { flag: '--unattended', summary: texts.unattended },
        module: { flag: '--module <path>', summary: texts.moduleOption },
      },
      handler: async (context, input) => {
        if (!input.unattended) requireTerminal(context);
        const folder = resolve(input.out);
        const pinned = makeScript(await readPlan(side, input.file), software(), true);
        await writeScript(folder, pinned);
        const { sha256 } = await rehearse(side, context, pinned, { ...input, folder });
        return {
          json: { folder, rehearsal: true, sha256 },
          text: (lang) => texts.rehearsalDone[lang]({ folder }),
        };
      },
    }),
    defineCommand({
      path: 'ceremony run',
      summary: texts.run,
      example: [`${program} ceremony run ceremony`],
      arguments: [folderArgument],
      handler: async (context, input) => {
        const folder = resolve(input.folder);
        await onStage(side, context, folder, (pinned, stage) =>
          runCeremony(folderPaths(folder), pinned, stage),
        );
        return {
          json: { folder, done: true },
          text: (lang) => texts.runDone[lang]({ folder: input.folder, program }),
        };
      },
    }),
    defineCommand({
      path: 'ceremony seal',
      summary: texts.seal,
      example: [`${program} ceremony seal ceremony`],
      arguments: [folderArgument],
      handler: async (context, input) => {
        const folder = resolve(input.folder);
        const paths = folderPaths(folder);
        const { sha256, kept } = await onStage(side, context, folder, (pinned, stage) =>
          sealCeremony(paths, pinned, stage),
        );
        const where = kept?.where ?? 'database';
        return {
          json: { file: paths.record, sha256, kept: where },
          text: (lang) =>
            `${texts.sealDone[lang]({ file: paths.record, sha256 })}\n${texts.keptIn[where][lang]({})}`,
        };
      },
    }),
    defineCommand({
      path: 'ceremony check',
      summary: texts.check,
      example: [`${program} ceremony check record.dsse --script script.json --certificate subca.crt`],
      needsDirectory: false,
      arguments: [{ name: 'record', summary: texts.recordFile, required: true }],
      options: {
        script: { flag: '--script <file>', summary: texts.scriptOption },
        certificate: { flag: '--certificate <file>', summary: texts.certificateOption },
        deviceReport: { flag: '--device-report <file>', summary: texts.reportOption, repeatable: true },
      },
      handler: async (_, { record: file, script, certificate, deviceReport }) => {
        const checked = openRecord(await readFileBounded(file, MAX_RECORD_BYTES), file);
        if (script !== undefined) {
          requireScript(checked, await readFileBounded(script, MAX_SCRIPT_BYTES), script);
        }
        if (certificate !== undefined) requireKey(checked, await keyOf(certificate), certificate);
        for (const report of deviceReport) {
          requireDeviceReport(checked, await readFileBounded(report, MAX_DEVICE_REPORT), report);
        }
        const { record, sha256, signedBy } = checked;
        const { plan, keys, devices, deviations, failures, startedAt, endedAt } = record;
        const pinned = certificate !== undefined;
        return {
          json: {
            sha256,
            party: plan.party,
            name: plan.name,
            signedBy,
            pinned,
            script: record.script.sha256,
            keys: keys.map(({ role, label, algorithm, spkiSha256 }) => ({
              role,
              label,
              algorithm,
              spkiSha256,
            })),
            ...(record.inUse && {
              inUse: { epoch: record.inUse.epoch, spkiSha256: record.inUse.spkiSha256 },
            }),
            certified: devices.every((device) => device.certified !== null),
            deviceReports: record.deviceReports.map(({ token, serial, verdict, report }) => ({
              token,
              serial,
              verdict,
              sha256: report.sha256,
            })),
            startedAt,
            endedAt,
            deviations: deviations.length,
            failures: failures.length,
          },
          text: (lang) => checkText(checked, { file, pinned }, lang),
        };
      },
    }),
  ];
}

function software(): Software {
  return { name: 'subca-kit', version: packageVersion() };
}

/** @throws ConfigError; CeremonyError `SCRIPT_NOT_FOR_HERE` for a plan of the other party */
async function readPlan({ kind }: CeremonySide, file: string): Promise<Plan> {
  const plan = await readYamlFile(file, planSchema);
  if (plan.party === kind) return plan;
  const problem = { code: 'BAD_VALUE', where: `${file} party`, found: plan.party, allowed: kind } as const;
  throw new CeremonyError('SCRIPT_NOT_FOR_HERE', { count: 1 }, { problems: [problem] });
}

/** Leads the people at the terminal through a part of a real ceremony. */
async function onStage<T>(
  side: CeremonySide,
  context: Context,
  folder: string,
  work: (pinned: PinnedScript, stage: Stage) => Promise<T>,
): Promise<T> {
  requireTerminal(context);
  const paths = folderPaths(folder);
  const pinned = await readFolderScript(paths, software());
  if (pinned.script.rehearsal) {
    const problem = { code: 'BAD_VALUE', where: 'rehearsal', found: 'true', allowed: 'false' } as const;
    throw new CeremonyError('SCRIPT_NOT_FOR_HERE', { count: 1 }, { problems: [problem] });
  }
  const dialogue = terminalDialogue(context);
  const { clock, signal } = context;
  return alone(paths, () =>
    side.withParty(
      context.directory,
      { ...partySurroundings(context), askPin: askToken(dialogue) },
      (party) => work(pinned, { party, dialogue, clock, signal, installed: () => installedFiles() }),
    ),
  );
}

async function rehearse(
  side: CeremonySide,
  context: Context<string | undefined>,
  pinned: PinnedScript,
  input: { readonly folder: string; readonly module: string | undefined; readonly unattended: boolean },
): Promise<{ readonly sha256: string }> {
  const { clock, signal } = context;
  const { plan } = pinned.script;
  const terminal = terminalDialogue(context);
  const dialogue = input.unattended ? unattended(terminal) : terminal;
  const paths = folderPaths(input.folder);
  return alone(paths, () =>
    onThrowAwayTokens(plan, input.module, (stage) => {
      dialogue.say(texts.rehearsalPin[dialogue.lang]({ pin: REHEARSAL_PIN }));
      const surroundings = { ...partySurroundings(context), askPin: askToken(dialogue) };
      return side.rehearse(stage, plan, surroundings, async (party) => {
        const whole: Stage = { party, dialogue, clock, signal, installed: () => installedFiles() };
        await runCeremony(paths, pinned, whole);
        return sealCeremony(paths, pinned, whole);
      });
    }),
  );
}

function requireTerminal(context: Context<string | undefined>): void {
  if (context.interactive) return;
  throw new CliError('NOT_A_TERMINAL', { question: texts.askDone[context.lang]({}) });
}

async function keyOf(file: string): Promise<string> {
  const bytes = await readFileBounded(file, MAX_CERTIFICATE);
  const certificate = readCertificate(decodePemOrDer(bytes, 'CERTIFICATE', file), file);
  return certificate.tbs.publicKey.spkiSha256;
}
