/** What `rootca grant update`, `approve` and `show` say of versions of a grant. */
import { formatDate } from '../dates';
import { text } from '../text';

const en = (time: string): string => formatDate(new Date(time), 'en');
const vi = (time: string): string => formatDate(new Date(time), 'vi');

export const grantUpdateTexts = {
  update: text(
    () => 'draft the next version of a node’s grant, and show what it would do',
    () => 'lập dự thảo phiên bản kế tiếp của văn bản ủy quyền và cho xem tác động',
  ),
  updateDescription: text(
    () =>
      'Changes come from an edited file ("rootca grant show NODE --yaml") or from --set; without any, the draft that waits is shown. Nothing is signed here. An update that takes something away needs --effective-from, --grace-days or --at-once.',
    () =>
      'Thay đổi lấy từ tệp đã sửa ("rootca grant show NÚT --yaml") hoặc từ --set; nếu không có, cho xem dự thảo đang chờ. Lệnh này chưa ký gì. Sửa đổi thu hẹp phạm vi phải có --effective-from, --grace-days hoặc --at-once.',
  ),
  approve: text(
    () => 'sign the drafted version as one operator',
    () => 'ký dự thảo với tư cách một người vận hành',
  ),
  approveDescription: text(
    () =>
      'The last signature that is needed makes it the newest version; the node gets it with its next exchange, or by file with "rootca grant show NODE --out FILE" and "subca sync import".',
    () =>
      'Chữ ký cuối cùng còn thiếu đưa dự thảo thành phiên bản mới nhất; nút nhận ở lần đồng bộ kế tiếp, hoặc qua tệp bằng "rootca grant show NÚT --out TỆP" và "subca sync import".',
  ),
  fileOption: text(
    () => 'the edited grant, YAML or JSON',
    () => 'văn bản ủy quyền đã sửa, YAML hoặc JSON',
  ),
  setOption: text(
    () => 'one changed value, e.g. limits.quota.total=5000; a profile is named by its id',
    () => 'một giá trị thay đổi, ví dụ limits.quota.total=5000; mẫu gọi theo tên',
  ),
  fromOption: text(
    () => 'when it takes effect',
    () => 'thời điểm có hiệu lực',
  ),
  graceOption: text(
    () => 'days until it takes effect',
    () => 'số ngày cho đến khi có hiệu lực',
  ),
  atOnceOption: text(
    () => 'it takes effect when it arrives, though it takes something away',
    () => 'có hiệu lực ngay khi nút nhận, dù thu hẹp phạm vi',
  ),
  withNextKeyOption: text(
    () => 'it becomes the grant of the next CA key, whose certificate is made for it',
    () => 'dùng cho khóa CA kế tiếp, chứng thư CA mới được lập theo đó',
  ),
  discardOption: text(
    () => 'take the waiting draft back',
    () => 'rút lại dự thảo đang chờ',
  ),
  listOption: text(
    () => 'how many certificates outside it to list; all of them with --json',
    () => 'số chứng thư nằm ngoài phạm vi cần liệt kê; --json cho tất cả',
  ),
  yamlOption: text(
    () => 'as a file to edit for "rootca grant update --file"',
    () => 'dạng tệp để sửa cho "rootca grant update --file"',
  ),
  bundleOption: text(
    () => 'write the bundle of the newest version, for the way by file',
    () => 'ghi tệp của phiên bản mới nhất để chuyển bằng tay',
  ),
  version: text(
    () => 'version',
    () => 'phiên bản',
  ),
  effective: text(
    () => 'takes effect',
    () => 'có hiệu lực',
  ),
  effectiveLine: text<{ effectiveFrom: string; narrows: boolean }>(
    (p) => `${en(p.effectiveFrom)}${p.narrows ? '; it takes something away' : '; it only adds'}`,
    (p) => `${vi(p.effectiveFrom)}${p.narrows ? '; thu hẹp phạm vi' : '; chỉ mở rộng'}`,
  ),
  withNextKey: text(
    () => 'with the next CA key; approved with its application',
    () => 'cùng khóa CA kế tiếp; phê duyệt cùng hồ sơ của khóa đó',
  ),
  signedBy: text(
    () => 'signed by',
    () => 'đã ký',
  ),
  field: text(
    () => 'field',
    () => 'mục',
  ),
  before: text<{ version: number }>(
    (p) => `version ${p.version}`,
    (p) => `phiên bản ${p.version}`,
  ),
  after: text(
    () => 'would be',
    () => 'sẽ là',
  ),
  narrower: text(
    () => 'narrower',
    () => 'thu hẹp',
  ),
  outside: text<{ outside: number; running: number }>(
    (p) =>
      p.outside === 0
        ? `All ${p.running} certificates in force lie inside it.`
        : `${p.outside} of ${p.running} certificates in force would lie outside it; they stay in force:`,
    (p) =>
      p.outside === 0
        ? `Cả ${p.running} chứng thư đang có hiệu lực đều nằm trong phạm vi.`
        : `${p.outside} trên ${p.running} chứng thư đang có hiệu lực sẽ nằm ngoài phạm vi; chúng vẫn còn hiệu lực:`,
  ),
  more: text<{ more: number }>(
    (p) => `… and ${p.more} more; --json lists all`,
    (p) => `… và ${p.more} chứng thư nữa; --json liệt kê tất cả`,
  ),
  profile: text(
    () => 'profile',
    () => 'mẫu',
  ),
  rule: text(
    () => 'rule',
    () => 'quy tắc',
  ),
  count: text(
    () => 'certificates',
    () => 'chứng thư',
  ),
  usedUp: text<{ limits: string }>(
    (p) => `Used up already: ${p.limits}.`,
    (p) => `Đã dùng hết: ${p.limits}.`,
  ),
  next: text<{ node: string }>(
    (p) => `Nothing is signed yet. Next, each operator: rootca grant approve ${p.node} --operator NAME`,
    (p) => `Chưa ký gì. Tiếp theo, từng người vận hành: rootca grant approve ${p.node} --operator TÊN`,
  ),
  discarded: text<{ node: string }>(
    (p) => `The draft for ${p.node} is taken back.`,
    (p) => `Đã rút lại dự thảo cho ${p.node}.`,
  ),
  approveQuestion: text<{ node: string; version: number; operator: string }>(
    (p) => `As ${p.operator}, sign version ${p.version} of the grant of ${p.node}?`,
    (p) => `${p.operator} ký phiên bản ${p.version} của văn bản ủy quyền của ${p.node}?`,
  ),
  signed: text<{ node: string; version: number; by: string; missing: number }>(
    (p) =>
      `Version ${p.version} for ${p.node} signed by ${p.by}.${p.missing > 0 ? ` ${String(p.missing)} more signature(s) needed.` : ' The node gets it with its next exchange.'}`,
    (p) =>
      `Phiên bản ${p.version} cho ${p.node} đã được ${p.by} ký.${p.missing > 0 ? ` Còn cần ${String(p.missing)} chữ ký.` : ' Nút sẽ nhận ở lần đồng bộ kế tiếp.'}`,
  ),
  bundleWritten: text<{ node: string; version: number; file: string }>(
    (p) => `Version ${p.version} for ${p.node} written to ${p.file}. At the node: subca sync import FILE`,
    (p) => `Đã ghi phiên bản ${p.version} cho ${p.node} vào ${p.file}. Tại nút: subca sync import TỆP`,
  ),
} as const;
