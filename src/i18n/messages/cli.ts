/** What the command line says around every command: help pages, questions, the frame of an error. */
import { text } from '../text';

export const cliTexts = {
  subcaSummary: text(
    () => 'The delegated body’s certification node: issue, revoke, publish, and sync with the root',
    () => 'Nút chứng thực của cơ quan được ủy quyền: cấp, thu hồi, công bố và đồng bộ với CA gốc',
  ),
  rootcaSummary: text(
    () => 'The root operator’s side: applications, grants, the registry of nodes and their oversight',
    () => 'Phía vận hành CA gốc: hồ sơ đề nghị, văn bản ủy quyền, danh mục các nút và việc giám sát',
  ),

  usage: text(
    () => 'Usage',
    () => 'Cách dùng',
  ),
  usageOptions: text(
    () => '[options]',
    () => '[tùy chọn]',
  ),
  usageCommand: text(
    () => '<command>',
    () => '<lệnh>',
  ),
  commands: text(
    () => 'Commands',
    () => 'Các lệnh',
  ),
  arguments: text(
    () => 'Arguments',
    () => 'Đối số',
  ),
  options: text(
    () => 'Options',
    () => 'Tùy chọn',
  ),
  commonOptions: text(
    () => 'Options of every command',
    () => 'Tùy chọn chung cho mọi lệnh',
  ),
  example: text(
    () => 'Example',
    () => 'Ví dụ',
  ),
  helpOfCommand: text<{ program: string }>(
    (p) => `Help on one command: ${p.program} <command> --help`,
    (p) => `Trợ giúp về một lệnh: ${p.program} <lệnh> --help`,
  ),

  directoryOption: text<{ variable: string }>(
    (p) => `data directory (otherwise the environment variable ${p.variable})`,
    (p) => `thư mục dữ liệu (nếu không ghi: biến môi trường ${p.variable})`,
  ),
  jsonOption: text(
    () => 'one JSON object on standard output, and nothing else',
    () => 'in đúng một đối tượng JSON ra đầu ra chuẩn, ngoài ra không in gì',
  ),
  langOption: text(
    () => 'language (otherwise English where LANG begins with en, else Vietnamese)',
    () => 'ngôn ngữ (nếu không ghi: tiếng Anh khi LANG bắt đầu bằng en, còn lại là tiếng Việt)',
  ),
  yesOption: text(
    () => 'answer every request for confirmation with yes',
    () => 'đồng ý với mọi câu hỏi xác nhận',
  ),
  helpOption: text(
    () => 'show this help',
    () => 'hiện trợ giúp này',
  ),
  versionOption: text(
    () => 'show the version',
    () => 'hiện phiên bản',
  ),
  required: text(
    () => 'required',
    () => 'bắt buộc',
  ),
  repeatable: text(
    () => 'several allowed',
    () => 'được ghi nhiều lần',
  ),
  choices: text<{ choices: string }>(
    (p) => `one of: ${p.choices}`,
    (p) => `một trong: ${p.choices}`,
  ),
  defaultValue: text<{ value: string }>(
    (p) => `default: ${p.value}`,
    (p) => `mặc định: ${p.value}`,
  ),

  error: text(
    () => 'Error',
    () => 'Lỗi',
  ),
  found: text(
    () => 'found',
    () => 'gặp',
  ),
  allowed: text(
    () => 'allowed',
    () => 'cho phép',
  ),
  cause: text(
    () => 'Cause',
    () => 'Nguyên nhân',
  ),
  moreProblems: text<{ count: number }>(
    (p) => `and ${p.count} more`,
    (p) => `và ${p.count} lỗi nữa`,
  ),

  yes: text(
    () => 'Yes',
    () => 'Có',
  ),
  no: text(
    () => 'No',
    () => 'Không',
  ),
} as const;
