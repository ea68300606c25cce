/** The folder of a ceremony: its script in every form, its log, and at the end its record. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBounded, writeFileDurably } from '../config';
import { tryLock } from '../db';
import { LANGS } from '../i18n';
import { CeremonyError } from './errors';
import { scriptMarkdown } from './markdown';
import { paperOf } from './paper';
import { scriptPdf } from './pdf';
import { readScript, type PinnedScript, type Software } from './script';

export const MAX_SCRIPT_BYTES = 1024 * 1024;

export interface FolderPaths {
  readonly folder: string;
  readonly script: string;
  readonly log: string;
  /** The list of the installed files, as `sha256sum` writes it. */
  readonly software: string;
  readonly record: string;
  /** What `openssl` needs to check the record's signatures. */
  readonly openssl: string;
  /** Lock files of the commands that work here. */
  readonly run: string;
}

export function folderPaths(folder: string): FolderPaths {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    script: at('script.json'),
    log: at('log.jsonl'),
    software: at('software.sha256'),
    record: at('record.dsse'),
    openssl: at('openssl'),
    run: at('run'),
  };
}

/**
 * Writes the script as JSON, Markdown and PDF in both languages. A script that no ceremony has begun by is replaced.
 * @throws CeremonyError `CEREMONY_BEGUN`; ConfigError
 */
export async function writeScript(folder: string, pinned: PinnedScript): Promise<void> {
  const paths = folderPaths(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (existsSync(paths.log)) throw new CeremonyError('CEREMONY_BEGUN', { folder });
  for (const lang of LANGS) {
    const paper = paperOf(pinned, lang);
    await writeFileDurably(join(folder, `script.${lang}.md`), scriptMarkdown(paper));
    await writeFileDurably(join(folder, `script.${lang}.pdf`), await scriptPdf(paper));
  }
  await writeFileDurably(paths.script, pinned.bytes);
}

/** @throws CeremonyError `CEREMONY_UNKNOWN`, `SCRIPT_ALTERED`, `SCRIPT_OF_OTHER_VERSION` */
export async function readFolderScript(paths: FolderPaths, software: Software): Promise<PinnedScript> {
  const { folder, script } = paths;
  if (!existsSync(script)) throw new CeremonyError('CEREMONY_UNKNOWN', { folder });
  return readScript(await readFileBounded(script, MAX_SCRIPT_BYTES), software, script);
}

/** Does the work while no other command works on this ceremony. @throws CeremonyError `CEREMONY_RUNNING` */
export async function alone<T>({ folder, run }: FolderPaths, work: () => Promise<T>): Promise<T> {
  await mkdir(run, { recursive: true, mode: 0o700 });
  const lock = await tryLock(run, 'ceremony');
  if (lock === undefined) throw new CeremonyError('CEREMONY_RUNNING', { folder });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
