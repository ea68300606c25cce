/** What can be wrong with files and their contents, configuration above all. */
import { errorText } from '../text';

export const configErrors = {
  CONFIG_INVALID: errorText<{ file: string; count: number }>(
    'input',
    (p) => `${p.file} has ${p.count} error(s); correct what is listed, then try again.`,
    (p) => `${p.file} có ${p.count} lỗi; hãy sửa các mục được liệt kê rồi thử lại.`,
  ),
  FILE_NOT_READ: errorText<{ file: string; reason: string }>(
    'input',
    (p) => `${p.file} cannot be read (${p.reason}). Check the path and the permissions of the file.`,
    (p) => `Không đọc được ${p.file} (${p.reason}). Hãy kiểm tra đường dẫn và quyền đọc tệp.`,
  ),
  FILE_TOO_LARGE: errorText<{ file: string; size: number; limit: number }>(
    'input',
    (p) => `${p.file} has ${p.size} bytes or more; at most ${p.limit} are read here. Is it the right file?`,
    (p) =>
      `${p.file} có từ ${p.size} byte trở lên; ở đây chỉ đọc tối đa ${p.limit} byte. Có đúng tệp cần dùng không?`,
  ),
  FILE_NOT_WRITTEN: errorText<{ file: string; reason: string }>(
    'unavailable',
    (p) =>
      `${p.file} cannot be written (${p.reason}). Check free space and permissions; what was there before is unchanged.`,
    (p) =>
      `Không ghi được ${p.file} (${p.reason}). Hãy kiểm tra dung lượng trống và quyền ghi; nội dung cũ vẫn nguyên vẹn.`,
  ),
  ORGANISATION_UNKNOWN: errorText<{ code: string; near: string }>(
    'input',
    (p) =>
      `No organisation has the code ${p.code}. ${p.near === '' ? '' : `Close: ${p.near}. `}The codes are in config-templates/organisations.yaml.`,
    (p) =>
      `Không có cơ quan nào mang mã ${p.code}. ${p.near === '' ? '' : `Gần đúng: ${p.near}. `}Danh sách mã nằm trong config-templates/organisations.yaml.`,
  ),
} as const;
