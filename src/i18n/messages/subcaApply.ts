/** What `subca apply` and `subca application answer` say beside what both sides say of applications. */
import { formatDate } from '../dates';
import { text } from '../text';

export const subcaApplyTexts = {
  description: text(
    () =>
      'The application shows what speaks for the body: people and papers from config.yaml, the need from a survey, and what doctor finds of this machine. On a terminal it is shown with what is missing, and nothing is written before you agree. Columns of the survey: agency, year, profile, certificates. After a rejection, the next application names the one that it mends.',
    () =>
      'Hồ sơ nêu căn cứ của cơ quan đề nghị: nhân sự và văn bản trong config.yaml, nhu cầu theo bảng khảo sát, kết quả doctor kiểm tra máy này. Trên màn hình, lệnh cho xem nội dung cùng những điểm còn thiếu và chỉ ghi tệp khi được đồng ý. Các cột của bảng khảo sát: agency (cơ quan), year (năm), profile (mẫu), certificates (số chứng thư). Sau khi bị từ chối, hồ sơ tiếp theo tự dẫn hồ sơ mà nó bổ sung.',
  ),
  needOption: text(
    () => 'CSV file of the needs survey; the year of greatest need stands for --per-year',
    () => 'tệp CSV khảo sát nhu cầu; năm có nhu cầu cao nhất thay cho --per-year',
  ),
  policyOption: text(
    () => 'the root operator’s eligibility policy: also show how the application meets it',
    () => 'bộ tiêu chí của CA gốc: xem trước hồ sơ đạt tiêu chí nào',
  ),
  wanted: text(
    () => 'asks for',
    () => 'đề nghị',
  ),
  profiles: text(
    () => 'profiles',
    () => 'mẫu chứng thư',
  ),
  domains: text(
    () => 'domains',
    () => 'tên miền',
  ),
  perYear: text(
    () => 'a year',
    () => 'mỗi năm',
  ),
  missing: text<{ what: string }>(
    (p) => `Missing or not in order: ${p.what}. "subca doctor" says what to do.`,
    (p) => `Còn thiếu hoặc chưa đạt: ${p.what}. Lệnh "subca doctor" nêu cách xử lý.`,
  ),
  needMissing: text(
    () => 'needs survey (--need)',
    () => 'khảo sát nhu cầu (--need)',
  ),
  question: text<{ file: string }>(
    (p) => `Sign this application and write it to ${p.file}?`,
    (p) => `Ký hồ sơ này và ghi vào ${p.file}?`,
  ),
  mending: text<{ application: string }>(
    (p) => `It mends the application ${p.application}, which was rejected.`,
    (p) => `Hồ sơ này bổ sung cho hồ sơ ${p.application} đã bị từ chối.`,
  ),

  applicationGroup: text(
    () => 'answers to this node’s applications',
    () => 'văn bản trả lời các hồ sơ của nút này',
  ),
  answer: text(
    () => 'verify the root’s answer to an application, and explain what is to be mended',
    () => 'kiểm tra văn bản trả lời của CA gốc và giải thích những điểm cần bổ sung',
  ),
  answerDescription: text(
    () =>
      'The answer must be signed by an operator of a trust statement under the root with the given fingerprint, and be for an application of this node that no later one mends. Exit code 0 whatever the decision: with --json it stands in "decision".',
    () =>
      'Văn bản phải do người vận hành có trong bản tuyên bố tin cậy ký, dưới CA gốc có dấu đã cho, và dành cho hồ sơ của nút này chưa được hồ sơ nào bổ sung. Mã thoát là 0 dù kết quả thế nào; với --json, kết quả nằm ở "decision".',
  ),
  answerArgument: text(
    () => 'answer from the root operator',
    () => 'tệp trả lời do CA gốc gửi',
  ),
  rejected: text<{ application: string; createdAt: string; operator: string; answeredAt: string }>(
    (p) =>
      `The application ${p.application} of ${formatDate(new Date(p.createdAt), 'en')} was REJECTED by ${p.operator} on ${formatDate(new Date(p.answeredAt), 'en')}.`,
    (p) =>
      `Hồ sơ ${p.application} lập lúc ${formatDate(new Date(p.createdAt), 'vi')} BỊ TỪ CHỐI bởi ${p.operator} lúc ${formatDate(new Date(p.answeredAt), 'vi')}.`,
  ),
  approved: text<{ application: string; createdAt: string; operator: string; answeredAt: string }>(
    (p) =>
      `The application ${p.application} of ${formatDate(new Date(p.createdAt), 'en')} was approved by ${p.operator} on ${formatDate(new Date(p.answeredAt), 'en')}. The grant comes as a bundle of its own: subca activate.`,
    (p) =>
      `Hồ sơ ${p.application} lập lúc ${formatDate(new Date(p.createdAt), 'vi')} được ${p.operator} phê duyệt lúc ${formatDate(new Date(p.answeredAt), 'vi')}. Văn bản ủy quyền được gửi thành tệp riêng: subca activate.`,
  ),
  reason: text<{ reason: string }>(
    (p) => `Reason: ${p.reason}`,
    (p) => `Lý do: ${p.reason}`,
  ),
  toMend: text(
    () => 'To be mended:',
    () => 'Cần bổ sung:',
  ),
  found: text(
    () => 'found',
    () => 'căn cứ đã xét',
  ),
  advice: text(
    () => 'what to do',
    () => 'cách xử lý',
  ),
  next: text(
    () => 'When it is mended: subca apply --out application.dsse …; the new application names this one.',
    () => 'Sau khi bổ sung: subca apply --out application.dsse …; hồ sơ mới tự dẫn hồ sơ này.',
  ),
} as const;
