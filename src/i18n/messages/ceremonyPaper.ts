/** What is printed of a ceremony besides its steps: headings, tables, the feet of pages; and the readable record. */
import { text } from '../text';

/** The roles of people. */
export const roleTexts = {
  'master-of-ceremonies': text(
    () => 'master of ceremonies',
    () => 'người chủ trì',
  ),
  'key-custodian': text(
    () => 'key custodian',
    () => 'người giữ khóa',
  ),
  witness: text(
    () => 'witness',
    () => 'người chứng kiến',
  ),
  auditor: text(
    () => 'auditor',
    () => 'kiểm tra viên',
  ),
} as const;

export const paperTexts = {
  script: text(
    () => 'Script of a key ceremony',
    () => 'Kịch bản lễ sinh khóa',
  ),
  record: text(
    () => 'Record of a key ceremony',
    () => 'Biên bản lễ sinh khóa',
  ),
  rehearsal: text(
    () => 'REHEARSAL – throw-away keys, proves nothing',
    () => 'DIỄN TẬP – khóa dùng thử rồi hủy, không có giá trị chứng minh',
  ),
  party: text(
    () => 'party',
    () => 'bên sinh khóa',
  ),
  place: text(
    () => 'place',
    () => 'địa điểm',
  ),
  date: text(
    () => 'date',
    () => 'ngày',
  ),
  software: text(
    () => 'software',
    () => 'phần mềm',
  ),
  deviceProbe: text(
    () => 'probe of the HSM',
    () => 'kiểm tra HSM',
  ),
  deviceReports: text(
    () => 'Device reports',
    () => 'Báo cáo thiết bị',
  ),
  deviceReport: text(
    () => 'Device report',
    () => 'Báo cáo thiết bị',
  ),
  verdict: text(
    () => 'Verdict',
    () => 'Kết luận',
  ),
  warnings: text(
    () => 'Warnings',
    () => 'Cảnh báo',
  ),
  fit: text(
    () => 'fit',
    () => 'đạt yêu cầu',
  ),
  unfit: text(
    () => 'NOT FIT',
    () => 'KHÔNG ĐẠT YÊU CẦU',
  ),
  purpose: text(
    () => 'purpose',
    () => 'mục đích',
  ),
  journalKey: text(
    () => 'journal key (there before)',
    () => 'khóa nhật ký (có từ trước)',
  ),
  policy: text(
    () => 'certified HSM',
    () => 'HSM được chứng nhận',
  ),
  required: text(
    () => 'required',
    () => 'bắt buộc',
  ),
  recorded: text(
    () => 'recorded as found',
    () => 'ghi nhận theo thực tế',
  ),
  certificate: text(
    () => 'root certificate',
    () => 'chứng thư CA gốc',
  ),
  scriptHash: text(
    () => 'SHA-256 of the script',
    () => 'Mã SHA-256 của kịch bản',
  ),
  people: text(
    () => 'People',
    () => 'Thành phần tham dự',
  ),
  name: text(
    () => 'name',
    () => 'họ và tên',
  ),
  position: text(
    () => 'position',
    () => 'chức vụ',
  ),
  role: text(
    () => 'role',
    () => 'vai trò',
  ),
  authentication: text(
    () => 'authenticates with',
    () => 'xác thực bằng',
  ),
  ownPin: text(
    () => 'own PIN',
    () => 'mã PIN riêng',
  ),
  signature: text(
    () => 'signature',
    () => 'chữ ký',
  ),
  keys: text(
    () => 'Keys',
    () => 'Các khóa',
  ),
  key: text(
    () => 'key',
    () => 'khóa',
  ),
  algorithm: text(
    () => 'type',
    () => 'loại',
  ),
  token: text(
    () => 'token',
    () => 'token',
  ),
  label: text(
    () => 'label',
    () => 'nhãn',
  ),
  steps: text(
    () => 'Steps',
    () => 'Các bước',
  ),
  step: text(
    () => 'step',
    () => 'bước',
  ),
  command: text(
    () => 'Command',
    () => 'Lệnh',
  ),
  expected: text(
    () => 'Expected',
    () => 'Kết quả cần có',
  ),
  time: text(
    () => 'time',
    () => 'giờ',
  ),
  initials: text(
    () => 'initials',
    () => 'ký tắt',
  ),
  deviations: text(
    () => 'Deviations',
    () => 'Sai lệch so với kịch bản',
  ),
  deviation: text(
    () => 'what was different, and why',
    () => 'điều diễn ra khác và lý do',
  ),
  conclusion: text(
    () => 'Conclusion',
    () => 'Kết luận',
  ),
  recordHash: text(
    () => 'SHA-256 of the record',
    () => 'Mã SHA-256 của biên bản',
  ),

  // The readable record
  begun: text(
    () => 'begun',
    () => 'bắt đầu',
  ),
  ended: text(
    () => 'ended',
    () => 'kết thúc',
  ),
  device: text(
    () => 'device',
    () => 'thiết bị',
  ),
  devices: text(
    () => 'Devices',
    () => 'Thiết bị',
  ),
  certified: text(
    () => 'certified',
    () => 'chứng nhận',
  ),
  notCertified: text(
    () => 'NOT certified',
    () => 'CHƯA được chứng nhận',
  ),
  notCertifiedSoftware: text(
    () => 'NOT certified: software',
    () => 'CHƯA được chứng nhận: phần mềm',
  ),
  words: text(
    () => 'in words',
    () => 'đọc thành từ',
  ),
  installedFiles: text(
    () => 'SHA-256 of the list of installed files',
    () => 'mã SHA-256 của danh sách tệp đã cài đặt',
  ),
  module: text(
    () => 'SHA-256 of the PKCS#11 module',
    () => 'mã SHA-256 của mô-đun PKCS#11',
  ),
  interruptions: text(
    () => 'Interruptions (resumed at)',
    () => 'Gián đoạn (tiếp tục lúc)',
  ),
  failures: text(
    () => 'Failed attempts',
    () => 'Các lần không thành công',
  ),
  none: text(
    () => 'none',
    () => 'không có',
  ),
} as const;

