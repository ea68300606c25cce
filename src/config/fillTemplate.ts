/** Filling a configuration template: values are set in place, comments stay for the person who edits it later. */
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { readFileBounded } from './files';
import { TEMPLATES } from './templates';
import { MAX_YAML_BYTES } from './yaml';

/** @param values by dotted path, e.g. `hsm.module`; a value replaces what the template has there */
export async function fillTemplate(name: string, values: Readonly<Record<string, unknown>>): Promise<string> {
  const text = await readFileBounded(join(TEMPLATES, name), MAX_YAML_BYTES);
  const document = parseDocument(text.toString('utf8'));
  for (const [path, value] of Object.entries(values)) {
    document.setIn(path.split('.'), typeof value === 'object' ? document.createNode(value) : value);
  }
  return document.toString({ lineWidth: 0 });
}
