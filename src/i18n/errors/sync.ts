/** What can be wrong with a submission or a reply. */
import { errorText } from '../text';

export const syncErrors = {
  SUBMISSION_MALFORMED: errorText<{ reason: string }>(
    'integrity',
    (p) => `The submission is damaged or is none: ${p.reason}. Make it again with "subca sync export".`,
    (p) => `Tệp gửi đồng bộ bị hỏng hoặc không đúng loại: ${p.reason}. Hãy tạo lại bằng "subca sync export".`,
  ),
  REPLY_MALFORMED: errorText<{ reason: string }>(
    'integrity',
    (p) => `The root's reply is damaged or is none: ${p.reason}.`,
    (p) => `Trả lời của CA gốc bị hỏng hoặc không đúng loại: ${p.reason}.`,
  ),
} as const;
