/** Reading a YAML file from disk. */
import type { z } from 'zod';
import { ConfigError } from './errors';
import { readFileBounded } from './files';
import { MAX_YAML_BYTES, readYaml } from './yaml';

/**
 * Reads a YAML file and holds it to the schema.
 * @throws ConfigError `FILE_NOT_READ`, `FILE_TOO_LARGE`, and `CONFIG_INVALID` for its contents
 */
export async function readYamlFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const bytes = await readFileBounded(path, MAX_YAML_BYTES);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError('FILE_NOT_READ', { file: path, reason: 'not UTF-8' }, { cause });
  }
  return readYaml(text, schema, path);
}
