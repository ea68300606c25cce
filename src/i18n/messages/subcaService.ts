/** What the commands of `subca` that publish, sync and check say. */
import { formatDate } from '../dates';
import { text, type Lang } from '../text';

const hsmStates = {
  ready: text(
    () => 'ready',
    () => 'sẵn sàng',
  ),
  degraded: text(
    () => 'degraded: signing goes on',
    () => 'suy giảm: vẫn ký được',
  ),
  down: text(
    () => 'down: nothing can be signed',
    () => 'ngừng: không ký được',
  ),
} as const;

type HsmState = keyof typeof hsmStates;

const issuanceStates = {
  open: text(
    () => 'issuing is open',
    () => 'được cấp chứng thư',
  ),
  suspended: text(
    () => 'issuing is suspended',
    () => 'đang tạm dừng cấp chứng thư',
  ),
  withdrawing: text(
    () => 'the delegation is withdrawn, certificates are being revoked',
    () => 'ủy quyền đã bị thu hồi, đang thu hồi các chứng thư',
  ),
  withdrawn: text(
    () => 'the delegation is withdrawn',
    () => 'ủy quyền đã bị thu hồi',
  ),
} as const;

type IssuanceState = keyof typeof issuanceStates;

function issuanceLine(
  issuance: { state: IssuanceState; directive?: number; since?: string; reason?: string },
  lang: Lang,
): string {
  const { state, directive = 0, since, reason = '' } = issuance;
  const told = issuanceStates[state][lang]({});
  if (since === undefined) return told;
  const when = formatDate(new Date(since), lang);
  return lang === 'vi'
    ? `${told} từ ${when} theo chỉ thị số ${String(directive)}: ${reason}`
    : `${told} since ${when} by directive ${String(directive)}: ${reason}`;
}

