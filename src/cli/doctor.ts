/** `doctor`, alike in both programs but for the configuration: is what operation needs ready? */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { planSchema, type Plan } from '../ceremony';
import { readYamlFile } from '../config';
import {
  HsmError,
  probeToken,
  TokenRack,
  writeDeviceReport,
  type DeviceReport,
  type HsmConfig,
  type ProbeOptions,
  type TokenPlace,
  type WrittenReport,
} from '../hsm';
import { doctorTexts as texts } from '../i18n/messages/doctor';
import { examine, type Subject } from '../doctor';
import type { Problem } from '../errors';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../signer';
import { defineCommand, type Command, type Context, type Input, type Result } from './command';
import { reportText } from './deviceReport';
import { CliError } from './errors';
import { examinationText, isReady } from './examination';
import { EXIT } from './exit';
import { pinOptions, pinPrompt, pinSource } from './pin';
import { wholeNumber } from './values';
import { packageVersion } from './version';

/** What a party's configuration says of its tokens. */
export interface ConfiguredTokens {
  readonly hsm: HsmConfig;
  readonly labels: readonly string[];
  readonly refusedPins: string;
}

/** What one program's doctor has of its own. */
export interface DoctorSide {
  readonly program: 'subca' | 'rootca';
  /** `undefined` where there is no configuration yet. */
  configuredTokens(directory: string): Promise<ConfiguredTokens | undefined>;
  /** What stands of the party already. */
  subject(directory: string): Promise<Subject>;
}

/** Key types that a party's other keys have in any case. */
const ALWAYS_NEEDED: KeyAlgorithm = 'p-256';
const DEFAULT_SESSIONS = 4;

const hsmOptions = {
  hsm: { flag: '--hsm', summary: texts.hsm },
  module: { flag: '--module <path>', summary: texts.module },
  token: { flag: '--token <label>', summary: texts.token },
  serial: { flag: '--serial <number>', summary: texts.serial },
  ...pinOptions,
  out: { flag: '--out <folder>', summary: texts.out },
  requireCertified: { flag: '--require-certified', summary: texts.requireCertified },
  plan: { flag: '--plan <file>', summary: texts.plan },
  keyType: {
    flag: '--key-type <type>',
    summary: texts.keyType,
    choices: KEY_ALGORITHMS,
    repeatable: true,
  },
  timeout: {
    flag: '--timeout <seconds>',
    summary: texts.timeout,
    default: '300',
    parse: wholeNumber(10, 3600),
  },
} as const;

type HsmInput = Input<readonly [], typeof hsmOptions>;
type AnyContext = Context<string | undefined>;

export function doctorCommand(side: DoctorSide): Command {
  const { program } = side;
  return defineCommand({
    path: 'doctor',
    summary: texts.doctor,
    description: texts.description,
    example: [
      `${program} doctor`,
      `${program} doctor --hsm`,
      `${program} doctor --hsm --module /usr/lib/softhsm/libsofthsm2.so --token laocai --pin-file pin --out reports`,
    ],
    needsDirectory: false,
    options: hsmOptions,
    handler: (context, input) => (input.hsm ? probe(side, context, input) : examineAll(side, context)),
  });
}

async function examineAll(side: DoctorSide, { directory, clock }: AnyContext): Promise<Result> {
  const subject = await side.subject(directory ?? resolve('.'));
  const examined = await examine(subject, clock());
  const ready = isReady(examined);
  return {
    json: { verdict: ready ? 'pass' : 'fail', ...examined },
    text: (lang) => examinationText(examined, lang),
    exit: ready ? EXIT.done : EXIT.refused,
  };
}

async function probe(side: DoctorSide, context: AnyContext, input: HsmInput): Promise<Result> {
  const reports = await probeAll(side, context, input);
  const fit = reports.every(({ report }) => report.verdict === 'pass');
  return {
    json: {
      hsm: reports.map(({ report, written: { file, sha256 } }) => ({ file, sha256, ...report })),
    },
    text: (lang) => reports.map(({ report, written }) => reportText(report, written, lang)).join('\n\n'),
    exit: fit ? EXIT.done : EXIT.refused,
  };
}

interface Probed {
  readonly report: DeviceReport;
  readonly written: WrittenReport;
}

