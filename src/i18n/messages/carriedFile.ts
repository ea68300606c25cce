/** What both programs say of a file that is carried between node and root. */
import { text } from '../text';

export const carriedFileTexts = {
  readAloud: text<{ file: string }>(
    (p) => `SHA-256 of ${p.file}. Read it to each other by telephone; it must be the same at both ends:`,
    (p) => `SHA-256 của ${p.file}. Hãy đọc cho nhau nghe qua điện thoại; hai bên phải giống nhau:`,
  ),
} as const;