export const subcaServiceTexts = {
  // crl, serve
  crlGroup: text(
    () => 'certificate revocation list',
    () => 'danh sách chứng thư bị thu hồi',
  ),
  crlPublish: text(
    () => 'sign and publish a new CRL',
    () => 'ký và công bố danh sách thu hồi mới',
  ),
  crlDone: text<{ number: number; entries: number; nextUpdate: Date }>(
    (p) =>
      `CRL ${p.number} with ${p.entries} certificate(s) published; next one due by ${formatDate(p.nextUpdate, 'en')}.`,
    (p) =>
      `Đã công bố CRL số ${p.number} gồm ${p.entries} chứng thư; kỳ tiếp theo trước ${formatDate(p.nextUpdate, 'vi')}.`,
  ),
  serve: text(
    () => 'answer for CRLs and online status checks, and keep the CRL fresh',
    () => 'phục vụ CRL và kiểm tra trực tuyến, tự làm mới CRL',
  ),
  serving: text<{ address: string }>(
    (p) => `Serving at ${p.address}`,
    (p) => `Đang phục vụ tại ${p.address}`,
  ),
  served: text(
    () => 'Stopped.',
    () => 'Đã dừng.',
  ),

  // sync
  sync: text(
    () => 'send the journal to the root and take its reply',
    () => 'gửi nhật ký đến CA gốc và nhận trả lời',
  ),
  maxTime: text(
    () => 'try again for so many minutes when the root is out of reach (otherwise once)',
    () => 'thử lại trong từng này phút khi không liên lạc được CA gốc (nếu không ghi: một lần)',
  ),
  syncExport: text(
    () => 'write what the root has not confirmed to a file',
    () => 'ghi phần CA gốc chưa xác nhận ra tệp',
  ),
  syncImport: text(
    () => 'take the root’s reply from a file',
    () => 'nhận trả lời của CA gốc từ tệp',
  ),
  submissionFile: text(
    () => 'file to carry to the root operator',
    () => 'tệp chuyển đến bên CA gốc',
  ),
  replyFile: text(
    () => 'file brought back from the root operator',
    () => 'tệp mang về từ bên CA gốc',
  ),
  syncing: text(
    () => 'Sending',
    () => 'Đang gửi',
  ),
  syncDone: text<{ sent: number; size: number; findings: number }>(
    (p) =>
      `Sent ${p.sent} entries; the root confirms ${p.size}.${p.findings > 0 ? ` It holds ${String(p.findings)} finding(s) about them.` : ''}`,
    (p) =>
      `Đã gửi ${p.sent} mục; CA gốc xác nhận ${p.size} mục.${p.findings > 0 ? ` CA gốc đang giữ ${String(p.findings)} phát hiện.` : ''}`,
  ),
  orderTaken: text<{ sequence: number; order: string; reason: string }>(
    (p) => `Directive ${p.sequence} of the root is taken and carried out: ${p.order} – ${p.reason}`,
    (p) => `Đã nhận và thực hiện chỉ thị số ${p.sequence} của CA gốc: ${p.order} – ${p.reason}`,
  ),
  grantTaken: text<{ version: number; effectiveFrom: string }>(
    (p) =>
      `Version ${p.version} of the grant is taken; in effect from ${formatDate(new Date(p.effectiveFrom), 'en')}.`,
    (p) =>
      `Đã nhận văn bản ủy quyền phiên bản ${p.version}; có hiệu lực từ ${formatDate(new Date(p.effectiveFrom), 'vi')}.`,
  ),
  replyTaken: text<{ size: number; findings: number }>(
    (p) =>
      `The root confirms ${p.size} entries.${p.findings > 0 ? ` It holds ${String(p.findings)} finding(s) about them.` : ''}`,
    (p) =>
      `CA gốc xác nhận ${p.size} mục.${p.findings > 0 ? ` CA gốc đang giữ ${String(p.findings)} phát hiện.` : ''}`,
  ),
  exportDone: text<{ file: string; entries: number }>(
    (p) => `${p.entries} entries written to ${p.file}.`,
    (p) => `Đã ghi ${p.entries} mục vào ${p.file}.`,
  ),

  // verify, status
  verify: text(
    () => 're-check all that the node holds: journal, certificates, CRLs, receipts, published files',
    () => 'kiểm tra lại toàn bộ: nhật ký, chứng thư, CRL, biên nhận, tệp đã công bố',
  ),
  verifying: text(
    () => 'Checking',
    () => 'Đang kiểm tra',
  ),
  verifyDone: text<{ entries: number; certificates: number; rootHash: string }>(
    (p) => `Everything holds: ${p.entries} entries, ${p.certificates} certificates. Root hash ${p.rootHash}`,
    (p) => `Tất cả đều đúng: ${p.entries} mục, ${p.certificates} chứng thư. Giá trị băm gốc ${p.rootHash}`,
  ),
  statusCommand: text(
    () => 'how the node stands',
    () => 'tình trạng của nút',
  ),
  nodeName: text(
    () => 'node',
    () => 'nút',
  ),
  organisation: text(
    () => 'organisation',
    () => 'cơ quan',
  ),
  grant: text(
    () => 'grant',
    () => 'ủy quyền',
  ),
  grantLine: text<{ version: number; notAfter: string }>(
    (p) => `version ${p.version}, until ${formatDate(new Date(p.notAfter), 'en')}`,
    (p) => `phiên bản ${p.version}, đến ${formatDate(new Date(p.notAfter), 'vi')}`,
  ),
  notActivated: text(
    () => 'not activated: run "subca apply", then "subca activate"',
    () => 'chưa kích hoạt: chạy "subca apply", sau đó "subca activate"',
  ),
  journal: text(
    () => 'journal',
    () => 'nhật ký',
  ),
  journalLine: text<{ size: number; confirmed: number }>(
    (p) => `${p.size} entries, ${p.confirmed} confirmed by the root`,
    (p) => `${p.size} mục, CA gốc đã xác nhận ${p.confirmed}`,
  ),
  mirror: text(
    () => 'mirror',
    () => 'bản song hành',
  ),
  mirrorLine: text<{ folder: string; size: number }>(
    (p) => `${p.size} entries in ${p.folder}`,
    (p) => `${p.size} mục trong ${p.folder}`,
  ),
  quarantine: text(
    () => 'QUARANTINE',
    () => 'CÁCH LY',
  ),
  quarantineLine: text<{ code: string; since: string }>(
    (p) => `nothing is issued since ${formatDate(new Date(p.since), 'en')} (${p.code}): subca recover`,
    (p) => `đã ngừng cấp chứng thư từ ${formatDate(new Date(p.since), 'vi')} (${p.code}): subca recover`,
  ),
  lost: text(
    () => 'HISTORY LOST',
    () => 'MẤT LỊCH SỬ',
  ),
  lostLine: text<{ time: string }>(
    (p) =>
      `this CA key issues nothing since ${formatDate(new Date(p.time), 'en')} (HISTORY_LOST): subca rollover begin`,
    (p) =>
      `khóa CA này không cấp chứng thư từ ${formatDate(new Date(p.time), 'vi')} (HISTORY_LOST): subca rollover begin`,
  ),
  certificates: text(
    () => 'certificates',
    () => 'chứng thư',
  ),
  directives: text(
    () => 'directives',
    () => 'chỉ thị',
  ),
  directivesLine: text<{
    last: number;
    issuance: { state: IssuanceState; directive?: number; since?: string; reason?: string };
  }>(
    (p) => `${p.last} taken; ${issuanceLine(p.issuance, 'en')}`,
    (p) => `đã nhận đến số ${p.last}; ${issuanceLine(p.issuance, 'vi')}`,
  ),
  hsm: text(
    () => 'HSM',
    () => 'HSM',
  ),
  hsmLine: text<{ state: HsmState; cause: string | null; since: string; seenBy: 'service' | 'command' }>(
    (p) =>
      `${hsmStates[p.state].en({})}${p.cause === null ? '' : ` [${p.cause}]`}, ${p.seenBy === 'service' ? `since ${formatDate(new Date(p.since), 'en')}, says the service` : 'seen without logging in; no service answers'}`,
    (p) =>
      `${hsmStates[p.state].vi({})}${p.cause === null ? '' : ` [${p.cause}]`}, ${p.seenBy === 'service' ? `từ ${formatDate(new Date(p.since), 'vi')}, theo dịch vụ` : 'xem khi chưa đăng nhập; không có dịch vụ trả lời'}`,
  ),
  crl: text(
    () => 'CRL',
    () => 'CRL',
  ),
  crlOf: text<{ epoch: number }>(
    (p) => `CRL of generation ${p.epoch}`,
    (p) => `CRL của thế hệ ${p.epoch}`,
  ),
  caCertificate: text(
    () => 'CA certificate',
    () => 'Chứng thư CA',
  ),
  caRevoked: text<{ since: string }>(
    (p) => `REVOKED by the root as of ${formatDate(new Date(p.since), 'en')}: nothing is issued`,
    (p) => `ĐÃ BỊ CA gốc THU HỒI từ ${formatDate(new Date(p.since), 'vi')}: không cấp chứng thư`,
  ),
  crlLine: text<{ number: number; nextUpdate: string }>(
    (p) => `number ${p.number}, next due by ${formatDate(new Date(p.nextUpdate), 'en')}`,
    (p) => `số ${p.number}, kỳ tiếp theo trước ${formatDate(new Date(p.nextUpdate), 'vi')}`,
  ),
} as const;
