/** What can be wrong with a stored journal. */
import { toldFinding } from '../messages/findingCodes';
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
  CERTIFICATE_REMOVED: errorText<{ origin: string; index: number }>(
    'refused',
    (p) =>
      `The certificate of entry ${p.index} of the journal ${p.origin} was removed after the time it had to be kept. Its serial number, dates and status are still on record; the certificate itself is only in copies made before.`,
    (p) =>
      `Chứng thư của mục ${p.index} trong nhật ký ${p.origin} đã được xóa sau khi hết thời hạn lưu trữ. Số hiệu, thời hạn và trạng thái của chứng thư vẫn còn được lưu; bản thân chứng thư chỉ còn trong những bản sao lập trước đó.`,
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
    (p) => `Entry ${p.index} of the journal ${p.origin} breaks a rule: ${toldFinding(p.finding, 'en')}.`,
    (p) => `Mục ${p.index} của nhật ký ${p.origin} vi phạm quy tắc: ${toldFinding(p.finding, 'vi')}.`,
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

  // The mirror
  MIRROR_UNAVAILABLE: errorText<{ file: string; reason: string }>(
    'unavailable',
    (p) =>
      `The mirror of the journal cannot be written: ${p.file} (${p.reason}). No certificate is released until it can; revocation, CRLs and status checks go on. Check that the second disk is mounted, has space and belongs to this user; then repeat the command.`,
    (p) =>
      `Không ghi được bản song hành của nhật ký: ${p.file} (${p.reason}). Chưa giao chứng thư nào cho đến khi ghi được; việc thu hồi, CRL và kiểm tra trực tuyến vẫn tiếp tục. Hãy kiểm tra ổ đĩa thứ hai đã gắn, còn chỗ trống và thuộc người dùng này; sau đó chạy lại lệnh.`,
  ),
  MIRROR_DAMAGED: errorText<{ file: string; reason: string }>(
    'integrity',
    (p) =>
      `The mirror of the journal ${p.file} is damaged: ${p.reason}. No certificate is released. Run "subca verify"; if the database holds, move this file aside, and the next command makes it anew.`,
    (p) =>
      `Bản song hành của nhật ký ${p.file} bị hỏng: ${p.reason}. Chưa giao chứng thư nào. Hãy chạy "subca verify"; nếu cơ sở dữ liệu không có lỗi, chuyển tệp này sang chỗ khác, lệnh tiếp theo sẽ lập lại.`,
  ),
  MIRROR_AHEAD: errorText<{ origin: string; mirror: number; own: number }>(
    'integrity',
    (p) =>
      `The mirror holds ${p.mirror} entries of ${p.origin}, but the database here has only ${p.own}: it is an old copy. Nothing more is issued from it; put the newest copy of the data directory in its place, or take the missing entries: subca recover.`,
    (p) =>
      `Bản song hành giữ ${p.mirror} mục của ${p.origin}, nhưng cơ sở dữ liệu ở đây chỉ có ${p.own}: đây là bản sao cũ. Không cấp chứng thư từ bản này nữa; hãy đưa bản mới nhất của thư mục dữ liệu vào thay, hoặc lấy lại phần thiếu: subca recover.`,
  ),
  MIRROR_DIFFERS: errorText<{ origin: string; index: number }>(
    'integrity',
    (p) =>
      `Entry ${p.index} of ${p.origin} is not the same in the mirror and in the database: one of them was put back to an old copy and went on. Nothing more is issued: subca recover.`,
    (p) =>
      `Mục ${p.index} của ${p.origin} trong bản song hành và trong cơ sở dữ liệu không giống nhau: một bên là bản sao cũ đã được ghi tiếp. Không cấp chứng thư nữa; hãy chạy: subca recover.`,
  ),
} as const;
