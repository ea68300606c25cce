/** Reading a configuration for an examination: what is wrong with it is a finding, and no end of the examination. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { readYamlFile } from '../config';
import type { DatabasePlace } from '../db';
import { isCodedError } from '../errors';
import type { HsmConfig } from '../hsm';
import type { Subject } from './subject';

export type ReadConfiguration<T> =
  | { readonly config: T; readonly state: 'read' }
  | { readonly config: undefined; readonly state: Exclude<Subject['configuration'], 'read'> };

export async function readConfiguration<T>(
  file: string,
  schema: z.ZodType<T>,
): Promise<ReadConfiguration<T>> {
  if (!existsSync(file)) return { config: undefined, state: 'absent' };
  try {
    return { config: await readYamlFile(file, schema), state: 'read' };
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    const places = cause.problems.map(({ where, found, allowed }) => `${where}: ${found} → ${allowed}`);
    return { config: undefined, state: { wrong: [cause.code, ...places].join('; ') } };
  }
}

/** The files that PINs are read from. */
export function pinFiles({ tokens }: HsmConfig, directory: string): readonly string[] {
  return tokens.flatMap(({ pin }) => ('file' in pin ? [resolve(directory, pin.file)] : []));
}

/** The file that the password of a database is read from. */
export function passwordFiles(place: DatabasePlace): readonly string[] {
  const password = 'server' in place ? place.server.password : undefined;
  return password && 'file' in password ? [password.file] : [];
}
