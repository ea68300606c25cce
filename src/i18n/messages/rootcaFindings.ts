/** What the commands of `rootca` say that tell what is wrong with nodes, and act on it. */
import { formatDate } from '../dates';
import { text } from '../text';

interface Told {
  readonly found: string;
  readonly allowed: string;
}

const at = (instant: string, lang: 'vi' | 'en'): string => formatDate(new Date(instant), lang);

/** What of the root's own ends soon, or has ended, and what is to be done. */
export const deadlineTexts = {
  ROOT_CRL_ENDS: text<{ end: string }>(
    (p) =>
      `The root’s CRL is valid until ${at(p.end, 'en')}. After that, many programs accept no certificate of any node: "rootca crl publish".`,
    (p) =>
      `Danh sách thu hồi của CA gốc có giá trị đến ${at(p.end, 'vi')}. Sau đó nhiều chương trình không chấp nhận chứng thư của bất cứ nút nào: "rootca crl publish".`,
  ),
  TRUST_ENDS: text<{ end: string }>(
    (p) =>
      `The trust statement is valid until ${at(p.end, 'en')}. After that, nothing is granted and no order is taken: "rootca trust sign".`,
    (p) =>
      `Bản tuyên bố tin cậy có giá trị đến ${at(p.end, 'vi')}. Sau đó không thể ủy quyền, chỉ thị không được tiếp nhận: "rootca trust sign".`,
  ),
  REGISTRY_TLS_ENDS: text<{ end: string }>(
    (p) =>
      `The registry’s HTTPS certificate is valid until ${at(p.end, 'en')}. After that, no node can sync: "rootca tls renew", then restart "rootca serve".`,
    (p) =>
      `Chứng thư HTTPS của sổ đăng ký có giá trị đến ${at(p.end, 'vi')}. Sau đó không nút nào đồng bộ được: "rootca tls renew", rồi khởi động lại "rootca serve".`,
  ),
  ROOT_CERTIFICATE_ENDS: text<{ end: string }>(
    (p) => `The root’s own certificate is valid until ${at(p.end, 'en')}. All certificates end with it.`,
    (p) =>
      `Chứng thư của CA gốc có giá trị đến ${at(p.end, 'vi')}. Mọi chứng thư bên dưới hết hiệu lực cùng lúc đó.`,
  ),
} as const;

