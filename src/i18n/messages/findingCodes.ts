/** What each rule that a journal can break says, for people; `docs/protocol.md` lists them. */
import type { Phrase } from '../phrase';
import { quotedIn, text, type Lang } from '../text';

export const findingTexts = {
  ENTRY_MALFORMED: text(
    () => 'no readable journal entry',
    () => 'mục nhật ký không đọc được',
  ),
  OPEN_MISPLACED: text(
    () => 'the journal is opened at the wrong place, or for another node, key or grant',
    () => 'mở nhật ký sai chỗ, hoặc cho nút, khóa, văn bản ủy quyền khác',
  ),
  TIME_DECREASES: text(
    () => 'older than the entry before it',
    () => 'thời điểm lùi lại so với mục trước',
  ),
  GRANT_MISMATCH: text(
    () => 'a grant that the operators did not sign, out of order, or none in force',
    () => 'văn bản ủy quyền không do người vận hành ký, sai thứ tự, hoặc không còn hiệu lực',
  ),
  OUT_OF_SCOPE: text(
    () => 'outside the grant',
    () => 'vượt phạm vi ủy quyền',
  ),
  TBS_MALFORMED: text(
    () => 'what was to be signed is no certificate',
    () => 'nội dung đem ký không phải chứng thư',
  ),
  SERIAL_MISPLACED: text(
    () => 'the serial number does not belong to this entry',
    () => 'số hiệu chứng thư không thuộc mục này',
  ),
  SERIAL_DUPLICATE: text(
    () => 'the serial number was used before',
    () => 'số hiệu chứng thư bị dùng lại',
  ),
  KEY_REUSED: text(
    () => 'the key was certified for another subscriber before',
    () => 'khóa đã được cấp chứng thư cho thuê bao khác',
  ),
  KEY_COMPROMISED: text(
    () => 'a certificate for this key was revoked because the key was exposed',
    () => 'khóa bí mật của khóa này đã bị lộ',
  ),
  INTENT_MISSING: text(
    () => 'an outcome of no issuance that was begun',
    () => 'kết quả cấp mà không có mục bắt đầu cấp',
  ),
  SIGNATURE_INVALID: text(
    () => 'the signature is not the CA key’s',
    () => 'chữ ký không phải của khóa CA',
  ),
  STATUS_IMPOSSIBLE: text(
    () => 'a change of status that is not possible',
    () => 'thay đổi trạng thái không thể có',
  ),
  CRL_NUMBER: text(
    () => 'number, dates or coverage of a CRL cannot be',
    () => 'số, thời gian hoặc phạm vi của danh sách thu hồi không hợp lệ',
  ),
  LEASE_INVALID: text(
    () => 'a receipt that the registry did not sign for this journal',
    () => 'biên nhận không do sổ đăng ký ký cho nhật ký này',
  ),
  LEASE_OVER: text(
    () => 'issued though the root had not heard of the node for too long',
    () => 'cấp chứng thư khi đã mất liên lạc quá thời hạn',
  ),
  SEAL_MISMATCH: text(
    () => 'the journal does not go on where the one before ended',
    () => 'nhật ký không nối tiếp chỗ nhật ký trước kết thúc',
  ),
  EPOCH_SEALED: text(
    () => 'a CA key that was succeeded went on issuing',
    () => 'khóa CA đã được thay mà vẫn tiếp tục cấp',
  ),
  ORDER_MISMATCH: text(
    () => 'acknowledges a directive that is not the next, or was not carried out',
    () => 'xác nhận chỉ thị sai thứ tự, hoặc chưa thực hiện',
  ),
  ISSUANCE_STOPPED: text(
    () => 'issued against a directive',
    () => 'cấp chứng thư trái chỉ thị ngừng cấp',
  ),
  REMOVAL_MISMATCH: text(
    () => 'removes certificates that had to be kept',
    () => 'xóa chứng thư chưa được phép xóa',
  ),
  FORK: text(
    () => 'two signed journals that exclude each other',
    () => 'hai bản nhật ký đã ký trái ngược nhau',
  ),
  ROLLBACK: text(
    () => 'the journal was set back',
    () => 'nhật ký bị quay lui',
  ),
} as const;

/** In words, with the code behind them; a code of a later version is all there is of it. */
export function toldFinding(code: string, lang: Lang): string {
  const known: Readonly<Record<string, Phrase>> = findingTexts;
  const words = known[code]?.[lang]({});
  if (words === undefined) return quotedIn(lang, code);
  return `${words} [${code}]`;
}
