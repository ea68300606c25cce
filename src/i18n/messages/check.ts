/** What a check is called, and what to do where it does not pass. */
import { text } from '../text';

export interface CheckTexts {
  readonly title: ReturnType<typeof text>;
  readonly advice: ReturnType<typeof text>;
}

export function check(titleEn: string, titleVi: string, adviceEn: string, adviceVi: string): CheckTexts {
  return {
    title: text(
      () => titleEn,
      () => titleVi,
    ),
    advice: text(
      () => adviceEn,
      () => adviceVi,
    ),
  };
}
