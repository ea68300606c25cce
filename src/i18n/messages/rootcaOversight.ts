/** What the commands of `rootca` that take submissions and watch nodes say. */
import { formatDate } from '../dates';
import { inVietnamese } from '../quoted';
import { text } from '../text';

export const rootcaOversightTexts = {
  // registry
  serve: text(
    () => 'run the registry: take submissions, answer with receipts',
    () => 'chạy sổ đăng ký: nhận dữ liệu gửi, trả biên nhận',
  ),
  serving: text<{ registry: string; site: string }>(
    (p) => `Registry at ${p.registry}, CRL and certificate at ${p.site}`,
    (p) => `Sổ đăng ký tại ${p.registry}, CRL và chứng thư tại ${p.site}`,
  ),
  served: text(
    () => 'Stopped.',
    () => 'Đã dừng.',
  ),
  import: text(
    () => 'take a node’s file and write the reply to carry back',
    () => 'nhận tệp của nút và ghi tệp trả lời để chuyển lại',
  ),
  importFile: text(
    () => 'file from "subca sync export"',
    () => 'tệp từ lệnh "subca sync export"',
  ),
  importDone: text<{ entries: number; size: number; findings: number; file: string }>(
    (p) =>
      `${p.entries === 0 ? 'Nothing in the file was new' : `${p.entries} entries were new`}; the root holds ${p.size} entries of this node’s journals; ${p.findings} finding(s). Reply: ${p.file}`,
    (p) =>
      `${p.entries === 0 ? 'Tệp không có gì mới' : `Có ${p.entries} mục mới`}; CA gốc giữ ${p.size} mục nhật ký của nút; ${p.findings} phát hiện. Tệp trả lời: ${p.file}`,
  ),
  importProblem: text<{ reason: string; file: string }>(
    (p) => `Not accepted: ${p.reason}. The reply in ${p.file} tells the node.`,
    (p) => `Không chấp nhận: ${inVietnamese(p.reason)}. Tệp trả lời ${p.file} sẽ báo cho nút.`,
  ),

  // upkeep
  crlGroup: text(
    () => 'the root’s certificate revocation list',
    () => 'danh sách thu hồi của CA gốc',
  ),
  crlPublish: text(
    () => 'sign and publish a new CRL of the root',
    () => 'ký và công bố danh sách thu hồi mới của CA gốc',
  ),
  crlDone: text<{ number: number; nextUpdate: Date }>(
    (p) => `Root CRL ${p.number} published; the next one is due by ${formatDate(p.nextUpdate, 'en')}.`,
    (p) => `Đã công bố CRL gốc số ${p.number}; kỳ tiếp theo trước ${formatDate(p.nextUpdate, 'vi')}.`,
  ),
  tlsGroup: text(
    () => 'the registry’s HTTPS certificate',
    () => 'chứng thư HTTPS của sổ đăng ký',
  ),
  tlsRenew: text(
    () => 'make a new HTTPS key and certificate for the registry',
    () => 'tạo khóa và chứng thư HTTPS mới cho sổ đăng ký',
  ),
  tlsDone: text<{ notAfter: Date }>(
    (p) =>
      `The registry’s HTTPS certificate is valid until ${formatDate(p.notAfter, 'en')}. Restart "rootca serve".`,
    (p) =>
      `Chứng thư HTTPS của sổ đăng ký có hiệu lực đến ${formatDate(p.notAfter, 'vi')}. Hãy khởi động lại "rootca serve".`,
  ),

  // oversight
  nodeGroup: text(
    () => 'the nodes',
    () => 'các nút',
  ),
  nodeList: text(
    () => 'list nodes and how they stand',
    () => 'liệt kê các nút và tình trạng',
  ),
  nodeShow: text(
    () => 'show one node',
    () => 'xem một nút',
  ),
  grantVersions: text<{ inForce: number | null; grantVersion: number; newestGrant: number }>(
    (p) =>
      `version ${p.inForce ?? '—'} in force; taken up to ${p.grantVersion}, signed up to ${p.newestGrant}`,
    (p) =>
      `phiên bản ${p.inForce ?? '—'} đang có hiệu lực; nút đã nhận đến ${p.grantVersion}, đã ký đến ${p.newestGrant}`,
  ),
  entries: text(
    () => 'entries',
    () => 'mục',
  ),
  certificates: text(
    () => 'certificates',
    () => 'chứng thư',
  ),
  revoked: text(
    () => 'revoked',
    () => 'thu hồi',
  ),
  lastContact: text(
    () => 'last contact',
    () => 'liên lạc cuối',
  ),
  findings: text(
    () => 'findings',
    () => 'phát hiện',
  ),
  version: text<{ version: number }>(
    (p) => `version ${p.version}`,
    (p) => `phiên bản ${p.version}`,
  ),
  caKey: text<{ epoch: number }>(
    (p) => `CA key of generation ${p.epoch}`,
    (p) => `khóa CA thế hệ ${p.epoch}`,
  ),
  generationLine: text<{ origin: string; entries: number; crlNumber: number; sealedAt: number | null }>(
    (p) =>
      `journal ${p.origin}: ${p.entries} entries${p.sealedAt === null ? '' : `, succeeded at ${String(p.sealedAt)}`}, CRL ${p.crlNumber}`,
    (p) =>
      `nhật ký ${p.origin}: ${p.entries} mục${p.sealedAt === null ? '' : `, khóa kế tiếp thay từ mục ${String(p.sealedAt)}`}, CRL số ${p.crlNumber}`,
  ),
  replacedLine: text(
    () => 'lost before it was used: replaced, its certificate revoked',
    () => 'bị mất trước khi sử dụng: đã được thay thế, chứng thư đã thu hồi',
  ),
  statusTold: text<{ status: string }>(
    (p) => `Its status in that journal: ${p.status}.`,
    (p) => `Trạng thái trong nhật ký đó: ${p.status}.`,
  ),
  never: text(
    () => 'never',
    () => 'chưa có',
  ),
  noNodes: text(
    () => 'No nodes yet.',
    () => 'Chưa có nút nào.',
  ),
  findingsCommand: text(
    () => 'list what was found wrong with nodes’ journals',
    () => 'liệt kê các phát hiện trong nhật ký của các nút',
  ),
  noFindings: text(
    () => 'No findings.',
    () => 'Không có phát hiện nào.',
  ),
  entry: text(
    () => 'entry',
    () => 'mục',
  ),
  opened: text(
    () => 'opened',
    () => 'ghi nhận lúc',
  ),
  detail: text(
    () => 'found',
    () => 'chi tiết',
  ),
  inspect: text(
    () => 'say of a certificate found anywhere whether its node recorded it',
    () => 'cho biết một chứng thư bắt gặp ở bất kỳ đâu có được nút ghi nhận hay không',
  ),
  certificateFile: text(
    () => 'certificate (PEM or DER)',
    () => 'chứng thư (PEM hoặc DER)',
  ),
  verify: text(
    () => 're-check all that the root holds, every node’s journal included',
    () => 'kiểm tra lại toàn bộ dữ liệu của CA gốc, gồm nhật ký của mọi nút',
  ),
  verifying: text(
    () => 'Checking',
    () => 'Đang kiểm tra',
  ),
  verifyDone: text<{ nodes: number; entries: number; findings: number; own: number }>(
    (p) =>
      `Everything stored is as it was sent: ${p.nodes} node(s), ${p.entries} entries; ${p.own} entries of the root’s own journal tell of all that is stored.${p.findings > 0 ? ` ${String(p.findings)} finding(s) are held against nodes: see "rootca findings".` : ''}`,
    (p) =>
      `Dữ liệu lưu đúng như đã nhận: ${p.nodes} nút, ${p.entries} mục; ${p.own} mục nhật ký của CA gốc khớp với mọi dữ liệu đã lưu.${p.findings > 0 ? ` Có ${String(p.findings)} phát hiện về các nút: xem "rootca findings".` : ''}`,
  ),
} as const;

