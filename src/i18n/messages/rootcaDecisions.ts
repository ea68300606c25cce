/** What the commands of `rootca` say when operators decide on applications. */
import { text } from '../text';

export const rootcaDecisionTexts = {
  approveDescription: text(
    () =>
      'Where eligibility.yaml stands in the data directory, an application that lacks a must-have or the minimum score is not approved. With --override and a --reason, which every signing operator gives for themselves, it is: reason, criteria and signature are kept. config-templates/eligibility.yaml is a policy to begin with.',
    () =>
      'Khi thư mục dữ liệu có eligibility.yaml, hồ sơ thiếu tiêu chí bắt buộc hoặc chưa đủ điểm không được phê duyệt, trừ khi từng người vận hành ký ngoại lệ bằng --override kèm --reason; lý do, các tiêu chí và chữ ký được lưu lại. Có thể bắt đầu từ config-templates/eligibility.yaml.',
  ),
  rejectDescription: text(
    () =>
      'One operator rejects, and signs it with their token. The answer names every criterion that is not met and those given with --criterion; it goes to the applicant as a file, which "subca application answer" verifies and explains.',
    () =>
      'Một người vận hành từ chối và ký bằng token của mình. Văn bản trả lời nêu mọi tiêu chí chưa đạt và các tiêu chí ghi ở --criterion; tệp này gửi cho bên đề nghị, lệnh "subca application answer" kiểm tra và giải thích.',
  ),
  overrideOption: text(
    () => 'approve though the eligibility policy speaks against it',
    () => 'phê duyệt ngoại lệ khi hồ sơ chưa đạt tiêu chí',
  ),
  overrideReasonOption: text(
    () => 'why, with --override',
    () => 'lý do của ngoại lệ, đi cùng --override',
  ),
  criterionOption: text(
    () => 'criterion the applicant is to mend though it counts as met, by its id',
    () => 'mã tiêu chí bên đề nghị phải bổ sung dù được tính là đạt',
  ),
  applicationAnswer: text(
    () => 'write the signed answer to an application for its applicant, once more',
    () => 'ghi lại văn bản trả lời đã ký của một hồ sơ để gửi bên đề nghị',
  ),
  decided: {
    approved: text<{ id: string; by: string }>(
      (p) => `Application ${p.id}: approved by ${p.by}.`,
      (p) => `Hồ sơ ${p.id}: ${p.by} đã phê duyệt.`,
    ),
    rejected: text<{ id: string; by: string }>(
      (p) => `Application ${p.id}: rejected by ${p.by}.`,
      (p) => `Hồ sơ ${p.id}: ${p.by} đã từ chối.`,
    ),
  },
  answerWritten: text<{ file: string }>(
    (p) => `Answer written to ${p.file}. Send it to the applicant.`,
    (p) => `Đã ghi văn bản trả lời vào ${p.file}. Hãy gửi tệp này cho bên đề nghị.`,
  ),
  answerLater: text<{ id: string }>(
    (p) => `For the applicant: rootca application answer ${p.id} --out answer.dsse`,
    (p) => `Để gửi bên đề nghị: rootca application answer ${p.id} --out answer.dsse`,
  ),
  noPolicy: text(
    () =>
      'There is no eligibility policy in the data directory (eligibility.yaml): what the application shows is for people alone to judge. A policy to begin with: config-templates/eligibility.yaml.',
    () =>
      'Thư mục dữ liệu chưa có bộ tiêu chí (eligibility.yaml): nội dung hồ sơ hoàn toàn do con người xem xét. Bộ tiêu chí mẫu: config-templates/eligibility.yaml.',
  ),
  otherApplication: text(
    () => 'also of this node',
    () => 'hồ sơ khác của nút',
  ),
  approved: text(
    () => 'approved',
    () => 'phê duyệt',
  ),
  rejected: text(
    () => 'rejected',
    () => 'từ chối',
  ),
  overridden: text(
    () => 'approved by way of exception',
    () => 'phê duyệt ngoại lệ',
  ),
} as const;
