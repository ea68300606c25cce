/**
 * Signs under load while its own module, sessions, login, token directory and library file are done harm to; a process
 * of its own, so that a crash of the module is seen. Each fault strikes after a number of signatures; what came of
 * them is written to stdout as one line of JSON.
 */
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { systemClock } from '../../src/clock';
import { HsmError, readPin, Token } from '../../src/hsm';
import { loadModule } from '../../src/hsm/module';
import { publicKeyFromSpki, verifySignature, type Signer } from '../../src/signer';

export interface Outcome {
  readonly signed: number;
  readonly wrong: number;
  /** How many calls ended with each error code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly categories: readonly string[];
  /** The longest that any call took, in milliseconds. */
  readonly longestMs: number;
  /** Which faults struck. */
  readonly struck: readonly string[];
  /** Resident memory in MiB, after each fifth of the signatures. */
  readonly memory: readonly number[];
  /** The states the token went through. */
  readonly states: readonly string[];
}

const CALLERS = 16;

async function main(
  directory: string,
  modulePath: string,
  label: string,
  count: number,
  waitMs: number,
): Promise<Outcome> {
  const states: string[] = [];
  const readAgain = () => readPin({ file: join(directory, 'pin') }, { tokenLabel: label });
  const token = await Token.open({ module: modulePath, label }, readAgain, {
    sessions: 4,
    waitMs,
    refusedPins: join(directory, 'refused.json'),
    clock: systemClock,
    onHealth: ({ state, cause }) => states.push(`${state} ${cause?.code ?? ''}`.trimEnd()),
  });
  const signers = [await token.signer('rsa'), await token.signer('ec')];

  const module = loadModule(modulePath);
  const slots = () => module.module.getSlots(true);
  const own = () => {
    const all = slots();
    const found = Array.from({ length: all.length }, (_, at) => all.items(at)).find(
      (slot) => slot.getToken().label === label,
    );
    if (found === undefined) throw new Error('no slot');
    return found;
  };
  const tokens = join(directory, 'tokens');
  const away = async (ms: number): Promise<void> => {
    renameSync(tokens, `${tokens}.away`);
    await after(ms);
    renameSync(`${tokens}.away`, tokens);
  };
  // SoftHSM itself crashes if its sessions are closed while one of them signs; so these wait until none does.
  const closeAll = () =>
    module.alone(() => {
      own().closeAll();
    });
  const logOut = () =>
    module.alone(() => {
      const session = own().open();
      session.logout();
      session.close();
    });
  const replaceFile = async (): Promise<void> => {
    copyFileSync(join(directory, 'failing.so'), `${modulePath}.new`);
    renameSync(`${modulePath}.new`, modulePath);
  };
  const endModule = () =>
    module.alone(() => {
      module.module.finalize();
    });
  const faults: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['sessions closed', closeAll],
    ['logged out', logOut],
    ['token away for a moment', () => away(waitMs / 4)],
    ['file replaced', replaceFile],
    ['sessions closed again', closeAll],
    ['module ended', endModule],
    ['token away for long', () => away(waitMs * 1.5)],
    ['logged out again', logOut],
    ['token away once more', () => away(waitMs / 4)],
  ];

  const errors: Record<string, number> = {};
  const categories = new Set<string>();
  let [signed, wrong] = [0, 0];
  const signAndVerify = async (signer: Signer, message: Buffer): Promise<void> => {
    const signature = await signer.sign(message);
    signed += 1;
    const key = publicKeyFromSpki(signer.spki);
    if (!verifySignature(signer.algorithm, key, message, signature)) wrong += 1;
  };
  const memory: number[] = [];
  const struck: string[] = [];
  const striking: Promise<unknown>[] = [];
  let [begun, ended, longestMs] = [0, 0, 0];
  const oneMore = async (at: number): Promise<void> => {
    const signer = signers[at % 2] ?? (await token.signer('rsa'));
    const start = performance.now();
    try {
      await signAndVerify(signer, Buffer.from(`message ${String(at)}`));
    } catch (error) {
      if (!(error instanceof HsmError)) throw error;
      const { code, category } = error as HsmError;
      errors[code] = (errors[code] ?? 0) + 1;
      categories.add(category);
    }
    longestMs = Math.max(longestMs, performance.now() - start);
    ended += 1;
    if (ended % Math.floor(count / 5) === 0) memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
    const [name, strike] = faults[struck.length] ?? [];
    if (
      name !== undefined &&
      strike !== undefined &&
      ended >= ((struck.length + 1) * count) / (faults.length + 1)
    ) {
      struck.push(name);
      striking.push(strike());
    }
  };
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (begun < count) await oneMore(begun++);
    }),
  );
  await Promise.all(striking);
  // The last word is a signature without a restart of anything.
  await after(waitMs / 2);
  for (const signer of signers) await signAndVerify(signer, Buffer.from('at the end'));
  await token.close();
  return {
    signed: signed - signers.length,
    wrong,
    errors,
    categories: [...categories],
    longestMs: Math.round(longestMs),
    struck,
    memory,
    states,
  };
}

const [directory = '', modulePath = '', label = '', count = '', waitMs = ''] = process.argv.slice(2);
main(directory, modulePath, label, Number(count), Number(waitMs)).then(
  (outcome) => {
    process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
  },
  (error: unknown) => {
    console.error(error, readFileSync('/proc/self/status', 'utf8').split('\n')[0]);
    process.exit(1);
  },
);