/** What is wrong with a node that breaks no rule of its journal. */
export const conditionTexts = {
  SILENT: text<Told>(
    (p) => `silent since ${at(p.found, 'en')}: call the node`,
    (p) => `không liên lạc từ ${at(p.found, 'vi')}: hãy gọi cho nút`,
  ),
  CRL_EXPIRED: text<Told>(
    (p) => `its last known CRL ended ${at(p.found, 'en')}: nobody can check its certificates`,
    (p) =>
      `danh sách thu hồi gần nhất được biết đã hết hạn ${at(p.found, 'vi')}: không ai kiểm tra được chứng thư`,
  ),
  CLOCK_AHEAD: text<Told>(
    (p) => `its clock is ahead: it said ${at(p.found, 'en')} before that time came`,
    (p) => `đồng hồ của nút chạy nhanh: báo ${at(p.found, 'vi')} khi chưa đến giờ đó`,
  ),
  ROOT_CRL_UNKNOWN: text<Told>(
    (p) =>
      `holds a CRL of the root that the root does not know (SHA-256 ${p.found.slice(0, 16)}…): was the root restored? Take root.crl from the node, and revoke again what it lists`,
    (p) =>
      `giữ một danh sách thu hồi của CA gốc mà CA gốc không còn biết (SHA-256 ${p.found.slice(0, 16)}…): CA gốc vừa được khôi phục? Hãy lấy tệp root.crl ở nút và thu hồi lại những chứng thư có trong đó`,
  ),
  GRANT_NOT_TAKEN: text<Told>(
    (p) => `works under version ${p.found} of its grant, though version ${p.allowed} was offered`,
    (p) => `vẫn dùng văn bản ủy quyền phiên bản ${p.found} dù đã có phiên bản ${p.allowed}`,
  ),
  TRUST_NOT_TAKEN: text<Told>(
    (p) => `holds version ${p.found} of the trust statement, though version ${p.allowed} was offered`,
    (p) => `vẫn giữ bản tuyên bố tin cậy phiên bản ${p.found} dù đã có phiên bản ${p.allowed}`,
  ),
  ORDER_NOT_TAKEN: text<Told>(
    (p) => `has acknowledged ${p.found} directive(s), though directive ${p.allowed} was offered`,
    (p) => `mới xác nhận ${p.found} chỉ thị dù chỉ thị số ${p.allowed} đã được giao`,
  ),
  ORDER_NOT_JOURNALLED: text<Told>(
    (p) => `says it has ${p.found} directive(s), which its journal does not: stop the node`,
    (p) => `báo đã nhận ${p.found} chỉ thị nhưng nhật ký không ghi: hãy dừng nút`,
  ),
  ORDER_NOT_DONE: text<Told>(
    (p) => `has ${p.found} certificate(s) that it has not revoked as a directive orders`,
    (p) => `còn ${p.found} chứng thư chưa được thu hồi theo chỉ thị`,
  ),
  BEHIND: text<Told>(
    (p) => `has ${p.allowed} entries, of which the root has ${p.found}: its sync does not finish`,
    (p) => `có ${p.allowed} mục nhật ký, CA gốc mới có ${p.found}: đồng bộ chưa xong`,
  ),
  GRANT_ENDS: text<Told>(
    (p) => `its grant ends ${at(p.found, 'en')}`,
    (p) => `văn bản ủy quyền hết hạn ${at(p.found, 'vi')}`,
  ),
  CA_ENDS: text<Told>(
    (p) => `its CA certificate ends ${at(p.found, 'en')}: roll over before`,
    (p) => `chứng thư CA hết hạn ${at(p.found, 'vi')}: cần chuyển khóa trước đó`,
  ),
  QUOTA_NEAR: text<Told>(
    (p) => `has used ${p.found} certificates of its quota`,
    (p) => `đã dùng ${p.found} hạn mức chứng thư`,
  ),
} as const;

export const severityTexts = {
  critical: text(
    () => 'critical',
    () => 'nghiêm trọng',
  ),
  error: text(
    () => 'error',
    () => 'lỗi',
  ),
  warning: text(
    () => 'warning',
    () => 'cảnh báo',
  ),
} as const;

export const findingStateTexts = {
  open: text(
    () => 'open',
    () => 'chưa xử lý',
  ),
  acknowledged: text(
    () => 'acknowledged',
    () => 'đã ghi nhận',
  ),
  settled: text(
    () => 'settled: the certificate is out of use',
    () => 'đã xong: chứng thư không còn hiệu lực',
  ),
} as const;

