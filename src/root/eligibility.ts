/** The root operator's eligibility policy, and applications laid against it. */
import { existsSync } from 'node:fs';
import { readFileBounded, readYaml } from '../config';
import {
  evaluate,
  policySchema,
  shownBy,
  type Evaluation,
  type OpenedApplication,
  type Policy,
} from '../delegation';
import { sha256Hex } from '../signer';
import type { RootCa } from './root';

const MAX_POLICY = 1_048_576;

export interface PolicyInForce {
  readonly value: Policy;
  /** Of the file. */
  readonly sha256: string;
}

/** @returns `undefined` where the root has no policy: then people alone judge. @throws ConfigError `CONFIG_INVALID` */
async function readPolicy(root: RootCa): Promise<PolicyInForce | undefined> {
  const { eligibility: file } = root.paths;
  if (!existsSync(file)) return undefined;
  const bytes = await readFileBounded(file, MAX_POLICY);
  return { value: readYaml(bytes.toString('utf8'), policySchema, file), sha256: sha256Hex(bytes) };
}

export interface LaidOut {
  readonly policy: PolicyInForce;
  readonly evaluation: Evaluation;
}

/** @returns `undefined` where there is no policy, or nothing for it to weigh: the application for a next CA key */
export async function layOut(root: RootCa, application: OpenedApplication): Promise<LaidOut | undefined> {
  const shown = shownBy(application);
  if (shown === undefined) return undefined;
  const policy = await readPolicy(root);
  return policy && { policy, evaluation: evaluate(policy.value, shown, root.now()) };
}
