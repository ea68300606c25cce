/** The words in which a certificate is shown to people: its parts, its attributes, its purposes. */
import { text } from '../text';

export const certificateTexts = {
  // Headings
  subject: text(
    () => 'Subscriber',
    () => 'Thuê bao',
  ),
  certificate: text(
    () => 'Certificate',
    () => 'Chứng thư',
  ),
  key: text(
    () => 'Key and use',
    () => 'Khóa và mục đích sử dụng',
  ),
  places: text(
    () => 'Where to look it up',
    () => 'Nơi tra cứu',
  ),
  life: text(
    () => 'Life',
    () => 'Vòng đời',
  ),
  journal: text(
    () => 'Journal',
    () => 'Nhật ký',
  ),
  chain: text(
    () => 'Chain',
    () => 'Chuỗi chứng thư',
  ),

  // Fields
  serialNumber: text(
    () => 'serial number',
    () => 'số hiệu',
  ),
  issuer: text(
    () => 'issuer',
    () => 'cơ quan cấp',
  ),
  validity: text(
    () => 'valid',
    () => 'hiệu lực',
  ),
  validitySpan: text<{ from: string; until: string }>(
    (p) => `from ${p.from} until ${p.until}`,
    (p) => `từ ${p.from} đến ${p.until}`,
  ),
  status: text(
    () => 'status',
    () => 'trạng thái',
  ),
  statusSince: text<{ status: string; since: string }>(
    (p) => `${p.status} since ${p.since}`,
    (p) => `${p.status} từ ${p.since}`,
  ),
  expired: text(
    () => 'expired',
    () => 'hết hạn',
  ),
  reason: text(
    () => 'reason',
    () => 'lý do',
  ),
  firstReason: text(
    () => 'first revoked as',
    () => 'lý do ban đầu',
  ),
  exposureTime: text(
    () => 'exposure recorded',
    () => 'ghi nhận lộ khóa',
  ),
  invalidityDate: text(
    () => 'key exposed since',
    () => 'khóa bị lộ từ',
  ),
  basis: text(
    () => 'written request',
    () => 'văn bản làm căn cứ',
  ),
  firstBasis: text(
    () => 'request for that',
    () => 'căn cứ ban đầu',
  ),
  noNumber: text(
    () => 'no number given',
    () => 'không ghi số văn bản',
  ),
  directive: text<{ sequence: number }>(
    (p) => `directive ${p.sequence} of the root`,
    (p) => `chỉ thị số ${p.sequence} của CA gốc`,
  ),
  signature: text(
    () => 'signed with',
    () => 'thuật toán ký',
  ),
  fingerprint: text(
    () => 'SHA-256',
    () => 'dấu SHA-256',
  ),
  email: text(
    () => 'e-mail',
    () => 'thư điện tử',
  ),
  dns: text(
    () => 'host name',
    () => 'tên máy chủ',
  ),
  ip: text(
    () => 'IP address',
    () => 'địa chỉ IP',
  ),
  publicKey: text(
    () => 'public key',
    () => 'khóa công khai',
  ),
  keyFingerprint: text(
    () => 'SHA-256 of the key',
    () => 'SHA-256 của khóa',
  ),
  keyUsage: text(
    () => 'key usage',
    () => 'sử dụng khóa',
  ),
  purposes: text(
    () => 'purposes',
    () => 'mục đích',
  ),
  critical: text(
    () => 'critical',
    () => 'quan trọng',
  ),
  keyStorage: text(
    () => 'private key in',
    () => 'nơi lưu khóa',
  ),
  keyStorageTold: text<{ storage: 'token' | 'software' }>(
    (p) =>
      `${p.storage === 'token' ? 'key storage device' : 'software'} (condition of the grant; nothing in the certificate shows it)`,
    (p) =>
      `${p.storage === 'token' ? 'thiết bị lưu khóa bí mật' : 'phần mềm'} (điều kiện của văn bản ủy quyền; chứng thư không thể hiện)`,
  ),
  policy: text(
    () => 'policy',
    () => 'chính sách',
  ),
  notice: text(
    () => 'notice',
    () => 'lời nhắn',
  ),
  crl: text(
    () => 'CRL',
    () => 'danh sách thu hồi',
  ),
  ocsp: text(
    () => 'online check',
    () => 'kiểm tra trực tuyến',
  ),
  caIssuers: text(
    () => 'issuer’s certificate',
    () => 'chứng thư của CA',
  ),
  profile: text(
    () => 'profile',
    () => 'mẫu',
  ),
  service: text(
    () => 'service',
    () => 'dịch vụ',
  ),
  predecessor: text(
    () => 'follows',
    () => 'tiếp nối',
  ),
  successor: text(
    () => 'followed by',
    () => 'được tiếp nối bởi',
  ),
  successorTold: text<{ serialNumber: string; service: string; status: string }>(
    (p) => `${p.serialNumber} (${p.service}, ${p.status})`,
    (p) => `${p.serialNumber} (${p.service}, ${p.status})`,
  ),
  origin: text(
    () => 'journal',
    () => 'nhật ký',
  ),
  intent: text(
    () => 'reserved',
    () => 'bắt đầu cấp',
  ),
  issued: text(
    () => 'issued',
    () => 'đã cấp',
  ),
  entryTold: text<{ index: number; steps: number | undefined }>(
    (p) => `entry ${p.index}${p.steps === undefined ? '' : `, audit path of ${String(p.steps)} hash(es)`}`,
    (p) =>
      `mục ${p.index}${p.steps === undefined ? '' : `, đường kiểm chứng gồm ${String(p.steps)} giá trị băm`}`,
  ),
  changeKnown: text(
    () => 'that known to the root',
    () => 'CA gốc nhận mục đó',
  ),
  tree: text(
    () => 'proven in',
    () => 'chứng minh trong',
  ),
  treeTold: text<{ size: number; confirmed: boolean }>(
    (p) =>
      `the tree of ${p.size} entries, ${p.confirmed ? 'which the root has signed' : 'which the root has not confirmed yet'}; root hash`,
    (p) =>
      `cây ${p.size} mục, ${p.confirmed ? 'CA gốc đã ký xác nhận' : 'CA gốc chưa xác nhận'}; giá trị băm gốc`,
  ),
  known: text(
    () => 'known to the root',
    () => 'CA gốc đã nhận',
  ),
  knownTold: text<{ time: string; size: number }>(
    (p) => `since ${p.time} (receipt for ${p.size} entries)`,
    (p) => `từ ${p.time} (biên nhận ${p.size} mục)`,
  ),
  notKnown: text(
    () => 'not yet: no receipt covers it; run “subca sync”',
    () => 'chưa: chưa có biên nhận nào; hãy chạy “subca sync”',
  ),
  subCa: text(
    () => 'sub-CA',
    () => 'CA cấp dưới',
  ),
  root: text(
    () => 'root CA',
    () => 'CA gốc',
  ),
  until: text<{ until: string }>(
    (p) => `until ${p.until}`,
    (p) => `đến ${p.until}`,
  ),

  // Options
  formatOption: text(
    () => 'text, pem, der, or p7 (PKCS#7 with the whole chain)',
    () => 'text, pem, der hoặc p7 (PKCS#7 gồm cả chuỗi chứng thư)',
  ),
  chainOption: text(
    () => 'with --format pem: the sub-CA’s and the root’s certificate after it',
    () => 'cùng --format pem: kèm chứng thư của CA cấp dưới và CA gốc',
  ),
  written: text<{ serialNumber: string; file: string }>(
    (p) => `Certificate ${p.serialNumber} written to ${p.file}.`,
    (p) => `Đã ghi chứng thư ${p.serialNumber} vào ${p.file}.`,
  ),
  profileOption: text(
    () => 'only those of this profile',
    () => 'chỉ các chứng thư theo mẫu này',
  ),
  expiringOption: text(
    () => 'only those in force that end within so many days, the first to end first',
    () => 'chỉ các chứng thư còn hiệu lực sẽ hết hạn trong số ngày này, hết hạn trước xếp trước',
  ),
  subjectOption: text(
    () => 'only those whose subject contains this, in small letters or capitals (% for any letters)',
    () => 'chỉ các chứng thư có chủ thể chứa chuỗi này, không phân biệt chữ hoa (% thay cho chuỗi bất kỳ)',
  ),
} as const;

