/** What both programs say of the proof that a certificate stands in its journal. */
import { formatDate } from '../dates';
import { text } from '../text';

export const proofTexts = {
  // subca certificate proof
  command: text(
    () => 'write the proof that a certificate stands in the journal the root has confirmed',
    () => 'ghi bằng chứng chứng thư nằm trong nhật ký mà CA gốc đã xác nhận',
  ),
  description: text(
    () =>
      'One file for an auditor, a court or a relying party. It is checked offline, with nothing but the fingerprint of the root certificate: by "rootca inspect --proof", or by the script verify-proof.mjs, which uses none of this software. It holds the certificate, the grant and the trust statement, and no secret.',
    () =>
      'Một tệp dành cho kiểm tra viên, cơ quan tố tụng hoặc bên tin cậy. Tệp được kiểm tra ngoại tuyến, chỉ cần dấu SHA-256 của chứng thư CA gốc: bằng "rootca inspect --proof", hoặc bằng tệp lệnh verify-proof.mjs không dùng phần mềm này. Tệp chứa chứng thư, văn bản ủy quyền và bản tuyên bố tin cậy, không chứa bí mật nào.',
  ),
  outOption: text(
    () => 'file to write the proof to',
    () => 'tệp để ghi bằng chứng',
  ),
  written: text<{ file: string }>(
    (p) => `Proof written to ${p.file}.`,
    (p) => `Đã ghi bằng chứng vào ${p.file}.`,
  ),

  // rootca inspect
  proofOption: text(
    () => 'check a proof instead, offline; with a certificate, it must be of that one',
    () => 'kiểm tra tệp bằng chứng, ngoại tuyến; nếu có chứng thư kèm theo thì phải đúng của chứng thư đó',
  ),
  proofOutOption: text(
    () => 'write the proof of a recorded certificate, signed by the registry key',
    () => 'ghi bằng chứng của chứng thư đã ghi nhận, ký bằng khóa sổ đăng ký',
  ),
  fingerprintOption: text(
    () => 'SHA-256 of the root certificate: a proof is checked without a data directory',
    () => 'dấu SHA-256 của chứng thư CA gốc: kiểm tra bằng chứng mà không cần thư mục dữ liệu',
  ),
  notWritten: text(
    () => 'No proof was written: there is none for such a certificate.',
    () => 'Chưa ghi bằng chứng: chứng thư như vậy không có bằng chứng.',
  ),
  inTree: text<{ index: number; issued: number; size: number }>(
    (p) =>
      `Proof: entries ${p.index} and ${p.issued} lead to the root hash of ${p.size} entries (--json, --proof-out).`,
    (p) =>
      `Bằng chứng: mục ${p.index} và mục ${p.issued} dẫn đến giá trị băm gốc của ${p.size} mục (--json, --proof-out).`,
  ),
  proven: text<{
    index: number;
    issuedIndex: number;
    origin: string;
    node: string;
    organisation: string;
    size: number;
    time: string;
  }>(
    (p) =>
      `Proved: this certificate stands at entry ${p.index} (its signature at ${p.issuedIndex}) of the journal ${p.origin}. ${p.node} (${p.organisation}) signed the head of ${p.size} entries, and the root confirmed it on ${formatDate(new Date(p.time), 'en')}.`,
    (p) =>
      `Đã chứng minh: chứng thư này nằm tại mục ${p.index} (chữ ký tại mục ${p.issuedIndex}) của nhật ký ${p.origin}. ${p.node} (${p.organisation}) đã ký đầu nhật ký gồm ${p.size} mục, và CA gốc xác nhận lúc ${formatDate(new Date(p.time), 'vi')}.`,
  ),
  notStatus: text(
    () =>
      'It does not say whether the certificate is still in force: the CRL and the online status check do.',
    () =>
      'Bằng chứng không cho biết chứng thư còn hiệu lực hay không: hãy xem danh sách thu hồi hoặc kiểm tra trực tuyến.',
  ),
} as const;
