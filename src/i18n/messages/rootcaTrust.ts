/** What the commands of `rootca` on operators, trust statements and the registry key say. */
import { formatDate } from '../dates';
import { text } from '../text';

const short = (digest: string): string => (digest.length > 16 ? `${digest.slice(0, 16)}…` : digest);

export const rootcaTrustTexts = {
  // operators
  operatorGroup: text(
    () => 'the operators who approve grants',
    () => 'người vận hành phê duyệt ủy quyền',
  ),
  operatorAdd: text(
    () => 'add an operator: make the key in the operator’s own token',
    () => 'thêm người vận hành: sinh khóa trong token riêng của người đó',
  ),
  operatorList: text(
    () => 'list operators, the trust statement in force, and the nodes that have not caught up with it',
    () => 'liệt kê người vận hành, bản tuyên bố tin cậy hiện hành và các nút chưa nhận bản đó',
  ),
  operatorName: text(
    () => 'name of the operator: a–z, 0–9, -',
    () => 'tên người vận hành: a–z, 0–9, -',
  ),
  operatorTokenOption: text(
    () => 'label of the operator’s token',
    () => 'nhãn token của người vận hành',
  ),
  operatorAdded: text<{ name: string }>(
    (p) => `Operator ${p.name} added. It counts from the next "rootca trust sign" on.`,
    (p) => `Đã thêm người vận hành ${p.name}. Có hiệu lực từ lần "rootca trust sign" tiếp theo.`,
  ),
  operatorRemove: text(
    () => 'remove an operator, also one who has lost the token',
    () => 'bỏ một người vận hành, kể cả khi người đó mất token',
  ),
  removeReason: text(
    () => 'why, for the journal of the root',
    () => 'lý do, ghi vào nhật ký của CA gốc',
  ),
  removeQuestion: text<{ name: string }>(
    (p) => `Remove the operator ${p.name} with the next trust statement?`,
    (p) => `Bỏ người vận hành ${p.name} kể từ bản tuyên bố tin cậy kế tiếp?`,
  ),
  operatorRemoved: text<{ name: string }>(
    (p) =>
      `Operator ${p.name} removed. Until the next "rootca trust sign" the statement in force still names the old key.`,
    (p) =>
      `Đã bỏ người vận hành ${p.name}. Trước lần "rootca trust sign" tiếp theo, bản hiện hành vẫn còn ghi khóa cũ.`,
  ),
  operator: text(
    () => 'operator',
    () => 'người vận hành',
  ),
  key: text(
    () => 'key (SHA-256)',
    () => 'khóa (SHA-256)',
  ),
  token: text(
    () => 'token',
    () => 'token',
  ),
  trusted: text(
    () => 'in the trust statement',
    () => 'trong bản tuyên bố tin cậy',
  ),
  yes: text(
    () => 'yes',
    () => 'có',
  ),
  no: text(
    () => 'no',
    () => 'không',
  ),
  trustGroup: text(
    () => 'the trust statement',
    () => 'bản tuyên bố tin cậy',
  ),
  trustSign: text(
    () => 'sign the next trust statement with the root CA key',
    () => 'ký bản tuyên bố tin cậy kế tiếp bằng khóa CA gốc',
  ),
  thresholdOption: text(
    () => 'how many operators must sign a grant (default: as many as until now)',
    () => 'số người vận hành phải ký một văn bản ủy quyền (mặc định: như hiện nay)',
  ),
  validDaysOption: text(
    () => 'days it is valid',
    () => 'số ngày có hiệu lực',
  ),
  trustDone: text<{ version: number; threshold: number; operators: number; validUntil: string }>(
    (p) =>
      `Trust statement ${p.version}: ${p.threshold} of ${p.operators} operators, until ${formatDate(new Date(p.validUntil), 'en')}.`,
    (p) =>
      `Bản tuyên bố tin cậy số ${p.version}: ${p.threshold} trên ${p.operators} người vận hành, đến ${formatDate(new Date(p.validUntil), 'vi')}.`,
  ),

  trustShow: text(
    () => 'show the trust statement in force, what the next one would change, and each node’s version',
    () => 'xem bản tuyên bố tin cậy hiện hành, nội dung bản kế tiếp sẽ thay đổi và phiên bản ở từng nút',
  ),
  signQuestion: text<{ version: number; changes: string; validUntil: string }>(
    (p) =>
      `Sign trust statement ${p.version} with the root CA key? ${p.changes}. Valid until ${formatDate(new Date(p.validUntil), 'en')}.`,
    (p) =>
      `Ký bản tuyên bố tin cậy số ${p.version} bằng khóa CA gốc? ${p.changes}. Có hiệu lực đến ${formatDate(new Date(p.validUntil), 'vi')}.`,
  ),
  unchanged: text(
    () => 'It changes nothing but the dates',
    () => 'Chỉ thay đổi thời hạn',
  ),
  inForce: text<{
    version: number;
    threshold: number;
    operators: number;
    validUntil: string;
    valid: boolean;
  }>(
    (p) =>
      `Trust statement ${p.version} is in force: ${p.threshold} of ${p.operators} operators, ${p.valid ? 'until' : 'ENDED'} ${formatDate(new Date(p.validUntil), 'en')}.`,
    (p) =>
      `Bản tuyên bố tin cậy số ${p.version} đang có hiệu lực: ${p.threshold} trên ${p.operators} người vận hành, ${p.valid ? 'đến' : 'ĐÃ HẾT HẠN'} ${formatDate(new Date(p.validUntil), 'vi')}.`,
  ),
  pending: text<{ changes: string }>(
    (p) => `Not signed yet: ${p.changes}. Next: rootca trust sign`,
    (p) => `Chưa ký: ${p.changes}. Tiếp theo: rootca trust sign`,
  ),
  behind: text<{ nodes: string }>(
    (p) => `Not caught up: ${p.nodes}.`,
    (p) => `Chưa nhận bản hiện hành: ${p.nodes}.`,
  ),
  allCaughtUp: text(
    () => 'Every node has it.',
    () => 'Mọi nút đã nhận.',
  ),
  nodeVersion: text(
    () => 'trust statement',
    () => 'bản tuyên bố tin cậy',
  ),
  statementDigest: text(
    () => 'statement (SHA-256)',
    () => 'bản tuyên bố (SHA-256)',
  ),
  registryKey: text(
    () => 'registry key',
    () => 'khóa sổ đăng ký',
  ),

  // registry key
  registryGroup: text(
    () => 'the registry, which signs receipts',
    () => 'sổ đăng ký, nơi ký biên nhận',
  ),
  registryRekey: text(
    () => 'make the next registry key; the next trust statement names it',
    () => 'sinh khóa sổ đăng ký mới; bản tuyên bố tin cậy kế tiếp sẽ ghi nhận khóa này',
  ),
  rekeyQuestion: text<{ token: string }>(
    (p) => `Make a new registry key on the token ${p.token}?`,
    (p) => `Sinh khóa sổ đăng ký mới trên token ${p.token}?`,
  ),
  rekeyed: text<{ sha256: string }>(
    (p) =>
      `New registry key ${short(p.sha256)} made. Until the next "rootca trust sign" the old one signs receipts; what it signed stays valid.`,
    (p) =>
      `Đã sinh khóa sổ đăng ký mới ${short(p.sha256)}. Trước lần "rootca trust sign" tiếp theo, khóa cũ vẫn ký biên nhận; biên nhận đã ký vẫn có giá trị.`,
  ),
} as const;

