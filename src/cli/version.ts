/** The version of this package. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Read from `package.json`, which lies two folders above this file, in the sources as in the build. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