/** Verdicts of `rootca inspect`. */
export const verdictTexts = {
  recorded: text<{ node: string; index: number }>(
    (p) => `Recorded: entry ${p.index} of the journal of ${p.node} holds this very certificate.`,
    (p) => `Đã ghi nhận: mục ${p.index} trong nhật ký của ${p.node} chứa đúng chứng thư này.`,
  ),
  hidden: text<{ node: string; index: number }>(
    (p) =>
      `HIDDEN: ${p.node} signed this certificate, but its journal does not hold it at its place. The node must answer.`,
    (p) =>
      `BỊ GIẤU: ${p.node} đã ký chứng thư này nhưng nhật ký không chứa nó tại đúng vị trí. Nút phải giải trình.`,
  ),
  'not-synced': text<{ node: string; index: number }>(
    (p) =>
      `Not known yet: its place (entry ${p.index} of ${p.node}) lies beyond what the node has sent. Ask again after its next sync.`,
    (p) =>
      `Chưa biết: vị trí của nó (mục ${p.index} của ${p.node}) nằm ngoài phần nút đã gửi. Hãy hỏi lại sau lần đồng bộ tới.`,
  ),
  root: text<{ node: string; index: number }>(
    () => 'Signed by the root itself, and recorded here.',
    () => 'Do chính CA gốc ký và có ghi nhận ở đây.',
  ),
  external: text<{ node: string; index: number }>(
    (p) => `The CA certificate of ${p.node}, signed by an external root and recorded here.`,
    (p) => `Chứng thư CA của ${p.node}, do CA gốc bên ngoài ký và có ghi nhận ở đây.`,
  ),
  foreign: text<{ node: string; index: number }>(
    () => 'Signed by no key known here.',
    () => 'Không do khóa nào được biết ở đây ký.',
  ),
} as const;
