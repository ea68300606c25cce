/** What can be wrong with a command line, or with the place a command runs in. */
import { fileFailures, type FileFailure } from '../messages/files';
import { errorText } from '../text';

const didYouMean = {
  en: (suggestion: string) => (suggestion === '' ? '' : ` Did you mean ${suggestion}?`),
  vi: (suggestion: string) => (suggestion === '' ? '' : ` Có phải ý bạn là ${suggestion}?`),
};

export const cliErrors = {
  UNKNOWN_COMMAND: errorText<{ command: string; suggestion: string; help: string }>(
    'input',
    (p) => `There is no command "${p.command}".${didYouMean.en(p.suggestion)} See: ${p.help}`,
    (p) => `Không có lệnh "${p.command}".${didYouMean.vi(p.suggestion)} Xem: ${p.help}`,
  ),
  COMMAND_MISSING: errorText<{ program: string; available: string; help: string }>(
    'input',
    (p) => `Say which command of "${p.program}" to run: ${p.available}. See: ${p.help}`,
    (p) => `Hãy chọn lệnh cần chạy của "${p.program}": ${p.available}. Xem: ${p.help}`,
  ),
  UNKNOWN_OPTION: errorText<{ option: string; suggestion: string; help: string }>(
    'input',
    (p) => `There is no option ${p.option}.${didYouMean.en(p.suggestion)} See: ${p.help}`,
    (p) => `Không có tùy chọn ${p.option}.${didYouMean.vi(p.suggestion)} Xem: ${p.help}`,
  ),
  OPTION_VALUE_MISSING: errorText<{ option: string; help: string }>(
    'input',
    (p) => `A value must follow ${p.option}. See: ${p.help}`,
    (p) => `Cần ghi giá trị sau ${p.option}. Xem: ${p.help}`,
  ),
  TOO_MANY_ARGUMENTS: errorText<{ unexpected: string; allowed: number; help: string }>(
    'input',
    (p) =>
      `Too many arguments: "${p.unexpected}" is not expected; at most ${p.allowed} allowed. See: ${p.help}`,
    (p) => `Thừa đối số: không dùng đến "${p.unexpected}"; cho phép tối đa ${p.allowed}. Xem: ${p.help}`,
  ),
  BAD_COMMAND_LINE: errorText<{ help: string }>(
    'input',
    (p) => `The command cannot run as it was written. See: ${p.help}`,
    (p) => `Dòng lệnh chưa đúng nên chưa chạy. Xem: ${p.help}`,
  ),
  DIRECTORY_MISSING: errorText<{ variable: string }>(
    'input',
    (p) => `Say which data directory to work in: --dir DIR, or the environment variable ${p.variable}.`,
    (p) => `Hãy cho biết thư mục dữ liệu cần dùng: --dir DIR, hoặc biến môi trường ${p.variable}.`,
  ),
  BAD_VARIABLE: errorText<{ variable: string; found: string; allowed: string }>(
    'input',
    (p) => `The environment variable ${p.variable} is "${p.found}"; allowed: ${p.allowed}.`,
    (p) => `Biến môi trường ${p.variable} đang là "${p.found}"; cho phép: ${p.allowed}.`,
  ),
  CONFIRMATION_NEEDED: errorText<{ question: string }>(
    'input',
    (p) =>
      `This needs a confirmation, and there is no terminal to ask on: "${p.question}" Add --yes to confirm.`,
    (p) =>
      `Việc này cần xác nhận, nhưng không có cửa sổ dòng lệnh để hỏi: "${p.question}" Thêm --yes để xác nhận.`,
  ),
  NOT_A_TERMINAL: errorText<{ question: string; option?: string | undefined }>(
    'input',
    (p) =>
      `There is no terminal to ask on: "${p.question}" ${p.option === undefined ? 'Run the command in a terminal.' : `Give ${p.option}, or run the command in a terminal.`}`,
    (p) =>
      `Không có cửa sổ dòng lệnh để hỏi: "${p.question}" ${p.option === undefined ? 'Hãy chạy lệnh trong cửa sổ dòng lệnh.' : `Hãy ghi ${p.option}, hoặc chạy lệnh trong cửa sổ dòng lệnh.`}`,
  ),
  CANCELLED: errorText(
    'refused',
    () => 'Stopped at the question by the person asked.',
    () => 'Người được hỏi đã dừng lệnh tại câu hỏi.',
  ),
  INTERRUPTED: errorText<{ signal: NodeJS.Signals }>(
    'unavailable',
    (p) => `Interrupted by ${p.signal}; run the command again to go on.`,
    (p) => `Bị ngắt bởi ${p.signal}; chạy lại lệnh để tiếp tục.`,
  ),
  MODULE_HANGS: errorText<{ exit: number; signal: NodeJS.Signals }>(
    'unavailable',
    (p) =>
      `The PKCS#11 module does not give back an operation, so this process cannot exit (code ${p.exit}) and ends itself by ${p.signal}. What it was signing counts as not made. Look after the HSM, then run the command again.`,
    (p) =>
      `Mô-đun PKCS#11 không trả lại một thao tác, nên tiến trình không thể kết thúc bình thường (mã ${p.exit}) và tự dừng bằng ${p.signal}. Việc đang ký coi như chưa thực hiện. Hãy kiểm tra HSM rồi chạy lại lệnh.`,
  ),
  FILE: errorText<{ path: string; code: FileFailure }>(
    'input',
    (p) => `${p.path}: ${fileFailures[p.code].en}.`,
    (p) => `${p.path}: ${fileFailures[p.code].vi}.`,
  ),
  CERTIFICATE_NOT_WRITTEN: errorText<{ serialNumber: string; file: string }>(
    'unavailable',
    (p) =>
      `Certificate ${p.serialNumber} is issued, but could not be written to ${p.file}. To get it: "subca certificate show ${p.serialNumber} --format pem --out FILE".`,
    (p) =>
      `Chứng thư ${p.serialNumber} đã được cấp nhưng không ghi được vào ${p.file}. Để lấy chứng thư: "subca certificate show ${p.serialNumber} --format pem --out TỆP".`,
  ),
  UNEXPECTED: errorText<{ name: string }>(
    'fault',
    (p) => `Something went wrong that should not (${p.name}). For a report, run again with SUBCA_DEBUG=1.`,
    (p) => `Đã xảy ra lỗi ngoài dự kiến (${p.name}). Để báo lỗi, hãy chạy lại với SUBCA_DEBUG=1.`,
  ),
} as const;