/** Sentences about something. */
export const paperSentences = {
  node: text<{ name: string }>(
    (p) => `sub-CA node ${p.name}`,
    (p) => `nút CA cấp dưới ${p.name}`,
  ),
  root: text<{ name: string }>(
    (p) => `root CA, registry ${p.name}`,
    (p) => `CA gốc, sổ đăng ký ${p.name}`,
  ),
  nextKey: text<{ epoch: number }>(
    (p) => `the next CA key of a working node, generation ${p.epoch}; its other keys stay as they are`,
    (p) => `sinh khóa CA kế tiếp, thế hệ ${p.epoch}, của nút đang hoạt động; các khóa khác giữ nguyên`,
  ),
  replaces: text<{ epoch: number }>(
    (p) => `in place of the CA key of generation ${p.epoch}, lost before it was used`,
    (p) => `thay cho khóa CA thế hệ ${p.epoch}, bị mất trước khi sử dụng`,
  ),
  inUse: text<{ epoch: number }>(
    (p) => `CA key in use, generation ${p.epoch}`,
    (p) => `khóa CA đang dùng, thế hệ ${p.epoch}`,
  ),
  ownToken: text<{ label: string }>(
    (p) => `token ${p.label}`,
    (p) => `token ${p.label}`,
  ),
  page: text<{ page: number; pages: number }>(
    (p) => `page ${p.page} of ${p.pages}`,
    (p) => `trang ${p.page}/${p.pages}`,
  ),
  signedBy: text<{ roles: string }>(
    (p) => `This text is only for reading. What counts is record.dsse, signed by the keys ${p.roles}.`,
    (p) => `Bản này chỉ để đọc. Bản có giá trị là record.dsse, được ký bằng các khóa ${p.roles}.`,
  ),
} as const;
