/** What can be wrong at one place of an input: short labels, set before `found` and `allowed`. */
import { text } from '../text';

export const problemTexts = {
  UNKNOWN_KEY: text(
    () => 'unknown key',
    () => 'tên mục không được biết đến',
  ),
  MISSING: text(
    () => 'missing',
    () => 'còn thiếu',
  ),
  BAD_VALUE: text(
    () => 'value not allowed',
    () => 'giá trị không được phép',
  ),
  UNREADABLE: text(
    () => 'cannot be read',
    () => 'không đọc được',
  ),
  DUPLICATE: text(
    () => 'given twice',
    () => 'bị lặp',
  ),
  LINT: text(
    () => 'breaks a rule for certificates',
    () => 'vi phạm quy tắc về chứng thư',
  ),
  OUTSIDE_GRANT: text(
    () => 'outside the grant',
    () => 'ngoài phạm vi ủy quyền',
  ),
  UNMET: text(
    () => 'criterion not met',
    () => 'chưa đạt tiêu chí',
  ),
} as const;

export type ProblemCode = keyof typeof problemTexts;
