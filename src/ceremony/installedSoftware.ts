/** What is installed: every file of the package and of the packages it runs on, as a list `sha256sum -c` can check. */
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { sha256Hex } from '../signer';

/** Two folders above this file, in the sources as in the build. */
const PACKAGE = join(__dirname, '..', '..');
/** What of the package is shipped. */
const SHIPPED = ['bin', 'config-templates', 'dist'] as const;

export interface InstalledFiles {
  /** One line per file, `<sha256>  <path from the package>`, sorted by path in the order of its bytes. */
  readonly list: string;
  readonly count: number;
  /** SHA-256 of the list. */
  readonly sha256: string;
}

/** Files whose names begin with a dot are left out: they are marks of the installation. */
export async function installedFiles(packageFolder = PACKAGE): Promise<InstalledFiles> {
  const own = SHIPPED.map((name) => join(packageFolder, name)).filter((folder) => existsSync(folder));
  const folders = [...own, ...(await dependenciesOf(packageFolder))];
  const files = [join(packageFolder, 'package.json'), ...(await Promise.all(folders.map(filesUnder))).flat()];
  const lines: (readonly [path: string, line: string])[] = [];
  for (const file of files) {
    const path = relative(packageFolder, file);
    // Thousands of small files: a stream for each would take fifteen times as long.
    lines.push([path, `${sha256Hex(readFileSync(file))}  ${path}\n`]);
  }
  lines.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const list = lines.map(([, line]) => line).join('');
  return { list, count: lines.length, sha256: sha256Hex(list) };
}

/** Nested packages are listed by themselves, where they are needed. */
async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const inner = entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map(async (entry): Promise<readonly string[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(path);
      return entry.isFile() ? [path] : [];
    });
  return (await Promise.all(inner)).flat();
}

/** The folders of all packages that are needed to run, found as Node finds them. */
async function dependenciesOf(packageFolder: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const waiting = [packageFolder];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of await dependencyNames(folder)) {
      const place = placeOf(name, folder);
      // An optional package that does not fit this machine is not there.
      if (place === undefined || found.has(place)) continue;
      found.add(place);
      waiting.push(place);
    }
  }
  return found;
}

async function dependencyNames(folder: string): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  return Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
}

function placeOf(name: string, folder: string): string | undefined {
  for (let from = folder; ; from = dirname(from)) {
    const place = join(from, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return place;
    if (dirname(from) === from) return undefined;
  }
}
