/** What can go wrong with a token, its PIN, its sessions and its keys. */
import { errorText, text } from '../text';

/** What was being done when the token answered; told in every error that comes from a PKCS#11 return value. */
const operations = {
  'open-session': text(
    () => 'opening a session',
    () => 'mở phiên',
  ),
  login: text(
    () => 'logging in',
    () => 'đăng nhập',
  ),
  'find-key': text(
    () => 'looking up a key',
    () => 'tìm khóa',
  ),
  'generate-key': text(
    () => 'generating a key pair',
    () => 'sinh cặp khóa',
  ),
  sign: text(
    () => 'signing',
    () => 'ký',
  ),
} as const;

export type TokenOperation = keyof typeof operations;

/** `reported` is the PKCS#11 constant the token gave: a return value `CKR_…`, a flag `CKF_…`, a state `CKS_…`. */
interface Reported {
  token: string;
  operation: TokenOperation;
  reported: string;
}

const toldEn = (p: Reported): string => `${p.reported} while ${operations[p.operation].en({})}`;
const toldVi = (p: Reported): string => `${p.reported} khi ${operations[p.operation].vi({})}`;

const pinSources = {
  file: text<{ name: string }>(
    (p) => `the file ${p.name}`,
    (p) => `tệp ${p.name}`,
  ),
  credential: text<{ name: string }>(
    (p) => `the systemd credential ${p.name}`,
    (p) => `thông tin xác thực systemd ${p.name}`,
  ),
  env: text<{ name: string }>(
    (p) => `the environment variable ${p.name}`,
    (p) => `biến môi trường ${p.name}`,
  ),
  prompt: text<{ name: string }>(
    (p) => `what was typed for token ${p.name}`,
    (p) => `nội dung đã gõ cho token ${p.name}`,
  ),
} as const;

export type PinSourceKind = keyof typeof pinSources;

interface FromSource {
  source: PinSourceKind;
  name: string;
}

const sourceEn = (p: FromSource): string => pinSources[p.source].en(p);
const sourceVi = (p: FromSource): string => pinSources[p.source].vi(p);

