/** What can go wrong with the database and its lock files. */
import { errorText } from '../text';

/** Which rule of a table a row broke; `other` is a trigger's refusal or a value of the wrong type. */
export type ConstraintKind = 'unique' | 'foreign-key' | 'check' | 'not-null' | 'other';

/** A database is named by its file or by the address of its server. */
const isServer = (p: { readonly file: string }): boolean => p.file.startsWith('postgresql:');

export const dbErrors = {
  DATABASE_UNAVAILABLE: errorText<{ file: string; reason: string }>(
    'unavailable',
    (p) =>
      `Database ${p.file} cannot be used: ${p.reason}. ${isServer(p) ? 'Check that the server runs, the address, the role and its rights.' : 'Check that the path exists, its owner and the disk.'}`,
    (p) =>
      `Không dùng được cơ sở dữ liệu ${p.file}: ${p.reason}. ${isServer(p) ? 'Hãy kiểm tra máy chủ đang chạy, địa chỉ, tài khoản và quyền của tài khoản.' : 'Hãy kiểm tra đường dẫn, chủ sở hữu tệp và ổ đĩa.'}`,
  ),
  DATABASE_BUSY: errorText<{ file: string; waitedMs: number }>(
    'unavailable',
    (p) =>
      `Database ${p.file} is locked by another process; waited ${p.waitedMs} ms. Try again when that process is done.`,
    (p) =>
      `Cơ sở dữ liệu ${p.file} đang bị tiến trình khác khóa; đã chờ ${p.waitedMs} ms. Hãy thử lại khi tiến trình đó xong việc.`,
  ),
  DATABASE_READ_ONLY: errorText<{ file: string }>(
    'unavailable',
    (p) =>
      `Database ${p.file} cannot be written. ${isServer(p) ? 'Check that it is the primary server and not a standby.' : 'Check the owner and mode of the file and its folder.'}`,
    (p) =>
      `Không ghi được vào cơ sở dữ liệu ${p.file}. ${isServer(p) ? 'Hãy kiểm tra đó là máy chủ chính, không phải máy chủ dự phòng.' : 'Hãy kiểm tra chủ sở hữu và quyền của tệp và thư mục chứa nó.'}`,
  ),
  DISK_FULL: errorText<{ file: string }>(
    'unavailable',
    (p) => `No space left to write database ${p.file}; the change was undone. Free some space and try again.`,
    (p) =>
      `Hết chỗ trống để ghi cơ sở dữ liệu ${p.file}; thay đổi đã được hoàn tác. Hãy giải phóng dung lượng rồi thử lại.`,
  ),
  DATABASE_DAMAGED: errorText<{ file: string; reason: string }>(
    'integrity',
    (p) => `${p.file} is not a sound database: ${p.reason}. Stop, keep it as it is, and restore a backup.`,
    (p) =>
      `${p.file} không phải cơ sở dữ liệu lành lặn: ${p.reason}. Hãy dừng lại, giữ nguyên hiện trạng và khôi phục từ bản sao lưu.`,
  ),
  PRAGMA_NOT_HELD: errorText<{ file: string; pragma: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `Database ${p.file} does not hold ${p.pragma}=${p.expected} (it says ${p.found}), so a crash could lose what was written. Put it on a local disk.`,
    (p) =>
      `Cơ sở dữ liệu ${p.file} không giữ được ${p.pragma}=${p.expected} (đang là ${p.found}), nên có thể mất dữ liệu khi gặp sự cố. Hãy đặt tệp trên ổ đĩa cục bộ.`,
  ),
  SETTING_NOT_HELD: errorText<{ file: string; setting: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The server of database ${p.file} has ${p.setting}=${p.found}, where ${p.expected} is needed to keep what was written through a crash. Change the server's configuration, or make the database anew.`,
    (p) =>
      `Máy chủ của cơ sở dữ liệu ${p.file} đang có ${p.setting}=${p.found}, trong khi cần ${p.expected} để không mất dữ liệu khi gặp sự cố. Hãy sửa cấu hình máy chủ hoặc tạo lại cơ sở dữ liệu.`,
  ),
  SCHEMA_SHARED: errorText<{ file: string; schema: string; roles: string }>(
    'input',
    (p) =>
      `In the schema ${p.schema} of database ${p.file}, other roles may create objects, or have created some: ${p.roles}. Whatever they put there could work with the rights of this program. Nothing was done. Make a schema of its own (CREATE SCHEMA … AUTHORIZATION …; "schema:" in config.yaml), or take that right away (REVOKE CREATE ON SCHEMA ${p.schema} FROM …) and what they created.`,
    (p) =>
      `Trong lược đồ ${p.schema} của cơ sở dữ liệu ${p.file}, vai trò khác có quyền tạo hoặc đã tạo đối tượng: ${p.roles}. Những gì họ đặt vào đó có thể hoạt động với quyền của chương trình này. Chưa thực hiện gì. Hãy tạo lược đồ riêng (CREATE SCHEMA … AUTHORIZATION …; "schema:" trong config.yaml), hoặc gỡ quyền đó (REVOKE CREATE ON SCHEMA ${p.schema} FROM …) và những gì họ đã tạo.`,
  ),
  COMMIT_UNCERTAIN: errorText<{ file: string }>(
    'unavailable',
    (p) =>
      `The connection to database ${p.file} was lost while a change was being committed: it is in the database as a whole or not at all. Run the same command again; it goes on from what is there.`,
    (p) =>
      `Mất kết nối tới cơ sở dữ liệu ${p.file} đúng lúc xác nhận một thay đổi: thay đổi đó hoặc đã được ghi trọn vẹn, hoặc hoàn toàn chưa. Hãy chạy lại chính lệnh đó; chương trình sẽ tiếp tục từ trạng thái đang có.`,
  ),
  PASSWORD_UNUSABLE: errorText<{ source: string; reason: string }>(
    'input',
    (p) =>
      `The database password cannot be taken from ${p.source}: ${p.reason}. It must be a regular file of mode 0600 that belongs to the user who runs this, with one line, or a systemd credential.`,
    (p) =>
      `Không lấy được mật khẩu cơ sở dữ liệu từ ${p.source}: ${p.reason}. Mật khẩu phải nằm trên một dòng của tệp thường có quyền 0600, thuộc về người dùng chạy chương trình, hoặc là thông tin xác thực của systemd.`,
  ),
  SCHEMA_NEWER: errorText<{ file: string; unknown: string }>(
    'input',
    (p) =>
      `Database ${p.file} was upgraded by a newer version of this program (${p.unknown}). Install that version.`,
    (p) =>
      `Cơ sở dữ liệu ${p.file} đã được phiên bản mới hơn của chương trình nâng cấp (${p.unknown}). Hãy cài phiên bản đó.`,
  ),
  SCHEMA_OLDER: errorText<{ file: string; pending: string }>(
    'input',
    (p) =>
      `Database ${p.file} was written by an older version of this program and lacks ${p.pending}. Run a command that may upgrade it.`,
    (p) =>
      `Cơ sở dữ liệu ${p.file} do phiên bản cũ hơn của chương trình ghi và còn thiếu ${p.pending}. Hãy chạy một lệnh được phép nâng cấp.`,
  ),
  MIGRATION_FAILED: errorText<{ file: string; migration: string; reason: string }>(
    'fault',
    (p) => `Upgrading database ${p.file} failed at ${p.migration} and was undone: ${p.reason}.`,
    (p) => `Nâng cấp cơ sở dữ liệu ${p.file} thất bại tại ${p.migration} và đã được hoàn tác: ${p.reason}.`,
  ),
  CONSTRAINT: errorText<{ kind: ConstraintKind; constraint: string }>(
    'fault',
    (p) => `A row breaks a ${p.kind} constraint of the database: ${p.constraint}.`,
    (p) => `Một dòng vi phạm ràng buộc ${p.kind} của cơ sở dữ liệu: ${p.constraint}.`,
  ),
  STATEMENT_FAILED: errorText<{ reason: string; statement: string }>(
    'fault',
    (p) => `The database refused a statement: ${p.reason}. Statement: ${p.statement}`,
    (p) => `Cơ sở dữ liệu không chấp nhận câu lệnh: ${p.reason}. Câu lệnh: ${p.statement}`,
  ),
  PARAMETER_TYPE: errorText<{ position: number; found: string; statement: string }>(
    'fault',
    (p) => `Parameter ${p.position} of a statement cannot be stored: ${p.found}. Statement: ${p.statement}`,
    (p) => `Không lưu được tham số thứ ${p.position} của câu lệnh: ${p.found}. Câu lệnh: ${p.statement}`,
  ),
  READER_CANNOT_WRITE: errorText<{ statement: string }>(
    'fault',
    (p) => `A statement outside a write transaction tried to change the database: ${p.statement}`,
    (p) => `Một câu lệnh nằm ngoài giao dịch ghi đã cố thay đổi cơ sở dữ liệu: ${p.statement}`,
  ),
  NESTED_TRANSACTION: errorText(
    'fault',
    () => 'Inside a transaction or snapshot of a store, only its own handle may be used.',
    () => 'Bên trong một giao dịch hoặc ảnh chụp dữ liệu, chỉ được dùng đối tượng của chính giao dịch đó.',
  ),
  TRANSACTION_OVER: errorText<{ statement: string }>(
    'fault',
    (p) => `A statement came after its transaction had ended: ${p.statement}`,
    (p) => `Một câu lệnh đến sau khi giao dịch của nó đã kết thúc: ${p.statement}`,
  ),
  STORE_CLOSED: errorText<{ file: string }>(
    'fault',
    (p) => `Database ${p.file} was asked for after it had been closed.`,
    (p) => `Cơ sở dữ liệu ${p.file} được gọi đến sau khi đã đóng.`,
  ),
  LOCK_HELD: errorText<{ name: string }>(
    'unavailable',
    (p) => `${p.name} is already being done by another running process. Wait until it has finished.`,
    (p) => `Một tiến trình khác đang thực hiện ${p.name}. Hãy chờ đến khi tiến trình đó kết thúc.`,
  ),
  LOCK_NAME: errorText<{ name: string }>(
    'fault',
    (p) => `${p.name} cannot name a lock: 1 to 64 of a-z, 0-9 and hyphen are allowed.`,
    (p) => `${p.name} không dùng làm tên khóa được: chỉ cho phép 1 đến 64 ký tự a-z, 0-9 và dấu gạch nối.`,
  ),
} as const;
