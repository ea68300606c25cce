/** `backup` and `restore`, alike in both programs but for what follows a restore. */
import { resolve } from 'node:path';
import {
  readPrivateKey,
  readRecipient,
  restoreBackup,
  writeBackup,
  type Manifest,
  type Party,
  type PartyKind,
} from '../backup';
import { readFileBounded } from '../config';
import { filled, type Phrase } from '../i18n';
import { backupTexts as texts } from '../i18n/messages/backup';
import { defineCommand, type Command } from './command';
import { fingerprint } from './values';
import { packageVersion } from './version';

const MAX_PASSPHRASE = 1024;

/** What one program's backups have of their own. */
export interface BackupSide {
  readonly kind: PartyKind;
  party(directory: string): Promise<{ readonly party: Party; readonly recipients: readonly string[] }>;
  /** Makes a restored directory what it has to be before it is put in place. */
  prepare(stage: string, manifest: Manifest, now: Date): Promise<void>;
  /** What is to be done after a restore. */
  readonly steps: Phrase;
}

export function backupCommands(side: BackupSide): readonly Command[] {
  const { program } = side.kind;
  const backup = defineCommand({
    path: 'backup',
    summary: texts.backup,
    description: texts.backupDescription,
    example: [
      `${program} backup /backup/2026-11-26.backup`,
      `${program} backup /backup/2026-11-26.backup --recipient safe-1.crt --recipient safe-2.crt --json`,
    ],
    arguments: [{ name: 'file', summary: texts.file, required: true }],
    options: {
      recipient: { flag: '--recipient <file>', summary: texts.recipient, repeatable: true },
      replace: { flag: '--replace', summary: texts.replace },
    },
    handler: async ({ directory, clock, progress }, input) => {
      const { party, recipients } = await side.party(directory);
      const files = input.recipient.length > 0 ? input.recipient.map((one) => resolve(one)) : recipients;
      const task = progress.start(texts.backingUp);
      const made = await writeBackup(party, input.file, {
        recipients: await Promise.all(files.map(readRecipient)),
        software: { name: 'subca-kit', version: packageVersion() },
        now: clock(),
        replace: input.replace,
        progress: (octets) => {
          task.advance(octets);
        },
      });
      task.stop();
      return { json: made, text: (lang) => texts.made[lang](made) };
    },
  });
  const restore = defineCommand({
    path: 'restore',
    summary: texts.restore,
    description: texts.restoreDescription,
    example: [
      `${program} restore /backup/2026-11-26.backup --key safe-1.key --dir /var/lib/${program}`,
      `${program} restore 2026-11-26.backup --key safe-1.key --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
    ],
    arguments: [{ name: 'file', summary: texts.file, required: true }],
    options: {
      key: { flag: '--key <file>', summary: texts.key, required: true },
      keyPassphraseFile: { flag: '--key-passphrase-file <file>', summary: texts.keyPassphraseFile },
      sha256: { flag: '--sha256 <hash>', summary: texts.sha256, parse: fingerprint },
    },
    handler: async (context, { file, key: keyName, keyPassphraseFile, sha256 }) => {
      const { directory, clock } = context;
      const key = await readPrivateKey(keyName, async () => {
        if (keyPassphraseFile === undefined) {
          const option = '--key-passphrase-file';
          return context.ask(filled(texts.askPassphrase, { key: keyName }), { secret: true, option });
        }
        const content = await readFileBounded(keyPassphraseFile, MAX_PASSPHRASE);
        return content.toString('utf8').replace(/\r?\n$/, '');
      });
      const task = context.progress.start(texts.restoring);
      const manifest = await restoreBackup(side.kind, file, directory, {
        key,
        keyName,
        sha256,
        progress: (octets) => {
          task.advance(octets);
        },
        prepare: (stage, restored) => side.prepare(stage, restored, clock()),
      });
      task.stop();
      const { name, time, software, journals } = manifest;
      return {
        json: { directory, name, time, software, journals },
        text: (lang) =>
          [
            texts.restored[lang]({ directory, name, time, version: software.version }),
            side.steps[lang]({}),
          ].join('\n'),
      };
    },
  });
  return [backup, restore];
}
