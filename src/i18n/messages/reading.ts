/** What `subca verify` and `rootca verify` say of a long re-reading. */
import { text } from '../text';

export const readingTexts = {
  resumeOption: text(
    () => 'after a reading that was cut off: do not check again the signatures that held then',
    () => 'sau lần kiểm tra bị ngắt: không kiểm tra lại những chữ ký đã đúng khi đó',
  ),
} as const;
