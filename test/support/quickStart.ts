/** How programs start in two thirds of the time; `codeCache.cjs` tells what it does. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { templateFolder } from './worldTemplates';

const HOOK = join(__dirname, 'codeCache.cjs');

/** What to add to the environment of programs. The first caller makes the cache. */
export function quickStart(): NodeJS.ProcessEnv {
  const folder = templateFolder();
  if (folder === undefined) return {};
  const cache = join(folder, 'code.cache');
  if (!existsSync(cache)) execFileSync(process.execPath, [HOOK, cache], { stdio: 'pipe' });
  return { NODE_OPTIONS: requiring(HOOK, process.env), CODE_CACHE: cache };
}

/** Node's options with a script that is loaded before the program, beside those that are there already. */
export function requiring(script: string, { NODE_OPTIONS = '' }: NodeJS.ProcessEnv): string {
  return `${NODE_OPTIONS} --require ${JSON.stringify(script)}`;
}
