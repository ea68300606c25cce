/** What can be wrong with a trust statement, an application or a grant. */
import { errorText } from '../text';

export const delegationErrors = {
  DOCUMENT_MALFORMED: errorText<{ what: string; reason: string }>(
    'input',
    (p) => `The ${p.what} cannot be read: ${p.reason}.`,
    (p) => `Không đọc được ${p.what}: ${p.reason}.`,
  ),
  FINGERPRINT_MISMATCH: errorText<{ found: string; expected: string }>(
    'refused',
    (p) =>
      `The root certificate in the file has the SHA-256 fingerprint ${p.found}, but ${p.expected} was given. Compare it with the fingerprint the root operator read to you; do not go on with this file.`,
    (p) =>
      `Chứng thư CA gốc trong tệp có dấu SHA-256 là ${p.found}, nhưng dấu được nhập là ${p.expected}. Hãy đối chiếu với dấu do bên CA gốc đọc cho; không tiếp tục với tệp này.`,
  ),
  CERTIFICATE_NOT_TRUSTED: errorText<{ what: string; reason: string }>(
    'refused',
    (p) => `The ${p.what} is not acceptable: ${p.reason}.`,
    (p) => `Không chấp nhận ${p.what}: ${p.reason}.`,
  ),
  TRUST_EXPIRED: errorText<{ version: number; validUntil: string }>(
    'refused',
    (p) =>
      `Trust statement ${p.version} was valid until ${p.validUntil}; nothing new is taken on its word. The root signs the next one with "rootca trust sign", and nodes get it with their next sync.`,
    (p) =>
      `Bản tuyên bố tin cậy số ${p.version} đã hết hiệu lực từ ${p.validUntil}; không tiếp nhận gì mới theo bản này. CA gốc ký bản kế tiếp bằng "rootca trust sign", các nút nhận được ở lần đồng bộ tới.`,
  ),
  TRUST_SEQUENCE: errorText<{ found: number; expected: number }>(
    'refused',
    (p) =>
      `Trust statement ${p.found} does not follow: version ${p.expected}, naming the one before it, is needed. Those that are missing come with "subca sync", or by file with "subca sync export" and "import".`,
    (p) =>
      `Bản tuyên bố tin cậy số ${p.found} không nối tiếp: cần bản số ${p.expected} có dẫn bản trước. Các bản còn thiếu nhận qua "subca sync", hoặc bằng tệp với "subca sync export" và "import".`,
  ),
  GRANT_FOR_OTHER_KEY: errorText<{ what: string; found: string; expected: string }>(
    'refused',
    (p) => `The grant is made for another ${p.what}: it names ${p.found}, this node has ${p.expected}.`,
    (p) => `Văn bản ủy quyền dành cho ${p.what} khác: trong đó là ${p.found}, nút này có ${p.expected}.`,
  ),
  GRANT_EXPIRED: errorText<{ version: number; notAfter: string }>(
    'refused',
    (p) => `Grant version ${p.version} ended on ${p.notAfter}. Ask the root operator for a new version.`,
    (p) =>
      `Văn bản ủy quyền phiên bản ${p.version} đã hết hạn ngày ${p.notAfter}. Đề nghị bên CA gốc cấp phiên bản mới.`,
  ),
  GRANT_NOT_YET: errorText<{ version: number; effectiveFrom: string; now: string }>(
    'refused',
    (p) =>
      `Grant version ${p.version} takes effect at ${p.effectiveFrom}; this computer's clock says ${p.now}. A node begins with a version that is in effect: check the clock, or ask the root operator for the bundle of that one.`,
    (p) =>
      `Văn bản ủy quyền phiên bản ${p.version} có hiệu lực từ ${p.effectiveFrom}; đồng hồ máy này chỉ ${p.now}. Nút phải bắt đầu bằng phiên bản đang có hiệu lực: hãy kiểm tra đồng hồ, hoặc đề nghị bên CA gốc gửi tệp của phiên bản đó.`,
  ),
  GRANT_SEQUENCE: errorText<{ found: number; expected: number }>(
    'refused',
    (p) =>
      `Grant version ${p.found} is not the next one: version ${p.expected}, naming the one before it, is needed. Older grants are never taken again.`,
    (p) =>
      `Văn bản ủy quyền phiên bản ${p.found} không phải bản kế tiếp: cần phiên bản ${p.expected} có dẫn bản trước. Không dùng lại phiên bản cũ.`,
  ),
  DIRECTIVE_FOREIGN: errorText<{ sequence: number; found: string; expected: string }>(
    'refused',
    (p) => `Directive ${p.sequence} is for the node ${p.found}, not for ${p.expected}. It was not taken.`,
    (p) => `Chỉ thị số ${p.sequence} dành cho nút ${p.found}, không phải ${p.expected}. Chưa tiếp nhận.`,
  ),
  DIRECTIVE_SEQUENCE: errorText<{ found: number; expected: number }>(
    'integrity',
    (p) =>
      `Directive ${p.found} is not the next one: ${p.expected} is missing. Somebody has kept an order back; call the root operator.`,
    (p) =>
      `Chỉ thị số ${p.found} không phải chỉ thị kế tiếp: còn thiếu số ${p.expected}. Có chỉ thị đã bị giữ lại; hãy báo CA gốc.`,
  ),
  DIRECTIVE_CHAIN: errorText<{ sequence: number; found: string; expected: string }>(
    'integrity',
    (p) =>
      `Directive ${p.sequence} belongs to another line of orders than the one held here (${p.found} instead of ${p.expected}). It was not taken; call the root operator.`,
    (p) =>
      `Chỉ thị số ${p.sequence} thuộc một chuỗi chỉ thị khác với chuỗi lưu ở đây (${p.found} thay vì ${p.expected}). Chưa tiếp nhận; hãy báo CA gốc.`,
  ),
  OUTSIDE_GRANT: errorText<{ violations: number }>(
    'refused',
    (p) => `The grant does not allow this request (${p.violations} reason(s) below). Nothing was issued.`,
    (p) =>
      `Phạm vi ủy quyền không cho phép yêu cầu này (${p.violations} lý do dưới đây). Chưa cấp chứng thư nào.`,
  ),
} as const;
