/** What can be wrong with a stored journal. */
import { errorText } from '../text';

export const ledgerErrors = {
  JOURNAL_UNKNOWN: errorText<{ origin: string }>(
    'refused',
    (p) => `No journal ${p.origin} is kept here.`,
    (p) => `Ở đây không lưu nhật ký ${p.origin}.`,
  ),
  ENTRY_MISSING: errorText<{ origin: string; index: number }>(
    'integrity',
    (p) => `Entry ${p.index} of the journal ${p.origin} is missing from the database.`,
    (p) => `Mục ${p.index} của nhật ký ${p.origin} không còn trong cơ sở dữ liệu.`,
  ),
  ENTRY_DAMAGED: errorText<{ origin: string; index: number; reason: string }>(
    'integrity',
    (p) => `Entry ${p.index} of the journal ${p.origin} is not what was written: ${p.reason}.`,
    (p) => `Mục ${p.index} của nhật ký ${p.origin} không còn như khi ghi: ${p.reason}.`,
  ),
  TREE_DAMAGED: errorText<{ origin: string; what: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The stored tree of the journal ${p.origin} is damaged: ${p.what} is ${p.found}, the entries give ${p.expected}.`,
    (p) =>
      `Cây đã lưu của nhật ký ${p.origin} bị hỏng: ${p.what} là ${p.found}, tính từ các mục là ${p.expected}.`,
  ),
  RULE_BROKEN: errorText<{ origin: string; index: number; finding: string }>(
    'integrity',
    (p) => `Entry ${p.index} of the journal ${p.origin} breaks a rule (${p.finding}).`,
    (p) => `Mục ${p.index} của nhật ký ${p.origin} vi phạm quy tắc (${p.finding}).`,
  ),
  DOCUMENT_DAMAGED: errorText<{ what: string; reason: string }>(
    'integrity',
    (p) => `What is stored as ${p.what} is not what was stored: ${p.reason}`,
    (p) => `Nội dung lưu dưới tên ${p.what} không còn như khi lưu: ${p.reason}`,
  ),
  RECORD_DIFFERS: errorText<{ origin: string; what: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `${p.what} in the database differs from the journal ${p.origin}: found ${p.found}, the entries give ${p.expected}.`,
    (p) =>
      `${p.what} trong cơ sở dữ liệu khác với nhật ký ${p.origin}: gặp ${p.found}, tính từ các mục là ${p.expected}.`,
  ),
} as const;