export const hsmErrors = {
  // Where the PIN comes from
  PIN_FILE_MODE: errorText<{ file: string; mode: string }>(
    'input',
    (p) =>
      `The PIN file ${p.file} has mode ${p.mode}: others could read or change it. Run chmod 600 on it, and consider whether the PIN is still secret.`,
    (p) =>
      `Tệp mã PIN ${p.file} có quyền ${p.mode}: người khác có thể đọc hoặc sửa. Hãy chạy chmod 600 cho tệp và xem xét mã PIN có còn bí mật không.`,
  ),
  PIN_FILE_OWNER: errorText<{ file: string; owner: number; expected: number }>(
    'input',
    (p) =>
      `The PIN file ${p.file} belongs to user ${p.owner}; it must belong to user ${p.expected}, who runs this, or to root.`,
    (p) =>
      `Tệp mã PIN ${p.file} thuộc về người dùng ${p.owner}; phải thuộc về người dùng ${p.expected} đang chạy chương trình, hoặc root.`,
  ),
  PIN_NOT_REGULAR_FILE: errorText<{ file: string }>(
    'input',
    (p) => `${p.file} is not a regular file: a PIN is read from no symbolic link, device or pipe.`,
    (p) =>
      `${p.file} không phải tệp thông thường: không đọc mã PIN từ liên kết tượng trưng, thiết bị hay đường ống.`,
  ),
  PIN_SOURCE_UNREADABLE: errorText<FromSource & { reason: string }>(
    'input',
    (p) => `The PIN cannot be read from ${sourceEn(p)}: ${p.reason}.`,
    (p) => `Không đọc được mã PIN từ ${sourceVi(p)}: ${p.reason}.`,
  ),
  PIN_NOT_GIVEN: errorText<FromSource>(
    'input',
    (p) =>
      `There is no PIN in ${sourceEn(p)}. Set it (a credential exists only under systemd, a question can be asked only on a terminal), or choose another source in the configuration.`,
    (p) =>
      `Không có mã PIN trong ${sourceVi(p)}. Hãy cung cấp (thông tin xác thực chỉ có khi chạy dưới systemd, chỉ hỏi được trên thiết bị đầu cuối), hoặc chọn nguồn khác trong cấu hình.`,
  ),
  PIN_MALFORMED: errorText<FromSource & { limit: number }>(
    'input',
    (p) =>
      `${sourceEn(p)} does not hold a PIN: one line of UTF-8 text is needed, 1 to ${p.limit} bytes long, without control characters.`,
    (p) =>
      `${sourceVi(p)} không chứa mã PIN hợp lệ: cần một dòng văn bản UTF-8 dài từ 1 đến ${p.limit} byte, không có ký tự điều khiển.`,
  ),

  // The memory of wrong PINs
  PIN_REFUSED_BEFORE: errorText<{ token: string; time: string; file: string }>(
    'refused',
    (p) =>
      `The token ${p.token} refused this same PIN on ${p.time}; it was not tried again, so that the token does not lock. Correct the PIN in its source. If the PIN of the token has been changed to this one since, delete ${p.file}.`,
    (p) =>
      `Token ${p.token} đã từ chối chính mã PIN này vào ${p.time}; không thử lại để token không bị khóa. Hãy sửa mã PIN tại nguồn. Nếu sau đó mã PIN của token đã được đổi thành mã này, hãy xóa ${p.file}.`,
  ),
  REFUSED_PINS_UNUSABLE: errorText<{ file: string; reason: string }>(
    'unavailable',
    (p) =>
      `The memory of wrong PINs ${p.file} cannot be used: ${p.reason}. Without it a restart could repeat a wrong PIN until the token locks, so no login was tried. Make its directory writable; if the file is damaged, check the PIN and delete it.`,
    (p) =>
      `Không dùng được tệp ghi nhớ mã PIN sai ${p.file}: ${p.reason}. Thiếu tệp này, việc khởi động lại có thể lặp lại mã PIN sai đến khi token bị khóa, nên chưa thử đăng nhập. Hãy cho phép ghi vào thư mục; nếu tệp bị hỏng, hãy kiểm tra mã PIN rồi xóa tệp.`,
  ),

  // Logging in
  PIN_INCORRECT: errorText<Reported>(
    'refused',
    (p) =>
      `The token ${p.token} refused the PIN (${toldEn(p)}). It was tried once and will not be tried again. Correct the PIN before the next start: after a few wrong ones the token locks.`,
    (p) =>
      `Token ${p.token} từ chối mã PIN (${toldVi(p)}). Mã chỉ được thử một lần và sẽ không thử lại. Hãy sửa mã PIN trước lần khởi động sau: sai vài lần token sẽ bị khóa.`,
  ),
  PIN_LOCKED: errorText<Reported>(
    'refused',
    (p) =>
      `The user PIN of the token ${p.token} is locked (${toldEn(p)}). Only its security officer can unlock it, by setting a new user PIN.`,
    (p) =>
      `Mã PIN người dùng của token ${p.token} đã bị khóa (${toldVi(p)}). Chỉ cán bộ an ninh (SO) của token mở khóa được, bằng cách đặt mã PIN mới.`,
  ),
  PIN_FINAL_TRY: errorText<Reported>(
    'refused',
    (p) =>
      `One more wrong PIN locks the token ${p.token} (${toldEn(p)}), so nothing was tried. Find the right PIN, log in once with the tool of the HSM's maker to reset the counter, or have the security officer set a new PIN.`,
    (p) =>
      `Chỉ một lần sai nữa token ${p.token} sẽ bị khóa (${toldVi(p)}), nên chưa thử. Hãy xác định đúng mã PIN, đăng nhập một lần bằng công cụ của hãng HSM để đặt lại bộ đếm, hoặc nhờ cán bộ an ninh (SO) đặt mã PIN mới.`,
  ),
  PIN_EXPIRED: errorText<Reported>(
    'refused',
    (p) =>
      `The user PIN of the token ${p.token} has expired (${toldEn(p)}). Change it with the tool of the HSM's maker, then in its source.`,
    (p) =>
      `Mã PIN người dùng của token ${p.token} đã hết hạn (${toldVi(p)}). Hãy đổi bằng công cụ của hãng HSM, rồi cập nhật tại nguồn.`,
  ),
  LOGIN_LOST: errorText<Reported>(
    'unavailable',
    (p) =>
      `The login to the token ${p.token} has been lost (${toldEn(p)}): the HSM restarted or ended all sessions, or another part of this process logged out. Repeat: each attempt logs in again by itself.`,
    (p) =>
      `Đăng nhập vào token ${p.token} đã mất (${toldVi(p)}): HSM đã khởi động lại, đã kết thúc mọi phiên, hoặc phần khác của tiến trình này đã đăng xuất. Hãy thực hiện lại: chương trình tự đăng nhập lại.`,
  ),

  // The module and the token
  MODULE_UNAVAILABLE: errorText<{ module: string; reason: string }>(
    'unavailable',
    (p) =>
      `The PKCS#11 module ${p.module} cannot be used: ${p.reason}. Check its path and that the HSM's software is installed and configured.`,
    (p) =>
      `Không dùng được mô-đun PKCS#11 ${p.module}: ${p.reason}. Hãy kiểm tra đường dẫn và phần mềm của HSM đã được cài đặt, cấu hình.`,
  ),
  MODULE_LOST: errorText<Reported>(
    'unavailable',
    (p) =>
      `The PKCS#11 module of the token ${p.token} is not initialised (${toldEn(p)}): it was ended, or could not be started anew. It is tried again by itself.`,
    (p) =>
      `Mô-đun PKCS#11 của token ${p.token} chưa được khởi tạo (${toldVi(p)}): đã bị kết thúc hoặc không khởi động lại được. Chương trình tự thử lại.`,
  ),
  TOKEN_ABSENT: errorText<{ label: string; serial: string; module: string; found: string }>(
    'unavailable',
    (p) =>
      `No token ${named(p)} is present in ${p.module}; found: ${p.found || 'none'}. Connect it, or correct its label in the configuration.`,
    (p) =>
      `Không có token ${named(p)} trong ${p.module}; tìm thấy: ${p.found || 'không có token nào'}. Hãy kết nối token, hoặc sửa nhãn trong cấu hình.`,
  ),
  TOKEN_AMBIGUOUS: errorText<{ label: string; serials: string }>(
    'input',
    (p) =>
      `Several tokens have the label ${p.label}: serial numbers ${p.serials}. Give the serial number of the right one in the configuration.`,
    (p) =>
      `Có nhiều token cùng nhãn ${p.label}: số sê-ri ${p.serials}. Hãy ghi số sê-ri của token đúng vào cấu hình.`,
  ),
  TOKEN_NOT_INITIALISED: errorText<Reported>(
    'unavailable',
    (p) =>
      `The token ${p.token} is not ready (${toldEn(p)}): it must be initialised and have a user PIN. Do so with the tool of the HSM's maker.`,
    (p) =>
      `Token ${p.token} chưa sẵn sàng (${toldVi(p)}): phải được khởi tạo và có mã PIN người dùng. Hãy thực hiện bằng công cụ của hãng HSM.`,
  ),
  TOKEN_REMOVED: errorText<Reported>(
    'unavailable',
    (p) => `The token ${p.token} cannot be reached (${toldEn(p)}). Check the HSM, its cable and its network.`,
    (p) => `Không liên lạc được với token ${p.token} (${toldVi(p)}). Hãy kiểm tra HSM, cáp và mạng.`,
  ),
  TOKEN_NOT_BACK: errorText<{ token: string; waitedMs: number; reported: string }>(
    'unavailable',
    (p) =>
      `The token ${p.token} was lost and did not come back within ${p.waitedMs} ms (last: ${p.reported}). Nothing was signed. It is tried again by itself; look at the HSM, then repeat.`,
    (p) =>
      `Token ${p.token} bị mất và không trở lại trong ${p.waitedMs} ms (lỗi cuối: ${p.reported}). Chưa ký gì. Chương trình tự thử lại; hãy kiểm tra HSM rồi thực hiện lại.`,
  ),
  TOKEN_NO_ANSWER: errorText<{ token: string; waitedMs: number }>(
    'unavailable',
    (p) =>
      `The token ${p.token} did not answer within ${p.waitedMs} ms. Look at the HSM and its network, then repeat.`,
    (p) =>
      `Token ${p.token} không trả lời trong ${p.waitedMs} ms. Hãy kiểm tra HSM và mạng rồi thực hiện lại.`,
  ),
  TOKEN_WRITE_PROTECTED: errorText<Reported>(
    'refused',
    (p) => `The token ${p.token} is write-protected (${toldEn(p)}). Lift the protection to make keys on it.`,
    (p) => `Token ${p.token} đang chống ghi (${toldVi(p)}). Hãy bỏ chống ghi để tạo khóa trên token.`,
  ),
  TOKEN_CLOSED: errorText<{ token: string }>(
    'unavailable',
    (p) => `The token ${p.token} was closed; nothing more can be asked of it until it is opened again.`,
    (p) => `Token ${p.token} đã đóng; không thể yêu cầu gì thêm cho đến khi mở lại.`,
  ),
  DEVICE_FAILED: errorText<Reported>(
    'unavailable',
    (p) => `The token ${p.token} failed (${toldEn(p)}). Look at the HSM's own log; then repeat.`,
    (p) => `Token ${p.token} gặp sự cố (${toldVi(p)}). Hãy xem nhật ký của HSM rồi thực hiện lại.`,
  ),
  TOKEN_FAULT: errorText<Reported>(
    'fault',
    (p) => `The token ${p.token} answered in an unexpected way: ${toldEn(p)}.`,
    (p) => `Token ${p.token} trả lời ngoài dự kiến: ${toldVi(p)}.`,
  ),

  // Sessions
  SESSION_LOST: errorText<Reported>(
    'unavailable',
    (p) =>
      `The token ${p.token} ended the session (${toldEn(p)}), again and again. Check the HSM; then repeat.`,
    (p) =>
      `Token ${p.token} đã kết thúc phiên (${toldVi(p)}), lặp lại nhiều lần. Hãy kiểm tra HSM rồi thực hiện lại.`,
  ),
  SESSIONS_HANGING: errorText<{ token: string; hanging: number; sessions: number }>(
    'unavailable',
    (p) =>
      `${p.hanging} of the ${p.sessions} sessions of the token ${p.token} wait for an answer that is overdue. Look at the HSM and its network; if it does not answer, restart the HSM, then the service.`,
    (p) =>
      `${p.hanging} trong ${p.sessions} phiên của token ${p.token} đang chờ trả lời quá hạn. Hãy kiểm tra HSM và mạng; nếu HSM không trả lời, hãy khởi động lại HSM rồi dịch vụ.`,
  ),
  SESSIONS_EXHAUSTED: errorText<Reported>(
    'unavailable',
    (p) =>
      `The token ${p.token} gives no more sessions (${toldEn(p)}). Lower the number of sessions in the configuration, or end other programs that use the token.`,
    (p) =>
      `Token ${p.token} không cấp thêm phiên (${toldVi(p)}). Hãy giảm số phiên trong cấu hình, hoặc dừng chương trình khác đang dùng token.`,
  ),
  HSM_BUSY: errorText<{ token: string; waitedMs: number; waiting: number }>(
    'unavailable',
    (p) =>
      `No session of the token ${p.token} became free within ${p.waitedMs} ms; ${p.waiting} more requests are waiting. Repeat later, or allow more sessions.`,
    (p) =>
      `Không có phiên nào của token ${p.token} rảnh trong ${p.waitedMs} ms; còn ${p.waiting} yêu cầu đang chờ. Hãy thực hiện lại sau, hoặc cho phép nhiều phiên hơn.`,
  ),

  // Keys
  MECHANISM_UNSUPPORTED: errorText<Reported>(
    'input',
    (p) =>
      `The token ${p.token} cannot do this with this key type (${toldEn(p)}). Choose another key algorithm.`,
    (p) =>
      `Token ${p.token} không làm được việc này với loại khóa này (${toldVi(p)}). Hãy chọn thuật toán khóa khác.`,
  ),
  MECHANISM_MISSING: errorText<{ token: string; needed: string }>(
    'input',
    (p) =>
      `The token ${p.token} does not offer ${p.needed}, which this key and its signatures need. Choose another key or signature algorithm, or another HSM.`,
    (p) =>
      `Token ${p.token} không có ${p.needed} mà khóa này và chữ ký của nó cần. Hãy chọn thuật toán khóa, thuật toán ký hoặc HSM khác.`,
  ),
  SIGNATURE_NOT_FOR_KEY: errorText<{ key: string; signature: string; allowed: string }>(
    'input',
    (p) => `A key of type ${p.key} cannot sign with ${p.signature}; allowed: ${p.allowed}.`,
    (p) => `Khóa loại ${p.key} không thể ký bằng ${p.signature}; chỉ cho phép: ${p.allowed}.`,
  ),
  TEMPLATE_REFUSED: errorText<Reported>(
    'refused',
    (p) =>
      `The token ${p.token} does not accept the protection demanded for the key (${toldEn(p)}). The key was not made.`,
    (p) => `Token ${p.token} không chấp nhận mức bảo vệ yêu cầu cho khóa (${toldVi(p)}). Khóa chưa được tạo.`,
  ),
  KEY_NOT_PERMITTED: errorText<Reported>(
    'refused',
    (p) => `The token ${p.token} does not let this key do this (${toldEn(p)}).`,
    (p) => `Token ${p.token} không cho phép dùng khóa này vào việc này (${toldVi(p)}).`,
  ),
  KEY_LOST: errorText<Reported>(
    'unavailable',
    (p) => `The key is no longer on the token ${p.token} (${toldEn(p)}). Check the HSM and who changed it.`,
    (p) => `Khóa không còn trên token ${p.token} (${toldVi(p)}). Hãy kiểm tra HSM và ai đã thay đổi.`,
  ),
  KEY_ABSENT: errorText<{ token: string; label: string }>(
    'unavailable',
    (p) =>
      `There is no key ${p.label} on the token ${p.token}. Check the label, and that this is the right token.`,
    (p) => `Không có khóa ${p.label} trên token ${p.token}. Hãy kiểm tra nhãn và đúng token chưa.`,
  ),
  KEY_EXISTS: errorText<{ token: string; label: string }>(
    'refused',
    (p) =>
      `The token ${p.token} has a key ${p.label} that this directory knows nothing of. It was left as it is, and is not taken into use. Find out whose it is before it is removed: where the directory was put back to an older copy, it may be a key in use.`,
    (p) =>
      `Token ${p.token} đã có khóa ${p.label} mà thư mục này không biết. Khóa được giữ nguyên và không đưa vào sử dụng. Hãy tìm hiểu khóa đó của ai trước khi xóa: nếu thư mục là bản sao cũ được khôi phục, có thể khóa đang được sử dụng.`,
  ),
  KEY_NOT_OURS: errorText<{ token: string; label: string; wrong: string }>(
    'integrity',
    (p) =>
      `The key ${p.label} on the token ${p.token} is not one that a cut-off run of this program has made there: ${p.wrong}. It is not taken into use, and was left as it is. Find out who put it there; remove it with the tool of the HSM, then run the command again.`,
    (p) =>
      `Khóa ${p.label} trên token ${p.token} không phải khóa do một lần chạy bị ngắt của chương trình này sinh ra tại đó: ${p.wrong}. Khóa không được đưa vào sử dụng và được giữ nguyên. Hãy tìm hiểu ai đã đưa khóa vào; xóa bằng công cụ của HSM, rồi chạy lại lệnh.`,
  ),
  SEVERAL_TOKENS: errorText<{ token: string; label: string; count: number }>(
    'refused',
    (p) =>
      `The key ${p.label} was not made: the configuration names ${p.count} tokens ${p.token} that hold the same keys, and a key made in one cannot be put into the others from here. Leave one of them in the configuration, make the key, copy it with the tool of the HSM's maker, and add the others again.`,
    (p) =>
      `Chưa tạo khóa ${p.label}: cấu hình có ${p.count} token ${p.token} giữ cùng khóa, và khóa sinh trong một token không thể đưa sang token khác từ đây. Hãy để lại một token trong cấu hình, tạo khóa, sao chép bằng công cụ của hãng HSM, rồi thêm lại các token kia.`,
  ),
  KEY_AMBIGUOUS: errorText<{
    token: string;
    label: string;
    count: number;
    /** Their CKA_ID. */
    found: string;
    expected: string;
  }>(
    'integrity',
    (p) =>
      `The token ${p.token} holds ${p.count} keys ${p.label} where one is expected: CKA_ID ${p.found}; expected ${p.expected}. Find out who made the others before anything is signed.`,
    (p) =>
      `Token ${p.token} có ${p.count} khóa ${p.label}, lẽ ra chỉ có một: CKA_ID ${p.found}; cần ${p.expected}. Hãy tìm hiểu ai đã tạo các khóa kia trước khi ký.`,
  ),
  KEY_INCOMPLETE: errorText<{ token: string; label: string }>(
    'integrity',
    (p) =>
      `The key ${p.label} on the token ${p.token} is not a pair: one private and one public key with the same CKA_ID are needed.`,
    (p) =>
      `Khóa ${p.label} trên token ${p.token} không thành cặp: cần một khóa bí mật và một khóa công khai cùng CKA_ID.`,
  ),
  KEY_UNSUPPORTED: errorText<{ token: string; label: string; allowed: string }>(
    'input',
    (p) => `The key ${p.label} on the token ${p.token} is of a type not used here; allowed: ${p.allowed}.`,
    (p) => `Khóa ${p.label} trên token ${p.token} thuộc loại không dùng ở đây; cho phép: ${p.allowed}.`,
  ),
  KEY_ATTRIBUTES_WRONG: errorText<{ token: string; label: string; wrong: string; destroyed: boolean }>(
    'integrity',
    (p) =>
      `The token ${p.token} made the key ${p.label} without the protection demanded: ${p.wrong}. ${p.destroyed ? 'The pair was destroyed.' : 'It could not be destroyed: remove it with the tool of the HSM.'} Do not use this token for CA keys before its maker has explained it.`,
    (p) =>
      `Token ${p.token} tạo khóa ${p.label} không có mức bảo vệ yêu cầu: ${p.wrong}. ${p.destroyed ? 'Cặp khóa đã bị hủy.' : 'Không hủy được: hãy xóa bằng công cụ của HSM.'} Không dùng token này cho khóa CA khi hãng chưa giải thích.`,
  ),
  KEY_MISMATCH: errorText<{ token: string; label: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The key ${p.label} on the token ${p.token} is not the expected one: its public key has SHA-256 ${p.found}, expected ${p.expected}. Nothing was signed.`,
    (p) =>
      `Khóa ${p.label} trên token ${p.token} không phải khóa mong đợi: khóa công khai có SHA-256 ${p.found}, cần ${p.expected}. Chưa ký gì.`,
  ),
  KEY_ID_MISMATCH: errorText<{ token: string; label: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The key ${p.label} on the token ${p.token} has the CKA_ID ${p.found}; the one that was recorded has ${p.expected}. Somebody put another object in its place, or changed it: find out who before anything is signed.`,
    (p) =>
      `Khóa ${p.label} trên token ${p.token} có CKA_ID ${p.found}; khóa đã ghi nhận có ${p.expected}. Có người đã thay hoặc sửa đối tượng này: hãy tìm hiểu trước khi ký.`,
  ),
  SIGNATURE_WRONG: errorText<{ token: string; label: string }>(
    'integrity',
    (p) =>
      `What the token ${p.token} gave as a signature of the key ${p.label} is not one. Do not trust this token.`,
    (p) =>
      `Kết quả ký bằng khóa ${p.label} của token ${p.token} không phải chữ ký đúng. Không tin cậy token này.`,
  ),
} as const;

function named(p: { label: string; serial: string }): string {
  return p.serial === '' ? p.label : `${p.label} (${p.serial})`;
}