interface Difference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** One difference between two trust statements; `before` or `after` is empty where there is none. */
export const trustDifferenceTexts = {
  operator: text<Difference>(
    (p) =>
      p.before === ''
        ? `operator ${p.name} joins (key ${short(p.after)})`
        : p.after === ''
          ? `operator ${p.name} leaves`
          : `operator ${p.name} has another key (${short(p.after)})`,
    (p) =>
      p.before === ''
        ? `thêm người vận hành ${p.name} (khóa ${short(p.after)})`
        : p.after === ''
          ? `bỏ người vận hành ${p.name}`
          : `người vận hành ${p.name} đổi khóa (${short(p.after)})`,
  ),
  threshold: text<Difference>(
    (p) => (p.before === '' ? `threshold ${p.after}` : `threshold ${p.after} instead of ${p.before}`),
    (p) => (p.before === '' ? `ngưỡng ${p.after}` : `ngưỡng ${p.after} thay cho ${p.before}`),
  ),
  'registry-key': text<Difference>(
    (p) => `${p.before === '' ? '' : 'new '}registry key ${short(p.after)}`,
    (p) => `khóa sổ đăng ký ${p.before === '' ? '' : 'mới '}${short(p.after)}`,
  ),
  'external-root': text<Difference>(
    (p) => `external root ${p.name} ${p.after === '' ? 'is dropped' : 'is named'}`,
    (p) => `${p.after === '' ? 'bỏ' : 'thêm'} CA gốc bên ngoài ${p.name}`,
  ),
} as const;
