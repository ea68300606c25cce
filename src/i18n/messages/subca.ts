/** What the commands of `subca` that make, take and change certificates say. */
import { formatDate } from '../dates';
import { text } from '../text';

export const subcaTexts = {
  // Shared options
  pinFile: text(
    () => 'file with the token’s PIN (mode 0600)',
    () => 'tệp chứa mã PIN của token (quyền 0600)',
  ),
  pinEnv: text(
    () => 'environment variable with the token’s PIN',
    () => 'biến môi trường chứa mã PIN của token',
  ),
  outFile: text(
    () => 'file to write',
    () => 'tệp cần ghi',
  ),
  askPin: text<{ token: string }>(
    (p) => `PIN of the token “${p.token}”`,
    (p) => `Mã PIN của token “${p.token}”`,
  ),

  // init
  init: text(
    () => 'make a node: directory, configuration, keys in the token',
    () => 'tạo nút: thư mục, cấu hình, sinh khóa trong token',
  ),
  organisationOption: text(
    () => 'code of the delegated body (config-templates/organisations.yaml)',
    () => 'mã cơ quan được ủy quyền (config-templates/organisations.yaml)',
  ),
  hostOption: text(
    () => 'public host name for CRL and OCSP, with :port unless it is 80',
    () => 'tên máy chủ công khai cho CRL và OCSP, kèm :cổng nếu không phải 80',
  ),
  nodeOption: text(
    () => 'name of the node (otherwise CODE-1)',
    () => 'tên của nút (nếu không ghi: MÃ-1)',
  ),
  moduleOption: text(
    () => 'path of the PKCS#11 module',
    () => 'đường dẫn mô-đun PKCS#11',
  ),
  tokenOption: text(
    () => 'label of the token',
    () => 'nhãn của token',
  ),
  journalTokenOption: text(
    () => 'label of the token for the journal key, if it is another',
    () => 'nhãn của token giữ khóa nhật ký, nếu là token khác',
  ),
  ocspTokenOption: text(
    () => 'label of the token for the OCSP key, if it is another',
    () => 'nhãn của token giữ khóa OCSP, nếu là token khác',
  ),
  otherPinFileOption: text(
    () => 'file with that token’s PIN (mode 0600)',
    () => 'tệp chứa mã PIN của token đó (quyền 0600)',
  ),
  caKeyOption: text(
    () => 'type of the CA key',
    () => 'loại khóa của CA',
  ),
  caSignatureOption: text(
    () => 'what the CA key signs with, for as long as it lives (default: as its type usually does)',
    () => 'thuật toán ký của khóa CA, không đổi suốt đời khóa (mặc định: theo loại khóa)',
  ),
  registryOption: text(
    () => 'address of the root’s registry; left out where files are carried by hand',
    () => 'địa chỉ sổ đăng ký của CA gốc; bỏ qua nếu chuyển tệp bằng tay',
  ),
  publicPortOption: text(
    () => 'port of the public service',
    () => 'cổng của dịch vụ công khai',
  ),
  initDone: text<{ directory: string; node: string }>(
    (p) => `The node ${p.node} is made in ${p.directory}. Keys in the token:`,
    (p) => `Đã tạo nút ${p.node} tại ${p.directory}. Các khóa trong token:`,
  ),
  initNext: text(
    () => 'Next: subca apply --out application.dsse',
    () => 'Tiếp theo: subca apply --out application.dsse',
  ),
  keyRole: text(
    () => 'key',
    () => 'khóa',
  ),
  keyType: text(
    () => 'type',
    () => 'loại',
  ),
  keySignature: text(
    () => 'signs with',
    () => 'thuật toán ký',
  ),

  // apply, activate
  apply: text(
    () => 'write the application for a delegation',
    () => 'lập hồ sơ đề nghị ủy quyền',
  ),
  emailDomainOption: text(
    () => 'domain of e-mail addresses to be certified; a.vn is that domain alone, .a.vn those below it',
    () => 'tên miền thư điện tử sẽ được chứng thực; a.vn chỉ gồm chính tên đó, .a.vn gồm các tên bên dưới',
  ),
  dnsDomainOption: text(
    () => 'domain of server names to be certified; a.vn includes the names below it, .a.vn is those alone',
    () => 'tên miền máy chủ sẽ được chứng thực; a.vn gồm cả các tên bên dưới, .a.vn chỉ gồm các tên bên dưới',
  ),
  wantedProfileOption: text(
    () => 'profile wanted (otherwise all in the folder profiles, without that of title holders)',
    () => 'mẫu chứng thư đề nghị (nếu không ghi: tất cả trong thư mục profiles, trừ mẫu chức danh nhà nước)',
  ),
  serviceOption: text(
    () => 'service wanted (otherwise all)',
    () => 'dịch vụ đề nghị (nếu không ghi: tất cả)',
  ),
  perYearOption: text(
    () => 'certificates expected in a year',
    () => 'số chứng thư dự kiến mỗi năm',
  ),
  noEmailDomain: text(
    () =>
      'No --email-domain was given: certificates for individuals, which need an e-mail address, will not be granted.',
    () =>
      'Chưa ghi --email-domain: sẽ không được ủy quyền cấp chứng thư cá nhân, vì loại này cần thư điện tử.',
  ),
  applyDone: text<{ file: string; subject: string }>(
    (p) => `Application for ${p.subject} written to ${p.file}. Send it to the root operator.`,
    (p) => `Đã ghi hồ sơ đề nghị cho ${p.subject} vào ${p.file}. Hãy gửi tệp này cho bên CA gốc.`,
  ),
  activate: text(
    () => 'take the grant and begin to work',
    () => 'tiếp nhận văn bản ủy quyền và bắt đầu hoạt động',
  ),
  grantArgument: text(
    () => 'grant bundle from the root operator',
    () => 'tệp ủy quyền do CA gốc gửi',
  ),
  fingerprintOption: text(
    () => 'SHA-256 of the root certificate, as the root operator read it to you',
    () => 'dấu SHA-256 của chứng thư CA gốc, do bên CA gốc đọc cho',
  ),
  fingerprintQuestion: text(
    () => 'Type the SHA-256 fingerprint of the root certificate, as the root operator read it to you',
    () => 'Nhập dấu SHA-256 của chứng thư CA gốc do bên CA gốc đọc cho',
  ),
  activateDone: text<{ version: number; notAfter: string }>(
    (p) =>
      `Activated: grant version ${p.version}, until ${formatDate(new Date(p.notAfter), 'en')}.\nNext: subca serve (CRL and OCSP, all the time), subca sync (every night), subca issue`,
    (p) =>
      `Đã kích hoạt: văn bản ủy quyền phiên bản ${p.version}, đến ${formatDate(new Date(p.notAfter), 'vi')}.\nTiếp theo: subca serve (CRL và OCSP, chạy thường xuyên), subca sync (mỗi đêm), subca issue`,
  ),

  rolloverDone: text<{ version: number; notAfter: string; epoch: number }>(
    (p) =>
      `The CA key of generation ${p.epoch} issues from now on: grant version ${p.version}, until ${formatDate(new Date(p.notAfter), 'en')}. The one before goes on signing its CRL until its last certificate has expired.`,
    (p) =>
      `Từ nay khóa CA thế hệ ${p.epoch} cấp chứng thư: văn bản ủy quyền phiên bản ${p.version}, đến ${formatDate(new Date(p.notAfter), 'vi')}. Khóa trước đó vẫn ký danh sách thu hồi cho đến khi chứng thư cuối cùng của nó hết hạn.`,
  ),

  // issue
  issue: text(
    () => 'issue a certificate, or a batch from a CSV file',
    () => 'cấp một chứng thư, hoặc cấp hàng loạt từ tệp CSV',
  ),
  issueDescription: text(
    () =>
      'CSV columns: profile, csr (path, relative to the file), name (of the output file), and subject attributes (CN, OU, E, …; several OUs separated by “ / ”). All rows are checked before the first is issued; a run that was cut off is repeated as it is.',
    () =>
      'Các cột CSV: profile, csr (đường dẫn, tính từ tệp CSV), name (tên tệp kết quả) và các thuộc tính tên (CN, OU, E, …; nhiều OU cách nhau bằng “ / ”). Mọi dòng được kiểm tra trước khi cấp dòng đầu tiên; lần chạy bị ngắt thì chỉ cần chạy lại.',
  ),
  profileOption: text(
    () => 'certificate profile',
    () => 'mẫu chứng thư',
  ),
  csrOption: text(
    () => 'certification request (PKCS#10, PEM or DER)',
    () => 'yêu cầu chứng thực (PKCS#10, PEM hoặc DER)',
  ),
  subjectOption: text(
    () => 'attribute of the name, e.g. CN="Nguyễn Văn An"; replaces the request’s own',
    () => 'thuộc tính của tên, ví dụ CN="Nguyễn Văn An"; thay cho thuộc tính trong yêu cầu',
  ),
  batchOption: text(
    () => 'CSV file of requests',
    () => 'tệp CSV các yêu cầu',
  ),
  outDirOption: text(
    () => 'folder for the certificates of a batch',
    () => 'thư mục ghi các chứng thư của lô',
  ),
  issueDone: text<{ serialNumber: string; existing: boolean }>(
    (p) => `${p.existing ? 'Issued before' : 'Issued'}: serial number ${p.serialNumber}`,
    (p) => `${p.existing ? 'Đã cấp từ trước' : 'Đã cấp'}: số hiệu chứng thư ${p.serialNumber}`,
  ),
  batchDone: text<{ issued: number; existing: number; folder: string }>(
    (p) => `Issued ${p.issued} certificate(s), ${p.existing} had been issued before; files in ${p.folder}.`,
    (p) => `Đã cấp ${p.issued} chứng thư, ${p.existing} đã cấp từ trước; tệp nằm trong ${p.folder}.`,
  ),
  issuing: text(
    () => 'Issuing',
    () => 'Đang cấp',
  ),

  // status changes
  revoke: text(
    () => 'revoke a certificate and publish a new CRL',
    () => 'thu hồi chứng thư và công bố danh sách thu hồi mới',
  ),
  suspend: text(
    () => 'suspend a certificate and publish a new CRL',
    () => 'tạm dừng chứng thư và công bố danh sách thu hồi mới',
  ),
  resume: text(
    () => 'end a suspension and publish a new CRL',
    () => 'khôi phục hiệu lực chứng thư và công bố danh sách thu hồi mới',
  ),
  serialArgument: text(
    () => 'serial number of the certificate, hexadecimal',
    () => 'số hiệu chứng thư, dạng thập lục phân',
  ),
  reasonOption: text(
    () => 'reason',
    () => 'lý do',
  ),
  sinceOption: text(
    () => 'since when the key is known or suspected to be exposed',
    () => 'thời điểm khóa bị lộ hoặc nghi bị lộ',
  ),
  requestOption: text(
    () => 'number of the written request this is done for',
    () => 'số văn bản đề nghị làm căn cứ',
  ),
  revokeQuestion: text<{ serialNumber: string; subject: string }>(
    (p) => `Revoke ${p.serialNumber} (${p.subject})? This cannot be undone.`,
    (p) => `Thu hồi ${p.serialNumber} (${p.subject})? Không thể hoàn tác.`,
  ),
  exposureQuestion: text<{ serialNumber: string; subject: string }>(
    (p) =>
      `${p.serialNumber} (${p.subject}) is revoked already. Tell that its key was exposed? This cannot be undone.`,
    (p) =>
      `${p.serialNumber} (${p.subject}) đã bị thu hồi. Ghi nhận thêm là khóa bí mật bị lộ? Không thể hoàn tác.`,
  ),
  statusChanged: text<{ serialNumber: string; status: string; crl: number }>(
    (p) => `Certificate ${p.serialNumber} is now ${p.status}; CRL ${p.crl} is published.`,
    (p) => `Chứng thư ${p.serialNumber} nay ở trạng thái ${p.status}; đã công bố CRL số ${p.crl}.`,
  ),

  // certificate
  certificateGroup: text(
    () => 'look at certificates',
    () => 'xem chứng thư',
  ),
  certificateList: text(
    () => 'list certificates',
    () => 'liệt kê chứng thư',
  ),
  certificateShow: text(
    () => 'show a certificate: contents, status, chain, place in the journal and proof',
    () => 'xem một chứng thư: nội dung, trạng thái, chuỗi, vị trí và bằng chứng trong nhật ký',
  ),
  statusOption: text(
    () => 'only those in this state',
    () => 'chỉ các chứng thư ở trạng thái này',
  ),
  limitOption: text(
    () => 'most rows',
    () => 'số dòng tối đa',
  ),
  serialNumber: text(
    () => 'serial number',
    () => 'số hiệu',
  ),
  subject: text(
    () => 'subject',
    () => 'chủ thể',
  ),
  status: text(
    () => 'status',
    () => 'trạng thái',
  ),
  profile: text(
    () => 'profile',
    () => 'mẫu',
  ),
  notAfter: text(
    () => 'valid until',
    () => 'hiệu lực đến',
  ),
  noCertificates: text(
    () => 'No certificates.',
    () => 'Chưa có chứng thư nào.',
  ),
} as const;

/** States of a certificate, for people. */
export const statusTexts = {
  reserved: text(
    () => 'being issued',
    () => 'đang cấp',
  ),
  issued: text(
    () => 'valid',
    () => 'có hiệu lực',
  ),
  abandoned: text(
    () => 'abandoned',
    () => 'hủy bỏ khi đang cấp',
  ),
  suspended: text(
    () => 'suspended',
    () => 'tạm dừng',
  ),
  revoked: text(
    () => 'revoked',
    () => 'đã thu hồi',
  ),
} as const;
