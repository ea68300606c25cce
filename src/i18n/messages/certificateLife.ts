/** The words for what happens to a certificate: the services that lead to one, and the reasons that end one. */
import type { Phrase } from '../phrase';
import { text, type Lang } from '../text';

export const serviceTexts = {
  issue: text(
    () => 'new',
    () => 'cấp mới',
  ),
  renew: text(
    () => 'renewal',
    () => 'gia hạn',
  ),
  'change-information': text(
    () => 'change of information',
    () => 'thay đổi nội dung thông tin',
  ),
  'recover-device': text(
    () => 'recovery of a device',
    () => 'khôi phục thiết bị',
  ),
} as const;

/** Every service that a grant can delegate. */
export const delegatedTexts = {
  ...serviceTexts,
  revoke: text(
    () => 'revocation',
    () => 'thu hồi',
  ),
  suspend: text(
    () => 'suspension',
    () => 'tạm dừng',
  ),
} as const;

export const reasonTexts = {
  unspecified: text(
    () => 'not stated',
    () => 'không nêu',
  ),
  keyCompromise: text(
    () => 'key exposed',
    () => 'khóa bí mật bị lộ',
  ),
  affiliationChanged: text(
    () => 'information changed',
    () => 'thông tin thay đổi',
  ),
  superseded: text(
    () => 'replaced',
    () => 'được thay thế',
  ),
  cessationOfOperation: text(
    () => 'no longer used',
    () => 'không còn sử dụng',
  ),
  privilegeWithdrawn: text(
    () => 'right withdrawn',
    () => 'bị rút quyền',
  ),
} as const;

/** What the codes of `--reason` mean, and which may follow another. */
export const reasonsExplained: Phrase = {
  en: () =>
    `Reasons: ${explained('en')}. If the key of a revoked certificate turns out to have been exposed, revoke it once more, with keyCompromise: it stays revoked since the first time, and the reason becomes this one. No other reason can be changed.`,
  vi: () =>
    `Các lý do: ${explained('vi')}. Nếu sau khi thu hồi mới phát hiện khóa bí mật bị lộ, hãy thu hồi thêm một lần với keyCompromise: thời điểm thu hồi vẫn là lần đầu, lý do đổi thành lý do này. Ngoài ra không đổi được lý do.`,
};

function explained(lang: Lang): string {
  return Object.entries(reasonTexts)
    .map(([code, words]) => `${code} – ${words[lang]({})}`)
    .join('; ');
}

/** The changes of status, as what has been done. */
export const changeTexts = {
  revoked: text(
    () => 'revoked',
    () => 'thu hồi',
  ),
  suspended: text(
    () => 'suspended',
    () => 'tạm dừng',
  ),
  resumed: text(
    () => 'resumed',
    () => 'khôi phục hiệu lực',
  ),
} as const;
