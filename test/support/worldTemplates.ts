/**
 * Worlds made once and copied: what most system tests begin with is the same, and takes ten commands to make. A worker
 * keeps its own, because the ports of a world's services stand in its certificates, and runs one test file at a time.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = 'WORLD_TEMPLATES';
/** What holds the path of its own world. */
const SITUATED = ['softhsm2.conf', 'root/config.yaml', 'node/config.yaml'];

/** Before all tests: a place for the templates, which the workers inherit. */
export function makeTemplateFolder(): void {
  process.env[FOLDER] = mkdtempSync(join(tmpdir(), 'subca-templates-'));
}

export function removeTemplateFolder(): void {
  const folder = templateFolder();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** Where all workers may keep what they share; gone after the last test file. */
export function templateFolder(): string | undefined {
  return process.env[FOLDER];
}

function templateOf(stage: string): string | undefined {
  const folder = templateFolder();
  return folder && join(folder, `${process.env['JEST_WORKER_ID'] ?? '0'}-${stage}`);
}

/** Keeps a world as it is now. @param directory of the world, in which no process is at work */
export function keepTemplate(stage: string, directory: string): void {
  const template = templateOf(stage);
  if (template === undefined || existsSync(template)) return;
  cpSync(directory, `${template}.new`, { recursive: true });
  writeFileSync(join(`${template}.new`, 'made-in'), directory);
  renameSync(`${template}.new`, template);
}

/** Fills an empty directory with a world that was kept. @returns whether there is one */
export function copyTemplate(stage: string, directory: string): boolean {
  const template = templateOf(stage);
  if (template === undefined || !existsSync(template)) return false;
  cpSync(template, directory, { recursive: true });
  const origin = readFileSync(join(directory, 'made-in'), 'utf8');
  for (const name of SITUATED) {
    const file = join(directory, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(origin, directory));
  }
  rmSync(join(directory, 'made-in'));
  return true;
}
