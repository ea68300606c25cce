/** A rehearsal's tokens: made with SoftHSM2 in a folder of their own, for this process alone, and destroyed with it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFileDurably } from '../config';
import { CeremonyError } from './errors';
import type { Dialogue } from './dialogue';
import type { Plan } from './plan';

/** Told to everybody: it protects nothing. */
export const REHEARSAL_PIN = '123456';

const run = promisify(execFile);

export interface RehearsalStage {
  /** Path of the SoftHSM2 library. */
  readonly module: string;
  /** An empty folder for the party's data. */
  readonly directory: string;
}

/**
 * Makes every token of the plan anew, does the work with them, and destroys them. From here on, SoftHSM2 shows this
 * process no other token: the library reads its environment when it is first used.
 * @param module path of the SoftHSM2 library; otherwise it is looked for
 * @throws CeremonyError `SOFTHSM_MISSING`, and what the work throws
 */
export async function onThrowAwayTokens<T>(
  plan: Plan,
  module: string | undefined,
  work: (stage: RehearsalStage) => Promise<T>,
): Promise<T> {
  const library = module ?? (await findSoftHsm());
  const folder = await mkdtemp(join(tmpdir(), 'ceremony-rehearsal-'));
  try {
    const tokens = join(folder, 'tokens');
    const directory = join(folder, 'party');
    for (const made of [tokens, directory]) await mkdir(made, { mode: 0o700 });
    const conf = join(folder, 'softhsm2.conf');
    const settings = [`directories.tokendir = ${tokens}`, 'objectstore.backend = file', 'log.level = ERROR'];
    await writeFileDurably(conf, `${settings.join('\n')}\n`);
    process.env['SOFTHSM2_CONF'] = conf;
    for (const label of labelsOf(plan)) await makeToken(label, library);
    return await work({ module: library, directory });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers for everybody: Enter at each step, and a PIN of their own for each custodian. */
export function unattended(dialogue: Pick<Dialogue, 'lang' | 'say'>): Dialogue {
  return {
    lang: dialogue.lang,
    say: (line) => {
      dialogue.say(line);
    },
    ask: () => Promise.resolve(''),
    secret: (_question, person) =>
      Promise.resolve(person === undefined ? REHEARSAL_PIN : `${REHEARSAL_PIN} ${person}`),
  };
}

function labelsOf({ tokens, people }: Plan): readonly string[] {
  return [...tokens.map(({ label }) => label), ...people.flatMap(({ token }) => token?.label ?? [])];
}

async function makeToken(label: string, module: string): Promise<void> {
  const soPin = randomBytes(8).toString('hex');
  const pins = ['--so-pin', soPin, '--pin', REHEARSAL_PIN];
  try {
    await run('softhsm2-util', ['--init-token', '--free', '--module', module, '--label', label, ...pins]);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CeremonyError('SOFTHSM_MISSING', { reason: `softhsm2-util: ${String(code)}` }, { cause });
  }
}

/** Where Debian, Ubuntu (one folder per architecture), Fedora and a build from source put the library. */
async function findSoftHsm(): Promise<string> {
  const architectures = await readdir('/usr/lib').catch(() => []);
  const folders = [
    ...['/usr/lib', ...architectures.map((name) => join('/usr/lib', name)), '/usr/local/lib'].map((folder) =>
      join(folder, 'softhsm'),
    ),
    '/usr/lib64/softhsm',
    '/usr/lib64/pkcs11',
  ];
  const found = folders.map((folder) => join(folder, 'libsofthsm2.so')).find((file) => existsSync(file));
  if (found === undefined) throw new CeremonyError('SOFTHSM_MISSING', { reason: 'libsofthsm2.so' });
  return found;
}