export const rootcaFindingsTexts = {
  description: text(
    () =>
      'Two things are told: rules a journal breaks, each with its entry as evidence, which stay on record for ever; and what is wrong with a node just now (silent, CRL at its end, clock, grant not taken), which closes when its cause is gone.',
    () =>
      'Gồm hai phần: các sai phạm trong nhật ký, mỗi phát hiện kèm mục nhật ký làm chứng cứ và được lưu mãi; và tình trạng bất thường hiện tại của nút (mất liên lạc, danh sách thu hồi hết hạn, đồng hồ, chưa nhận văn bản ủy quyền), tự đóng khi hết nguyên nhân.',
  ),
  allOption: text(
    () => 'those too that were acknowledged',
    () => 'gồm cả những phát hiện đã ghi nhận',
  ),
  nodeOption: text(
    () => 'only those about this node',
    () => 'chỉ những phát hiện về nút này',
  ),
  limitOption: text(
    () => 'at most so many',
    () => 'nhiều nhất bấy nhiêu phát hiện',
  ),
  afterOption: text(
    () => 'those with greater numbers than this one: the next page',
    () => 'những phát hiện có số lớn hơn số này: trang tiếp theo',
  ),
  more: text<{ count: number; last: number }>(
    (p) => `${p.count} more: --after ${p.last}`,
    (p) => `Còn ${p.count} phát hiện nữa: --after ${p.last}`,
  ),
  others: text<{ count: number }>(
    (p) => `${p.count} more acknowledged: --all`,
    (p) => `Còn ${p.count} phát hiện đã ghi nhận: --all`,
  ),
  severity: text(
    () => 'severity',
    () => 'mức độ',
  ),
  journal: text(
    () => 'journal',
    () => 'nhật ký',
  ),
  state: text(
    () => 'state',
    () => 'trạng thái',
  ),
  since: text(
    () => 'since',
    () => 'từ lúc',
  ),
  condition: text(
    () => 'what is wrong',
    () => 'bất thường',
  ),
  acknowledge: text(
    () => 'sign what is to be thought of a finding, so that jobs go on',
    () => 'ký ghi nhận một phát hiện kèm lý do, để các tác vụ chạy tiếp',
  ),
  acknowledgeDescription: text(
    () =>
      'The finding and its evidence stay on record with your words and your signature. From then on it does not count any more in receipts and exit codes.',
    () =>
      'Phát hiện và chứng cứ vẫn được lưu cùng lý do và chữ ký của bạn. Từ đó phát hiện này không còn tính vào biên nhận và mã thoát.',
  ),
  numberArgument: text(
    () => 'number from "rootca findings"',
    () => 'số thứ tự trong "rootca findings"',
  ),
  reasonOption: text(
    () => 'what was found out about it, for those who read it later',
    () => 'kết quả xác minh, để người sau đọc',
  ),
  acknowledgeQuestion: text<{ id: number; operator: string }>(
    (p) => `Acknowledge finding ${p.id} in the name of ${p.operator}? It cannot be taken back.`,
    (p) => `Ghi nhận phát hiện số ${p.id} dưới tên ${p.operator}? Không thể rút lại.`,
  ),
  acknowledged: text<{ id: number; operator: string }>(
    (p) => `Finding ${p.id} acknowledged by ${p.operator}.`,
    (p) => `${p.operator} đã ghi nhận phát hiện số ${p.id}.`,
  ),
  revoke: text(
    () => 'revoke a node’s CA certificate: every certificate under it ends at once',
    () => 'thu hồi chứng thư CA của nút: mọi chứng thư bên dưới mất hiệu lực ngay',
  ),
  revokeDescription: text(
    () =>
      'The last resort, for a CA key that is exposed or a node that does not obey. The root’s CRL tells it at once, to the node with its next sync. It cannot be taken back; a node goes on only with a new CA key.',
    () =>
      'Biện pháp cuối cùng, khi khóa CA bị lộ hoặc nút không chấp hành. Danh sách thu hồi của CA gốc công bố ngay, nút biết ở lần đồng bộ tới. Không thể rút lại; nút chỉ hoạt động tiếp với khóa CA mới.',
  ),
  revokeReason: text(
    () => 'why',
    () => 'lý do',
  ),
  epochOption: text(
    () => 'generation of the CA key (otherwise the newest)',
    () => 'thế hệ của khóa CA (nếu không ghi: mới nhất)',
  ),
  revokeQuestion: text<{ node: string }>(
    (p) => `Revoke the CA certificate of ${p.node}? Every certificate under it becomes worthless at once.`,
    (p) => `Thu hồi chứng thư CA của ${p.node}? Mọi chứng thư bên dưới mất giá trị ngay lập tức.`,
  ),
  revokedCa: text<{ node: string; subject: string; serialNumber: string }>(
    (p) => `Revoked: ${p.subject} (${p.serialNumber}) of ${p.node}. The root’s CRL is published.`,
    (p) =>
      `Đã thu hồi: ${p.subject} (${p.serialNumber}) của ${p.node}. Đã công bố danh sách thu hồi của CA gốc.`,
  ),
} as const;
