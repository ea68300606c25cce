/** A long re-reading, by `subca verify` or `rootca verify`: told while it goes on, and resumed after it was cut off. */
import { readingTexts as texts } from '../i18n/messages/reading';
import { VerifyProgress, type Reading } from '../ledger';
import type { Task } from './progress';

export const resumeOption = { resume: { flag: '--resume', summary: texts.resumeOption } } as const;

/** @param file which tells how far the last one came */
export async function reading(file: string, resume: boolean, task: Task): Promise<Reading> {
  return {
    advance: (entries) => {
      task.advance(entries);
    },
    progress: await VerifyProgress.open(file, { resume }),
  };
}
