/** What the commands of `rootca` from init to grant say. */
import { formatDate } from '../dates';
import { text } from '../text';

export const rootcaTexts = {
  // init
  init: text(
    () => 'make a root: directory, configuration, root and registry keys, root certificate',
    () => 'tạo CA gốc: thư mục, cấu hình, khóa gốc và khóa sổ đăng ký, chứng thư gốc',
  ),
  nameOption: text(
    () => 'name of the registry; part of every journal’s name, never changed',
    () => 'tên sổ đăng ký; nằm trong tên mọi nhật ký, không đổi',
  ),
  subjectOption: text(
    () => 'distinguished name of the root',
    () => 'tên phân biệt của CA gốc',
  ),
  hostOption: text(
    () => 'host name or IPv4 address of the registry',
    () => 'tên máy hoặc địa chỉ IPv4 của sổ đăng ký',
  ),
  portOption: text(
    () => 'port of the registry (HTTPS)',
    () => 'cổng của sổ đăng ký (HTTPS)',
  ),
  publicPortOption: text(
    () => 'port of the root’s CRL and certificate (HTTP)',
    () => 'cổng công bố CRL và chứng thư gốc (HTTP)',
  ),
  rootTokenOption: text(
    () => 'label of the token for the root CA key',
    () => 'nhãn token giữ khóa CA gốc',
  ),
  rootPinFileOption: text(
    () => 'file with that token’s PIN (mode 0600); otherwise a person is asked',
    () => 'tệp chứa mã PIN của token đó (quyền 0600); nếu không ghi thì hỏi người',
  ),
  registryTokenOption: text(
    () => 'label of the token for the registry key',
    () => 'nhãn token giữ khóa sổ đăng ký',
  ),
  registryPinFileOption: text(
    () => 'file with that token’s PIN (mode 0600); otherwise a person is asked',
    () => 'tệp chứa mã PIN của token đó (quyền 0600); nếu không ghi thì hỏi người',
  ),
  rootKeyOption: text(
    () => 'type of the root CA key',
    () => 'loại khóa của CA gốc',
  ),
  rootSignatureOption: text(
    () => 'what the root CA key signs with, for as long as it lives (default: as its type usually does)',
    () => 'thuật toán ký của khóa CA gốc, không đổi suốt đời khóa (mặc định: theo loại khóa)',
  ),
  initDone: text<{ directory: string; fingerprint: string; url: string }>(
    (p) =>
      `The root is made in ${p.directory}.\nSHA-256 fingerprint of its certificate, to be read aloud to every node's staff:\n${p.fingerprint}\nRegistry: ${p.url}\nNext: rootca operator add NAME --token LABEL`,
    (p) =>
      `Đã tạo CA gốc tại ${p.directory}.\nDấu SHA-256 của chứng thư gốc, đọc cho cán bộ của từng nút:\n${p.fingerprint}\nSổ đăng ký: ${p.url}\nTiếp theo: rootca operator add TÊN --token NHÃN`,
  ),

  // applications
  applicationGroup: text(
    () => 'applications for a delegation',
    () => 'hồ sơ đề nghị ủy quyền',
  ),
  applicationList: text(
    () => 'applications that were received, the newest first',
    () => 'các hồ sơ đã nhận, mới nhất trước',
  ),
  applicationStatusOption: text(
    () => 'only those in this state',
    () => 'chỉ các hồ sơ ở trạng thái này',
  ),
  applicationReceived: text(
    () => 'received',
    () => 'ngày nhận',
  ),
  approvers: text(
    () => 'approved by',
    () => 'người phê duyệt',
  ),
  noApplications: text(
    () => 'No application. Read one with: rootca application show FILE',
    () => 'Chưa có hồ sơ nào. Để nhận một hồ sơ: rootca application show TỆP',
  ),
  applicationShow: text(
    () => 'read an applicant’s file, or show a known application with the grant it would get',
    () => 'đọc tệp hồ sơ, hoặc xem hồ sơ đã có cùng văn bản ủy quyền dự kiến',
  ),
  applicationApprove: text(
    () => 'approve as one operator: sign the grant with the operator’s token',
    () => 'phê duyệt với tư cách một người vận hành: ký văn bản ủy quyền bằng token của mình',
  ),
  applicationReject: text(
    () => 'reject an application',
    () => 'từ chối hồ sơ',
  ),
  applicationArgument: text(
    () => 'file of the applicant, or the first characters of a known application’s id',
    () => 'tệp hồ sơ, hoặc các ký tự đầu của mã hồ sơ đã có',
  ),
  asOperatorOption: text(
    () => 'who approves or rejects',
    () => 'người phê duyệt hoặc từ chối',
  ),
  reasonOption: text(
    () => 'why, in words the applicant will read',
    () => 'lý do, bằng lời mà bên đề nghị sẽ đọc',
  ),
  approveQuestion: text<{ organisation: string; node: string; operator: string }>(
    (p) => `As ${p.operator}, sign the grant for ${p.organisation} (node ${p.node})?`,
    (p) => `${p.operator} ký văn bản ủy quyền cho ${p.organisation} (nút ${p.node})?`,
  ),
  approved: text<{ id: string; by: string; missing: number }>(
    (p) =>
      `Application ${p.id} approved by ${p.by}.${p.missing > 0 ? ` ${String(p.missing)} more approval(s) needed.` : ' Next: rootca grant issue.'}`,
    (p) =>
      `Hồ sơ ${p.id} đã được ${p.by} phê duyệt.${p.missing > 0 ? ` Còn cần ${String(p.missing)} phê duyệt.` : ' Tiếp theo: rootca grant issue.'}`,
  ),
  applicationId: text(
    () => 'application',
    () => 'hồ sơ',
  ),
  applicationStatus: text(
    () => 'status',
    () => 'trạng thái',
  ),
  organisation: text(
    () => 'organisation',
    () => 'cơ quan',
  ),
  node: text(
    () => 'node',
    () => 'nút',
  ),
  caKey: text(
    () => 'CA key',
    () => 'khóa CA',
  ),
  wanted: text<{ services: string; perYear: number }>(
    (p) => `${p.services}; ${p.perYear} certificates a year`,
    (p) => `${p.services}; ${p.perYear} chứng thư mỗi năm`,
  ),
  profileLine: text<{ id: string; days: number; renewedDays: number; storage: 'token' | 'software' }>(
    (p) =>
      `${p.id} (${p.days}${p.renewedDays > 0 ? `, renewed ${String(p.renewedDays)}` : ''} days, ${p.storage})`,
    (p) =>
      `${p.id} (${p.days}${p.renewedDays > 0 ? `, gia hạn ${String(p.renewedDays)}` : ''} ngày, ${p.storage === 'token' ? 'thiết bị lưu khóa' : 'phần mềm'})`,
  ),
  wants: text(
    () => 'wants',
    () => 'đề nghị',
  ),
  wantsSuccession: text<{ epoch: number; grantId: string; version: number }>(
    (p) => `to roll over the CA key: generation ${p.epoch}, under grant ${p.grantId} version ${p.version}`,
    (p) =>
      `chuyển sang khóa CA mới: thế hệ ${p.epoch}, theo văn bản ủy quyền ${p.grantId} phiên bản ${p.version}`,
  ),
  wantsReplacement: text<{ epoch: number; caSpkiSha256: string }>(
    (p) =>
      `IN PLACE OF generation ${p.epoch}, said to be lost before it was used: SHA-256 ${p.caSpkiSha256}; its certificate, if there is one, will be revoked`,
    (p) =>
      `THAY cho thế hệ ${p.epoch}, được báo là mất trước khi sử dụng: SHA-256 ${p.caSpkiSha256}; chứng thư của khóa đó, nếu đã cấp, sẽ bị thu hồi`,
  ),
  grantServices: text(
    () => 'grant: services',
    () => 'ủy quyền: dịch vụ',
  ),
  grantProfiles: text(
    () => 'grant: profiles',
    () => 'ủy quyền: mẫu chứng thư',
  ),
  grantNames: text(
    () => 'grant: names begin with',
    () => 'ủy quyền: tên bắt đầu bằng',
  ),
  grantEmail: text(
    () => 'grant: e-mail domains',
    () => 'ủy quyền: tên miền thư điện tử',
  ),
  grantDns: text(
    () => 'grant: server names',
    () => 'ủy quyền: tên miền máy chủ',
  ),
  grantQuota: text(
    () => 'grant: quota',
    () => 'ủy quyền: hạn mức',
  ),
  grantUntil: text(
    () => 'grant: until',
    () => 'ủy quyền: đến',
  ),
  approvedBy: text(
    () => 'approved by',
    () => 'đã phê duyệt',
  ),
  quotaLine: text<{ total: number; perDay: number }>(
    (p) => `${p.total} in all, ${p.perDay} a day`,
    (p) => `tổng ${p.total}, mỗi ngày ${p.perDay}`,
  ),

  // grants
  grantGroup: text(
    () => 'grants',
    () => 'văn bản ủy quyền',
  ),
  grantIssue: text(
    () => 'sign the sub-CA certificate and write the bundle for the node',
    () => 'ký chứng thư CA cấp dưới và ghi tệp ủy quyền cho nút',
  ),
  grantShow: text(
    () => 'show a node’s grant in force',
    () => 'xem văn bản ủy quyền hiện hành của một nút',
  ),
  outFile: text(
    () => 'file to write',
    () => 'tệp cần ghi',
  ),
  grantDone: text<{ node: string; file: string; notAfter: Date }>(
    (p) =>
      `Grant for ${p.node} written to ${p.file}; the sub-CA certificate ends ${formatDate(p.notAfter, 'en')}.`,
    (p) =>
      `Đã ghi văn bản ủy quyền cho ${p.node} vào ${p.file}; chứng thư CA cấp dưới hết hạn ${formatDate(p.notAfter, 'vi')}.`,
  ),
  nodeArgument: text(
    () => 'name of the node',
    () => 'tên của nút',
  ),
} as const;

/** States of an application, for people. */
export const applicationStatusTexts = {
  pending: text(
    () => 'pending',
    () => 'chờ phê duyệt',
  ),
  approved: text(
    () => 'approved',
    () => 'đã phê duyệt',
  ),
  granted: text(
    () => 'granted',
    () => 'đã cấp văn bản ủy quyền',
  ),
  rejected: text(
    () => 'rejected',
    () => 'bị từ chối',
  ),
} as const;