/** Naming attributes in the words of the forms. */
export const attributeTexts = {
  C: text(
    () => 'country',
    () => 'quốc gia',
  ),
  ST: text(
    () => 'province, city',
    () => 'tỉnh, thành phố',
  ),
  L: text(
    () => 'place',
    () => 'địa bàn',
  ),
  O: text(
    () => 'body',
    () => 'cơ quan, tổ chức',
  ),
  OU: text(
    () => 'unit',
    () => 'đơn vị',
  ),
  CN: text(
    () => 'name',
    () => 'tên',
  ),
  E: text(
    () => 'e-mail',
    () => 'thư điện tử',
  ),
  T: text(
    () => 'title',
    () => 'chức danh',
  ),
  serialNumber: text(
    () => 'code',
    () => 'mã số',
  ),
  SN: text(
    () => 'surname',
    () => 'họ',
  ),
  GN: text(
    () => 'given name',
    () => 'tên đệm và tên',
  ),
  organizationIdentifier: text(
    () => 'code of the body',
    () => 'mã định danh',
  ),
} as const;

export const keyUsageTexts = {
  digitalSignature: text(
    () => 'digital signature',
    () => 'ký số',
  ),
  nonRepudiation: text(
    () => 'non-repudiation',
    () => 'chống chối bỏ',
  ),
  keyEncipherment: text(
    () => 'key encipherment',
    () => 'mã hóa khóa',
  ),
  dataEncipherment: text(
    () => 'data encipherment',
    () => 'mã hóa dữ liệu',
  ),
  keyAgreement: text(
    () => 'key agreement',
    () => 'thỏa thuận khóa',
  ),
  keyCertSign: text(
    () => 'signing certificates',
    () => 'ký chứng thư',
  ),
  cRLSign: text(
    () => 'signing CRLs',
    () => 'ký danh sách thu hồi',
  ),
  encipherOnly: text(
    () => 'enciphering only',
    () => 'chỉ mã hóa',
  ),
  decipherOnly: text(
    () => 'deciphering only',
    () => 'chỉ giải mã',
  ),
} as const;

export const extendedKeyUsageTexts = {
  serverAuth: text(
    () => 'TLS server',
    () => 'máy chủ TLS',
  ),
  clientAuth: text(
    () => 'login',
    () => 'đăng nhập',
  ),
  emailProtection: text(
    () => 'e-mail',
    () => 'thư điện tử',
  ),
  timeStamping: text(
    () => 'timestamping',
    () => 'cấp dấu thời gian',
  ),
  ocspSigning: text(
    () => 'online status answers',
    () => 'trả lời kiểm tra trực tuyến',
  ),
  msSmartcardLogon: text(
    () => 'smart-card logon',
    () => 'đăng nhập bằng thẻ',
  ),
} as const;
