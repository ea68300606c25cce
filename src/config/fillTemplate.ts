/** Filling a configuration: values are set in place, comments stay for the person who edits it later. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { readFileBounded } from './files';
import { TEMPLATES } from './templates';
import { MAX_YAML_BYTES, readYaml } from './yaml';

/**
 * The content of a configuration file with values set: of the file itself where there is one, otherwise of the template.
 * It is held to the schema, so that nothing is written which would be refused at the next reading.
 * @param file where it is to lie
 * @param values by dotted path, e.g. `hsm.module`; a value replaces what stands there
 * @throws ConfigError `CONFIG_INVALID`
 */
export async function filledConfig(
  file: string,
  template: string,
  values: Readonly<Record<string, unknown>>,
  schema: z.ZodType,
): Promise<string> {
  const source = existsSync(file) ? file : join(TEMPLATES, template);
  const document = parseDocument((await readFileBounded(source, MAX_YAML_BYTES)).toString('utf8'));
  for (const [path, value] of Object.entries(values)) {
    document.setIn(path.split('.'), typeof value === 'object' ? document.createNode(value) : value);
  }
  const content = document.toString({ lineWidth: 0 });
  readYaml(content, schema, file);
  return content;
}
