/** What can be wrong with DER bytes. */
import { errorText } from '../text';

export const asn1Errors = {
  TOO_LARGE: errorText<{ what: string; size: number; limit: number }>(
    'input',
    (p) => `${p.what} is ${p.size} bytes long; at most ${p.limit} are read.`,
    (p) => `${p.what} dài ${p.size} byte; chỉ đọc tối đa ${p.limit} byte.`,
  ),
  NOT_DER: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `${p.what} is not valid DER: ${p.reason}.`,
    (p) => `${p.what} không phải DER hợp lệ: ${p.reason}.`,
  ),
  UNEXPECTED: errorText<{ what: string; found: string; expected: string }>(
    'input',
    (p) => `${p.what}: found ${p.found}, expected ${p.expected}.`,
    (p) => `${p.what}: gặp ${p.found}, cần ${p.expected}.`,
  ),
} as const;
