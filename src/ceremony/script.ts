/** The script of a ceremony: plan, software version and steps in one canonical JSON text, known by its SHA-256. */
import { z } from 'zod';
import { parseCanonicalJson } from '../encoding';
import { sha256Hex } from '../signer';
import { CeremonyError } from './errors';
import { planSchema, type Plan } from './plan';
import { stepsOf, type Step } from './steps';

/** How a program names itself. */
export interface Software {
  readonly name: string;
  readonly version: string;
}

export interface Script {
  readonly version: 1;
  readonly rehearsal: boolean;
  readonly software: Software;
  readonly plan: Plan;
  readonly steps: readonly Step[];
}

/** A script with the very bytes it is known by. */
export interface PinnedScript {
  readonly script: Script;
  readonly bytes: Buffer;
  readonly sha256: string;
}

export function makeScript(plan: Plan, software: Software, rehearsal: boolean): PinnedScript {
  const { name, version } = software;
  const planned = rehearsal ? planOfRehearsal(plan) : plan;
  const script: Script = {
    version: 1,
    rehearsal,
    software: { name, version },
    plan: planned,
    steps: stepsOf(planned, version),
  };
  const bytes = Buffer.from(JSON.stringify(script), 'utf8');
  return { script, bytes, sha256: sha256Hex(bytes) };
}

const headSchema = z.looseObject({
  version: z.literal(1),
  rehearsal: z.boolean(),
  software: z.strictObject({ name: z.string().max(100), version: z.string().max(100) }),
  plan: planSchema,
});

/**
 * What a script says of itself, whichever version of the software wrote it; its steps are not judged.
 * @throws CeremonyError `SCRIPT_ALTERED` when it is no canonical script
 */
export function readScriptHead(
  bytes: Buffer,
  file: string,
): Pick<PinnedScript, 'sha256'> & Omit<Script, 'steps'> {
  const read = headSchema.safeParse(parseCanonicalJson(bytes));
  if (!read.success) throw new CeremonyError('SCRIPT_ALTERED', { file }, { cause: read.error });
  const { version, rehearsal, software, plan } = read.data;
  return { version, rehearsal, software, plan, sha256: sha256Hex(bytes) };
}

/**
 * Reads the script a ceremony goes by: it must be byte for byte what this software makes of its plan.
 * @throws CeremonyError `SCRIPT_ALTERED`, `SCRIPT_OF_OTHER_VERSION`
 */
export function readScript(bytes: Buffer, software: Software, file: string): PinnedScript {
  const head = readScriptHead(bytes, file);
  const { name, version } = head.software;
  if (name !== software.name || version !== software.version) {
    const [planned, running] = [`${name} ${version}`, `${software.name} ${software.version}`];
    throw new CeremonyError('SCRIPT_OF_OTHER_VERSION', { planned, running });
  }
  const made = makeScript(head.plan, software, head.rehearsal);
  if (!made.bytes.equals(bytes)) throw new CeremonyError('SCRIPT_ALTERED', { file });
  return made;
}

/** Throw-away tokens have other serial numbers and no certification; everything else is as it will be. */
function planOfRehearsal(plan: Plan): Plan {
  return {
    ...plan,
    people: plan.people.map(({ token, ...person }) => ({
      ...person,
      ...(token !== undefined && { token: { label: token.label } }),
    })),
    tokens: plan.tokens.map(({ label }) => ({ label })),
    policy: {
      certifiedHsm: 'recorded',
      ...(plan.policy.deviceProbe !== undefined && { deviceProbe: 'recorded' }),
    },
  };
}
