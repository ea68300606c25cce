/** What can go wrong with making and restoring a backup. */
import { errorText } from '../text';

export const backupErrors = {
  NO_RECIPIENT: errorText(
    'input',
    () =>
      'A backup is encrypted to somebody. Name the certificate or public key of whoever may restore it: --recipient FILE, or backup.recipients in config.yaml.',
    () =>
      'Bản sao lưu phải được mã hóa cho người nhận. Hãy chỉ ra chứng thư hoặc khóa công khai của người được phép khôi phục: --recipient TỆP, hoặc backup.recipients trong config.yaml.',
  ),
  DATABASE_ON_SERVER: errorText<{ url: string }>(
    'input',
    (p) =>
      `The database is on a server, ${p.url}, and is backed up there: with pg_dump, or with the server's own base backups and archived log. See docs/operations.md.`,
    (p) =>
      `Cơ sở dữ liệu nằm trên máy chủ ${p.url} và được sao lưu tại đó: bằng pg_dump, hoặc bằng bản sao lưu toàn bộ cùng nhật ký lưu trữ của máy chủ. Xem docs/operations.md.`,
  ),
  BACKUP_EXISTS: errorText<{ file: string }>(
    'input',
    (p) =>
      `${p.file} is there already, and a backup is not written over by mistake. Name another file, or add --replace.`,
    (p) => `${p.file} đã tồn tại và không bị ghi đè do nhầm lẫn. Hãy chọn tên tệp khác, hoặc thêm --replace.`,
  ),
  BACKUP_IS_ANOTHER: errorText<{ file: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `${p.file} has the SHA-256 ${p.found}, not ${p.expected}: it was damaged, or is another file. Nothing of it was taken. Use the file to which that hash belongs.`,
    (p) =>
      `${p.file} có SHA-256 ${p.found}, không phải ${p.expected}: tệp đã hỏng hoặc là tệp khác. Chưa lấy gì từ tệp. Hãy dùng đúng tệp có giá trị băm đó.`,
  ),
  BACKUP_RUNNING: errorText(
    'unavailable',
    () => 'Another backup of this directory is being made. Wait for it to end.',
    () => 'Một lệnh sao lưu khác đang chạy trên thư mục này. Hãy chờ lệnh đó xong.',
  ),
  BACKUP_CHANGED: errorText<{ file: string }>(
    'unavailable',
    (p) => `${p.file} was changed while it was copied. Nothing was written; repeat the command.`,
    (p) => `${p.file} bị thay đổi trong khi sao chép. Chưa ghi gì; hãy chạy lại lệnh.`,
  ),
  BACKUP_TOO_LARGE: errorText<{ size: number; limit: number }>(
    'input',
    (p) => `The backup would have ${p.size} bytes; one key encrypts at most ${p.limit} safely.`,
    (p) => `Bản sao lưu sẽ có ${p.size} byte; một khóa chỉ mã hóa an toàn tối đa ${p.limit} byte.`,
  ),
  TOO_MANY_FILES: errorText<{ path: string; limit: number }>(
    'input',
    (p) =>
      `The data directory holds more than ${p.limit} files of the node or root (up to ${p.path}). Move elsewhere what does not belong there.`,
    (p) =>
      `Thư mục dữ liệu có hơn ${p.limit} tệp của nút hoặc CA gốc (đến ${p.path}). Hãy chuyển những tệp không thuộc về đó sang chỗ khác.`,
  ),
  BACKUP_UNREADABLE: errorText<{ file: string; reason: string }>(
    'integrity',
    (p) =>
      `${p.file} is not a whole backup: ${p.reason}. Nothing was put in place. Compare its SHA-256 with what "backup" told, and take another copy.`,
    (p) =>
      `${p.file} không phải bản sao lưu nguyên vẹn: ${p.reason}. Chưa đặt gì vào thư mục. Hãy so SHA-256 của tệp với giá trị lệnh "backup" đã báo, và dùng bản khác.`,
  ),
  BACKUP_OF_OTHER: errorText<{ file: string; found: string; expected: string }>(
    'input',
    (p) => `${p.file} is a backup made by ${p.found}; restore it with that program, not with ${p.expected}.`,
    (p) => `${p.file} do ${p.found} sao lưu; hãy khôi phục bằng chương trình đó, không phải ${p.expected}.`,
  ),
  BACKUP_NEWER: errorText<{ file: string; version: string }>(
    'input',
    (p) =>
      `${p.file} was made by version ${p.version}, whose form this one does not know. Install that version.`,
    (p) =>
      `${p.file} do phiên bản ${p.version} tạo ra, phiên bản này chưa biết dạng đó. Hãy cài phiên bản đó.`,
  ),
  KEY_OPENS_NOTHING: errorText<{ file: string; key: string }>(
    'refused',
    (p) => `${p.file} is not encrypted to the key in ${p.key}. Use the key of one of its recipients.`,
    (p) =>
      `${p.file} không được mã hóa cho khóa trong ${p.key}. Hãy dùng khóa của một trong những người nhận.`,
  ),
  KEY_UNUSABLE: errorText<{ key: string }>(
    'input',
    (p) =>
      `${p.key} cannot be used: it must be a private key in PEM, RSA or EC (P-256, P-384), and the passphrase must be right.`,
    (p) =>
      `Không dùng được ${p.key}: phải là khóa bí mật dạng PEM, RSA hoặc EC (P-256, P-384), và mật khẩu phải đúng.`,
  ),
  DIRECTORY_NOT_EMPTY: errorText<{ directory: string; found: string }>(
    'input',
    (p) =>
      `${p.directory} is not empty (${p.found}), and nothing is ever restored over what is there. Name a new --dir, or move the old directory away, and keep it.`,
    (p) =>
      `${p.directory} không trống (${p.found}); không bao giờ khôi phục đè lên nội dung đang có. Hãy chỉ ra --dir mới, hoặc chuyển thư mục cũ sang chỗ khác và giữ lại.`,
  ),
} as const;
