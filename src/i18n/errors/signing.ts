/** What can go wrong with a signature that was asked for. */
import { errorText } from '../text';

export const signingErrors = {
  SIGNATURE_WRONG: errorText<{ what: string; key: string }>(
    'integrity',
    (p) =>
      `What the token gave as a signature on ${p.what} is none by the key ${p.key}. Nothing was released; have the HSM checked.`,
    (p) =>
      `Kết quả ký ${p.what} mà HSM trả về không phải chữ ký đúng của khóa ${p.key}. Chưa phát hành gì; hãy kiểm tra HSM.`,
  ),
} as const;
