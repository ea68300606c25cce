/** What the commands say that issue a certificate in succession to another. */
import { formatDate } from '../dates';
import { text } from '../text';

export const successionTexts = {
  renew: text(
    () => 'renew a certificate, once',
    () => 'gia hạn chứng thư, một lần',
  ),
  renewDescription: text(
    () =>
      'The new certificate has the same names and begins now, for the profile’s time of a renewal (at most 3 years). Without --csr the key stays: its possession was proven when it was first certified. The certificate must be in force. The old one stays valid until its end.',
    () =>
      'Chứng thư mới giữ nguyên tên và có hiệu lực từ bây giờ, theo thời hạn gia hạn của mẫu (tối đa 3 năm). Không có --csr thì giữ nguyên khóa: việc sở hữu khóa đã được chứng minh khi cấp lần đầu. Chứng thư phải đang có hiệu lực. Chứng thư cũ vẫn có hiệu lực đến khi hết hạn.',
  ),
  change: text(
    () => 'change the information in a certificate',
    () => 'thay đổi nội dung thông tin của chứng thư',
  ),
  changeDescription: text(
    () =>
      'The new certificate ends when the old one would. --subject replaces the old attributes of the same type; names that the grant fixes (C, L, O) are taken from the grant in force. Without --csr the key stays. The old certificate is revoked in the same step (affiliationChanged), unless --keep is given.',
    () =>
      'Chứng thư mới hết hạn đúng ngày của chứng thư cũ. --subject thay các thuộc tính cũ cùng loại; các tên do văn bản ủy quyền ấn định (C, L, O) lấy theo văn bản đang có hiệu lực. Không có --csr thì giữ nguyên khóa. Chứng thư cũ bị thu hồi trong cùng một bước (affiliationChanged), trừ khi có --keep.',
  ),
  recoverDevice: text(
    () => 'certify the new key of a recovered device',
    () => 'cấp chứng thư cho khóa mới khi khôi phục thiết bị',
  ),
  recoverDeviceDescription: text(
    () =>
      'The new certificate has the names of the old one and ends when it would; the key must be a new one. The old certificate is revoked in the same step (superseded, or --reason), unless --keep is given. It may have been suspended, or revoked for keyCompromise, before.',
    () =>
      'Chứng thư mới giữ nguyên tên và ngày hết hạn của chứng thư cũ; khóa phải là khóa mới. Chứng thư cũ bị thu hồi trong cùng một bước (superseded, hoặc theo --reason), trừ khi có --keep. Chứng thư cũ có thể đã bị tạm dừng, hoặc bị thu hồi vì lộ khóa (keyCompromise).',
  ),
  newKeyOption: text(
    () => 'certification request with the new key (PKCS#10, PEM or DER)',
    () => 'yêu cầu chứng thực có khóa mới (PKCS#10, PEM hoặc DER)',
  ),
  changedSubjectOption: text(
    () => 'new value of an attribute, e.g. CN="Nguyễn Văn An"; replaces all old ones of that type',
    () => 'giá trị mới của thuộc tính, ví dụ CN="Nguyễn Văn An"; thay mọi giá trị cũ cùng loại',
  ),
  withoutOption: text(
    () => 'attribute to leave out',
    () => 'thuộc tính cần bỏ',
  ),
  keepOption: text(
    () => 'do not revoke the old certificate',
    () => 'không thu hồi chứng thư cũ',
  ),
  replacedReasonOption: text(
    () => 'why the old certificate is revoked, if not for the usual reason',
    () => 'lý do thu hồi chứng thư cũ, nếu khác lý do thông thường',
  ),
  replaceQuestion: text<{ serialNumber: string; subject: string }>(
    (p) => `Issue the new certificate and revoke ${p.serialNumber} (${p.subject})? This cannot be undone.`,
    (p) => `Cấp chứng thư mới và thu hồi ${p.serialNumber} (${p.subject})? Không thể hoàn tác.`,
  ),
  shorterQuestion: text<{ serialNumber: string; until: Date; old: Date }>(
    (p) =>
      `The new certificate would end on ${formatDate(p.until, 'en')}, earlier than ${p.serialNumber} itself (${formatDate(p.old, 'en')}), and a line is renewed only once. Renew it all the same?`,
    (p) =>
      `Chứng thư mới sẽ hết hạn lúc ${formatDate(p.until, 'vi')}, sớm hơn chính chứng thư ${p.serialNumber} (${formatDate(p.old, 'vi')}), và mỗi chứng thư chỉ được gia hạn một lần. Vẫn gia hạn?`,
  ),
  validUntil: text<{ until: string }>(
    (p) => `Valid until ${p.until}.`,
    (p) => `Có hiệu lực đến ${p.until}.`,
  ),
  endsEarlier: text<{ until: string }>(
    (p) => `Note: the old certificate would have been valid for longer, until ${p.until}.`,
    (p) => `Lưu ý: chứng thư cũ còn hiệu lực lâu hơn, đến ${p.until}.`,
  ),
  predecessorRevoked: text<{ serialNumber: string }>(
    (p) => `The old certificate ${p.serialNumber} is revoked.`,
    (p) => `Chứng thư cũ ${p.serialNumber} đã bị thu hồi.`,
  ),
  predecessorKept: text<{ serialNumber: string }>(
    (p) => `The old certificate ${p.serialNumber} stays as it is.`,
    (p) => `Chứng thư cũ ${p.serialNumber} được giữ nguyên.`,
  ),
} as const;
