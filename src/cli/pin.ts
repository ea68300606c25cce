/** The options that say where a PIN comes from, and the question for it. */
import { resolve } from 'node:path';
import type { PinSource } from '../hsm';
import { filled } from '../i18n';
import { subcaTexts } from '../i18n/messages/subca';
import type { Context } from './command';

/** Where the PIN comes from this time, instead of what the configuration says. */
export const pinOptions = {
  pinFile: { flag: '--pin-file <file>', summary: subcaTexts.pinFile },
  pinEnv: { flag: '--pin-env <name>', summary: subcaTexts.pinEnv },
} as const;

export interface PinInput {
  readonly pinFile: string | undefined;
  readonly pinEnv: string | undefined;
}

export function pinSource({ pinFile, pinEnv }: PinInput): PinSource | undefined {
  if (pinFile !== undefined) return { file: resolve(pinFile) };
  return pinEnv === undefined ? undefined : { env: pinEnv };
}

/** Asks for a token's PIN where there is a person to ask. */
export function pinPrompt(context: Context<string | undefined>): {
  readonly askPin?: (tokenLabel: string) => Promise<string>;
} {
  if (!context.interactive) return {};
  return { askPin: (token) => context.ask(filled(subcaTexts.askPin, { token }), { secret: true }) };
}
