/** What a party gets from the command it works in. */
import { randomBytes } from 'node:crypto';
import type { Surroundings } from '../surroundings';
import type { Context } from './command';
import { pinPrompt } from './pin';

export function partySurroundings(context: Context<string | undefined>): Surroundings {
  return { clock: context.clock, logger: context.logger, random: randomBytes, ...pinPrompt(context) };
}