/** One device after the other; what is found of the first is written before the next is tried. */
async function probeAll(side: DoctorSide, context: AnyContext, input: HsmInput): Promise<readonly Probed[]> {
  const tokens = await tokensOf(side, context, input);
  const plan = input.plan === undefined ? undefined : await readYamlFile(input.plan, planSchema);
  const folder = input.out === undefined ? context.directory : resolve(input.out);
  if (folder === undefined) throw badLine(side, [missing('--out <folder>')]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { clock } = context;
  const { askPin } = pinPrompt(context);
  const refusedPins = tokens.refusedPins ?? join(folder, 'refused-pins.json');
  const rack = new TokenRack(tokens.hsm, {
    directory: context.directory ?? folder,
    refusedPins,
    clock,
    ...(askPin && { prompt: askPin }),
  });
  const probed: Probed[] = [];
  for (const label of tokens.labels) {
    for (const place of placesOf(rack, label, input)) {
      const options = optionsFor(label, context, input, plan, tokens.hsm.sessions);
      const report = await withProgress(context, place, { ...options, refusedPins });
      probed.push({ report, written: await writeDeviceReport(folder, report) });
    }
  }
  return probed;
}

interface ChosenTokens extends Omit<ConfiguredTokens, 'refusedPins'> {
  readonly refusedPins: string | undefined;
}

/** Those of the command line, or else of the configuration. @throws CliError `BAD_COMMAND_LINE` */
async function tokensOf(side: DoctorSide, { directory }: AnyContext, input: HsmInput): Promise<ChosenTokens> {
  const { module, token, serial } = input;
  const configured = directory === undefined ? undefined : await side.configuredTokens(directory);
  if (module === undefined) {
    if (configured === undefined)
      throw badLine(side, [missing('--module <path>'), missing('--token <label>')]);
    const { labels } = configured;
    return { ...configured, labels: token === undefined ? labels : [token] };
  }
  if (token === undefined) throw badLine(side, [missing('--token <label>')]);
  const reference = { label: token, ...(serial !== undefined && { serial }), pin: { prompt: true } as const };
  const sessions = configured?.hsm.sessions ?? DEFAULT_SESSIONS;
  return {
    hsm: { module: resolve(module), sessions, tokens: [reference] },
    labels: [token],
    refusedPins: configured?.refusedPins,
  };
}

/** @throws HsmError `TOKEN_ABSENT` for a serial number that the configuration does not have */
function placesOf(rack: TokenRack, label: string, input: HsmInput): readonly TokenPlace[] {
  const { serial } = input;
  const places = rack.places(label, pinSource(input), serial);
  if (serial === undefined) return places;
  const named = places.filter(({ reference }) => reference.serial === serial);
  const [first] = places;
  if (named.length === 0) {
    const found = places.map(({ reference }) => reference.serial ?? '').join(', ');
    throw new HsmError('TOKEN_ABSENT', { label, serial, module: first?.reference.module ?? '', found });
  }
  return named;
}

function optionsFor(
  label: string,
  { clock, signal }: AnyContext,
  { requireCertified, keyType, timeout }: HsmInput,
  plan: Plan | undefined,
  sessions: number,
): Omit<ProbeOptions, 'refusedPins'> {
  const planned = plan?.keys.filter(({ token }) => token === label).map(({ algorithm }) => algorithm) ?? [];
  const demanded = [...planned, ...keyType];
  const needed = new Set([ALWAYS_NEEDED, ...demanded]);
  return {
    software: { name: 'subca-kit', version: packageVersion() },
    sessions,
    needed: KEY_ALGORITHMS.filter((algorithm) => needed.has(algorithm)),
    algorithms: demanded.length === 0 ? KEY_ALGORITHMS : [],
    certified: plan?.tokens.find((token) => token.label === label)?.certified,
    requireCertified: requireCertified || plan?.policy.certifiedHsm === 'required',
    limitMs: timeout * 1000,
    clock,
    signal,
  };
}

async function withProgress(
  { progress }: AnyContext,
  place: TokenPlace,
  options: ProbeOptions,
): Promise<DeviceReport> {
  const task = progress.start(texts.probing);
  try {
    return await probeToken(place, {
      ...options,
      onCheck: () => {
        task.advance();
      },
    });
  } finally {
    task.stop();
  }
}

function badLine({ program }: DoctorSide, problems: readonly Problem[]): CliError {
  return new CliError('BAD_COMMAND_LINE', { help: `${program} doctor --help` }, { problems });
}

function missing(where: string): Problem {
  return { code: 'MISSING', where, found: '', allowed: '' };
}
