/** What the program itself does at a ceremony: looks at software and devices, makes keys, reads them back. */
import { basename } from 'node:path';
import type { Clock } from '../clock';
import { fileSha256, writeFileDurably } from '../config';
import { probeToken, writeDeviceReport } from '../hsm';
import { publicKeyFromSpki, keyAlgorithmOf, sha256Hex } from '../signer';
import type { Custodians } from './custodians';
import { inspectDevice } from './devices';
import { CeremonyError } from './errors';
import type { InstalledFiles } from './installedSoftware';
import type { CeremonyLog } from './log';
import type { CeremonyParty } from './party';
import { signatureOf, type Plan, type PlannedKey } from './plan';
import { PROTECTION, unprotected } from './protection';
import type { Result, ResultOf } from './results';
import { rolesOf } from './roles';
import type { Software } from './script';
import type { Step } from './steps';

export interface Scene {
  readonly plan: Plan;
  readonly software: Software;
  readonly party: CeremonyParty;
  readonly log: CeremonyLog;
  readonly custodians: Custodians;
  readonly installed: () => Promise<InstalledFiles>;
  readonly folder: string;
  /** Where the list of installed files is written. */
  readonly softwareList: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Does what the step asks of the program. Called again after a crash, it finds what was made and makes nothing twice.
 * @returns undefined where the step is the people's alone
 * @throws CeremonyError, HsmError, DbError
 */
export async function perform(step: Step, scene: Scene): Promise<Result | undefined> {
  const { act } = step;
  switch (act.kind) {
    case 'software':
      return lookAtSoftware(scene);
    case 'in-use':
      return scene.party.standing(rolesOf(scene.plan));
    case 'device':
      return lookAtDevice(scene, act.token);
    case 'custodians':
      await scene.custodians.authenticate(step.number);
      return { kind: 'custodians' };
    case 'probe':
      return probeDevice(scene, act.token);
    case 'absence':
      return lookForKeys(scene);
    case 'generate':
      await scene.custodians.confirmPresence(step.number);
      return generate(scene, act.role);
    case 'attributes':
      return readBack(scene, act.role);
    case 'public-key':
      return { kind: 'public-key', role: act.role, spkiSha256: generatedOf(scene, act.role).spkiSha256 };
    case 'certificate':
      return certify(scene);
    case 'people':
    case 'seal':
    case 'check':
      return undefined;
  }
}

/**
 * That software and module are still those the ceremony began with.
 * @throws CeremonyError `SOFTWARE_CHANGED`
 */
export async function requireSameSoftware({
  party,
  log,
  installed,
}: Pick<Scene, 'party' | 'log' | 'installed'>): Promise<void> {
  const [known] = log.results('software');
  if (known === undefined) return;
  const found = [
    ['software', (await installed()).sha256, known.filesSha256],
    ['PKCS#11', await fileSha256(party.module), known.module.sha256],
  ] as const;
  for (const [what, now, expected] of found) {
    if (now !== expected) throw new CeremonyError('SOFTWARE_CHANGED', { what, found: now, expected });
  }
}

async function lookAtSoftware({ software, party, installed, softwareList }: Scene): Promise<Result> {
  const { list, count, sha256 } = await installed();
  await writeFileDurably(softwareList, list);
  return {
    kind: 'software',
    name: software.name,
    version: software.version,
    files: count,
    filesSha256: sha256,
    module: { path: party.module, sha256: await fileSha256(party.module) },
  };
}

async function lookAtDevice({ party, plan }: Scene, label: string): Promise<Result> {
  const planned = plan.tokens.find((token) => token.label === label) ?? { label };
  return inspectDevice(party.module, planned, plan.policy);
}

/** Everything of one token together; an HSM takes a minute for a long RSA key. */
const PROBE_LIMIT_MS = 600_000;

/**
 * Only with the key types that are going to be made. Probed again after a crash, it leaves the report of before as well.
 * @throws CeremonyError `DEVICE_UNFIT`, `SOFTWARE_CHANGED`, `DEVICE_CHANGED`
 */
async function probeDevice(scene: Scene, label: string): Promise<Result> {
  const { party, plan, log, software, folder, clock, signal } = scene;
  const planned = plan.tokens.find((token) => token.label === label);
  const needed = plan.keys.filter(({ token }) => token === label).map(({ algorithm }) => algorithm);
  const serial = log.results('device').find((device) => device.label === label)?.serial ?? '';
  const places = party.places(label, serial);
  const place = places.find(({ reference }) => reference.serial === serial);
  if (place === undefined) {
    const found = places.map(({ reference }) => reference.serial ?? '');
    throw new CeremonyError('DEVICE_CHANGED', { token: label, found: found.join(', '), expected: serial });
  }
  const report = await probeToken(place, {
    software,
    sessions: party.sessions,
    needed: [...new Set(needed)],
    algorithms: [],
    certified: planned?.certified,
    requireCertified: plan.policy.certifiedHsm === 'required',
    limitMs: PROBE_LIMIT_MS,
    refusedPins: party.refusedPins,
    clock,
    signal,
  });
  const { file, sha256 } = await writeDeviceReport(folder, report);
  const [known] = log.results('software');
  if (known !== undefined && known.module.sha256 !== report.module.sha256) {
    const [found, expected] = [report.module.sha256, known.module.sha256];
    throw new CeremonyError('SOFTWARE_CHANGED', { what: 'PKCS#11', found, expected });
  }
  const told = (result: string): readonly string[] =>
    report.checks
      .filter((check) => check.result === result)
      .map(({ id, subject }) => (subject === '' ? id : `${id} ${subject}`));
  const failed = told('fail');
  if (plan.policy.deviceProbe === 'required' && report.verdict === 'fail') {
    throw new CeremonyError('DEVICE_UNFIT', { token: label, failed: failed.join(', '), file });
  }
  return {
    kind: 'probe',
    token: label,
    serial,
    report: { file: basename(file), sha256 },
    moduleSha256: report.module.sha256,
    startedAt: report.startedAt,
    endedAt: report.endedAt,
    verdict: report.verdict,
    checks: report.checks.length,
    failed: [...failed],
    warnings: [...told('warning')],
  };
}

/** Before a key is made, it must be known that it was not there. @throws CeremonyError `KEY_ALREADY_MADE`, `KEY_ON_TOKEN` */
async function lookForKeys({ party, plan }: Scene): Promise<Result> {
  for (const { role, label, token: tokenLabel } of plan.keys) {
    if ((await party.key(role)) !== undefined) throw new CeremonyError('KEY_ALREADY_MADE', { role });
    const token = await party.token(tokenLabel);
    if ((await token.findKey(label)) !== undefined) {
      throw new CeremonyError('KEY_ON_TOKEN', { label, token: tokenLabel });
    }
  }
  return { kind: 'absence', keys: plan.keys.map(({ label, token }) => ({ label, token })) };
}

/**
 * Makes a key once. That it may exist is written down before; a key that is there without that is not this ceremony's.
 * @throws CeremonyError `KEY_ALREADY_MADE`, `DEVICE_CHANGED`, `KEY_DIFFERS`
 */
async function generate({ party, plan, log }: Scene, role: string): Promise<Result> {
  const planned = plannedKey(plan, role);
  const { label, token: tokenLabel, algorithm } = planned;
  const signatureAlgorithm = signatureOf(planned);
  const token = await party.token(tokenLabel);
  const device = log.results('device').find((result) => result.label === tokenLabel);
  if (device?.serial !== token.facts.serial) {
    const [found, expected] = [token.facts.serial, device?.serial ?? ''];
    throw new CeremonyError('DEVICE_CHANGED', { token: tokenLabel, found, expected });
  }
  const begun = log.of('generating').some(({ event }) => event.role === role);
  if (!begun) {
    if ((await party.key(role)) !== undefined) throw new CeremonyError('KEY_ALREADY_MADE', { role });
    await log.append({ type: 'generating', role });
  }
  const key = await party.makeKey({ role, label, tokenLabel, algorithm, signatureAlgorithm });
  const made = [key.label, key.tokenLabel, key.tokenSerial, algorithmOf(key.spki), key.signatureAlgorithm];
  const found = made.join(', ');
  const expected = [label, tokenLabel, device.serial, algorithm, signatureAlgorithm].join(', ');
  if (found !== expected) throw new CeremonyError('KEY_DIFFERS', { role, found, expected });
  const spki = key.spki.toString('base64');
  return { kind: 'generate', role, label, token: tokenLabel, tokenSerial: device.serial, spki };
}

/** @throws CeremonyError `KEY_DIFFERS` */
async function readBack(scene: Scene, role: string): Promise<Result> {
  const { label, token: tokenLabel, algorithm } = plannedKey(scene.plan, role);
  const { spkiSha256 } = generatedOf(scene, role);
  const token = await scene.party.token(tokenLabel);
  const key = await token.findKey(label);
  if (key?.spkiSha256 !== spkiSha256 || key.algorithm !== algorithm) {
    const found = key === undefined ? '—' : `${key.algorithm} ${key.spkiSha256}`;
    throw new CeremonyError('KEY_DIFFERS', { role, found, expected: `${algorithm} ${spkiSha256}` });
  }
  const attributes = Object.fromEntries(
    Object.entries(key.attributes).map(([name, value]) => [name, value ?? null]),
  );
  const unlike = unprotected(attributes);
  if (unlike !== '') {
    const expected = Object.entries(PROTECTION)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ');
    throw new CeremonyError('KEY_DIFFERS', { role, found: unlike, expected });
  }
  return { kind: 'attributes', role, id: key.id, algorithm, attributes };
}

async function certify({ plan, party }: Scene): Promise<Result> {
  const subject = plan.certificate?.subject ?? '';
  if (party.certify === undefined)
    throw new Error('a certificate at the ceremony of a party that signs none');
  return { kind: 'certificate', subject, sha256: await party.certify(subject) };
}

function plannedKey(plan: Plan, role: string): PlannedKey {
  const key = plan.keys.find((planned) => planned.role === role);
  if (key === undefined) throw new Error(`no key ${role} in the plan`);
  return key;
}

function generatedOf(
  { log }: Pick<Scene, 'log'>,
  role: string,
): ResultOf<'generate'> & { readonly spkiSha256: string } {
  const made = log.results('generate').find((result) => result.role === role);
  if (made === undefined) throw new Error(`the key ${role} is not made yet`);
  return { ...made, spkiSha256: sha256Hex(Buffer.from(made.spki, 'base64')) };
}

function algorithmOf(spki: Buffer): string {
  return keyAlgorithmOf(publicKeyFromSpki(spki)) ?? '';
}
