/** What can be wrong with a proof that a certificate stands in its journal. */
import { formatDate } from '../dates';
import { errorText } from '../text';

export const proofErrors = {
  PROOF_MALFORMED: errorText<{ reason: string }>(
    'input',
    (p) =>
      `The file is no proof of a certificate, or it is damaged: ${p.reason}. "subca certificate proof" writes one.`,
    (p) =>
      `Tệp không phải bằng chứng về chứng thư, hoặc đã bị hỏng: ${p.reason}. Lệnh "subca certificate proof" tạo tệp này.`,
  ),
  TRUST_UNKNOWN: errorText<{ version: number }>(
    'integrity',
    (p) =>
      `The proof rests on a trust statement ${p.version} that this root does not hold, though its key signed it. Find out who signed it before you believe anything in this file.`,
    (p) =>
      `Bằng chứng dựa vào bản tuyên bố tin cậy số ${p.version} mà CA gốc này không lưu, dù do khóa của CA gốc ký. Hãy làm rõ ai đã ký trước khi tin bất cứ điều gì trong tệp này.`,
  ),
  REGISTRY_KEY_REPLACED: errorText<{ time: string }>(
    'integrity',
    (p) =>
      `The receipt is dated ${formatDate(new Date(p.time), 'en')}, but its registry key had been replaced by then. Nothing in it counts.`,
    (p) =>
      `Biên nhận ghi ngày ${formatDate(new Date(p.time), 'vi')}, nhưng khi đó khóa của sổ đăng ký đã được thay. Biên nhận không có giá trị.`,
  ),
  OTHER_JOURNAL: errorText<{ found: string; expected: string }>(
    'integrity',
    (p) => `The receipt is about the journal ${p.found}, the certificate belongs to ${p.expected}.`,
    (p) => `Biên nhận nói về nhật ký ${p.found}, còn chứng thư thuộc ${p.expected}.`,
  ),
  RECEIPT_SIZE: errorText<{ receipt: number; checkpoint: number }>(
    'integrity',
    (p) =>
      `The root confirmed ${p.receipt} entries, but the node's signed head is of ${p.checkpoint}: the root has not signed this head.`,
    (p) =>
      `CA gốc xác nhận ${p.receipt} mục, nhưng đầu nhật ký do nút ký có ${p.checkpoint} mục: CA gốc chưa ký xác nhận đầu nhật ký này.`,
  ),
  HEADS_CONTRADICT: errorText<{ origin: string; size: number }>(
    'integrity',
    (p) =>
      `Node and root have signed two different heads of ${p.size} entries for the journal ${p.origin}. Keep this file: it proves that one of them keeps two journals.`,
    (p) =>
      `Nút và CA gốc đã ký hai đầu nhật ký khác nhau cho cùng ${p.size} mục của nhật ký ${p.origin}. Hãy giữ tệp này: nó chứng tỏ một trong hai bên dùng hai nhật ký.`,
  ),
  ENTRY_NOT_COVERED: errorText<{ index: number; size: number }>(
    'integrity',
    (p) => `The root confirmed ${p.size} entries; entry ${p.index} is not among them.`,
    (p) => `CA gốc xác nhận ${p.size} mục; mục ${p.index} không nằm trong số đó.`,
  ),
  PATH_LENGTH: errorText<{ index: number; size: number; found: number; expected: number }>(
    'integrity',
    (p) =>
      `The path of entry ${p.index} has ${p.found} hashes; in a journal of ${p.size} entries it has ${p.expected}.`,
    (p) =>
      `Đường dẫn của mục ${p.index} có ${p.found} giá trị băm; trong nhật ký ${p.size} mục phải là ${p.expected}.`,
  ),
  NOT_INCLUDED: errorText<{ index: number; size: number }>(
    'integrity',
    (p) =>
      `Entry ${p.index} does not lead to the root hash that the root confirmed for ${p.size} entries: the entry, its index or its path was altered.`,
    (p) =>
      `Mục ${p.index} không dẫn đến giá trị băm gốc mà CA gốc xác nhận cho ${p.size} mục: nội dung, vị trí hoặc đường dẫn của mục đã bị sửa.`,
  ),
  ENTRIES_UNRELATED: errorText<{ intent: number; issued: number }>(
    'integrity',
    (p) => `Entries ${p.intent} and ${p.issued} are not the intent and the issue of one certificate.`,
    (p) =>
      `Mục ${p.intent} và mục ${p.issued} không phải hai mục dự định cấp và đã cấp của cùng một chứng thư.`,
  ),
  PLACE_DIFFERS: errorText<{ serialNumber: string; index: number }>(
    'integrity',
    (p) => `The serial number ${p.serialNumber} does not name entry ${p.index} of this journal.`,
    (p) => `Số hiệu ${p.serialNumber} không ứng với mục ${p.index} của nhật ký này.`,
  ),
  CERTIFICATE_DIFFERS: errorText<{ serialNumber: string; index: number }>(
    'integrity',
    (p) => `The certificate in the file is not the one that entry ${p.index} records (${p.serialNumber}).`,
    (p) => `Chứng thư trong tệp không phải chứng thư ghi tại mục ${p.index} (${p.serialNumber}).`,
  ),
  NOT_BY_THE_CA: errorText<{ serialNumber: string }>(
    'integrity',
    (p) => `The CA key of the grant did not sign the certificate ${p.serialNumber}.`,
    (p) => `Khóa CA trong văn bản ủy quyền không ký chứng thư ${p.serialNumber}.`,
  ),
  OTHER_CERTIFICATE: errorText<{ found: string; expected: string }>(
    'refused',
    (p) => `The proof is of the certificate ${p.found}, not of the one given (${p.expected}).`,
    (p) => `Bằng chứng là của chứng thư ${p.found}, không phải của chứng thư đã đưa (${p.expected}).`,
  ),
} as const;
