/** What the commands that roll over a CA key say. */
import { formatDate } from '../dates';
import { text } from '../text';

const day = (instant: string, lang: 'vi' | 'en'): string => formatDate(new Date(instant), lang).slice(0, 10);

/** How long a CA key works; `lastNotAfter`: when its last certificate ends. */
export const lifeTexts = {
  issuing: text<{ lastNotAfter: string | null }>(
    () => 'issues certificates',
    () => 'đang cấp chứng thư',
  ),
  closing: text<{ lastNotAfter: string | null }>(
    (p) =>
      p.lastNotAfter === null
        ? 'signs its last CRL next'
        : `signs CRLs and its OCSP certificate only, until ${day(p.lastNotAfter, 'en')}`,
    (p) =>
      p.lastNotAfter === null
        ? 'sắp ký danh sách thu hồi cuối cùng'
        : `chỉ ký danh sách thu hồi và chứng thư OCSP, đến ${day(p.lastNotAfter, 'vi')}`,
  ),
  lost: text<{ lastNotAfter: string | null }>(
    () => 'issues nothing more, its history is lost (HISTORY_LOST); signs CRLs and its OCSP certificate only',
    () =>
      'không cấp chứng thư nữa vì đã mất lịch sử (HISTORY_LOST); chỉ ký danh sách thu hồi và chứng thư OCSP',
  ),
  silent: text<{ lastNotAfter: string | null }>(
    () => 'silent: its certificates have ended, its last CRL is published',
    () => 'ngừng hẳn: mọi chứng thư đã hết hạn, đã công bố danh sách thu hồi cuối cùng',
  ),
} as const;

export const subcaRolloverTexts = {
  group: text(
    () => 'roll over to the next CA key',
    () => 'chuyển sang khóa CA mới',
  ),
  begin: text(
    () => 'make the next CA key in the token',
    () => 'sinh khóa CA kế tiếp trong token',
  ),
  beginDescription: text(
    () =>
      'The key in use goes on issuing until the next one has its certificate and "subca rollover activate" has been run. A run that was cut off is repeated as it is.',
    () =>
      'Khóa đang dùng vẫn cấp chứng thư cho đến khi khóa kế tiếp có chứng thư và đã chạy "subca rollover activate". Lần chạy bị ngắt thì chỉ cần chạy lại.',
  ),
  caKeyOption: text(
    () => 'type of the next CA key (otherwise that of the one in use)',
    () => 'loại khóa CA kế tiếp (nếu không ghi: như khóa đang dùng)',
  ),
  caSignatureOption: text(
    () => 'what the next CA key signs with, always (otherwise as the one in use, if it is of the same type)',
    () => 'thuật toán ký của khóa CA kế tiếp, không đổi (nếu không ghi: như khóa đang dùng cùng loại)',
  ),
  replaceOption: text(
    () => 'generation of the pending key, which is lost: make the one after it in its place',
    () => 'thế hệ của khóa đang chờ nhưng đã bị mất: sinh khóa thế hệ kế tiếp để thay thế',
  ),
  replaceQuestion: text<{ epoch: number }>(
    (p) => `Give up the CA key of generation ${p.epoch} for ever, and make another one in its place?`,
    (p) => `Bỏ hẳn khóa CA thế hệ ${p.epoch} và sinh khóa khác thay thế?`,
  ),
  begun: text<{ epoch: number; label: string; spkiSha256: string }>(
    (p) =>
      `CA key of generation ${p.epoch} made: ${p.label}, SHA-256 ${p.spkiSha256}\nNext: subca rollover apply --out rollover.dsse`,
    (p) =>
      `Đã sinh khóa CA thế hệ ${p.epoch}: ${p.label}, SHA-256 ${p.spkiSha256}\nTiếp theo: subca rollover apply --out rollover.dsse`,
  ),
  apply: text(
    () => 'write the application to have the next CA key certified',
    () => 'lập hồ sơ đề nghị cấp chứng thư cho khóa CA kế tiếp',
  ),
  applied: text<{ file: string; subject: string }>(
    (p) =>
      `Application for ${p.subject} written to ${p.file}. Send it to the root operator, and run "subca rollover activate" with the bundle that comes back.`,
    (p) =>
      `Đã ghi hồ sơ đề nghị cho ${p.subject} vào ${p.file}. Hãy gửi tệp này cho bên CA gốc, rồi chạy "subca rollover activate" với tệp ủy quyền nhận về.`,
  ),
  activate: text(
    () => 'take the next CA key into use',
    () => 'đưa khóa CA kế tiếp vào sử dụng',
  ),
  activateDescription: text(
    () =>
      'From this moment only the new key issues. Certificates that another command was about to issue under the old key are abandoned; run that command again. The old key goes on signing its CRL and its OCSP certificate until the last certificate under it has expired.',
    () =>
      'Từ thời điểm này chỉ khóa mới cấp chứng thư. Chứng thư mà lệnh khác đang cấp dở bằng khóa cũ bị hủy bỏ; hãy chạy lại lệnh đó. Khóa cũ vẫn ký danh sách thu hồi và chứng thư OCSP của mình cho đến khi chứng thư cuối cùng do nó cấp hết hạn.',
  ),
  regain: text(
    () => 'after a loss: make a CA key known again that was taken into use after the backup',
    () => 'sau khi mất dữ liệu: ghi nhận lại khóa CA được đưa vào sử dụng sau bản sao lưu',
  ),
  regainDescription: text(
    () =>
      'Needs the bundle that the key was taken into use with ("rootca grant issue" writes it once more), and the token. First "subca recover", then this, then "subca recover" again: it brings the journal of that key, or opens it where the root had nothing of it.',
    () =>
      'Cần tệp ủy quyền đã dùng khi đưa khóa vào sử dụng ("rootca grant issue" ghi lại được) và token giữ khóa. Trước hết chạy "subca recover", rồi lệnh này, rồi lại "subca recover" để lấy lại nhật ký của khóa đó, hoặc mở nhật ký nếu CA gốc chưa có mục nào.',
  ),
  regained: text<{ epoch: number; label: string; spkiSha256: string }>(
    (p) =>
      `The CA key of generation ${p.epoch} is known again: ${p.label}, SHA-256 ${p.spkiSha256}\nNext: subca recover`,
    (p) =>
      `Đã ghi nhận lại khóa CA thế hệ ${p.epoch}: ${p.label}, SHA-256 ${p.spkiSha256}\nTiếp theo: subca recover`,
  ),
  status: text(
    () => 'which CA keys there are, and what is to be done next',
    () => 'các khóa CA hiện có và việc cần làm tiếp theo',
  ),
  generation: text(
    () => 'generation',
    () => 'thế hệ',
  ),
  state: text(
    () => 'state',
    () => 'trạng thái',
  ),
  entries: text(
    () => 'journal entries',
    () => 'mục nhật ký',
  ),
  confirmed: text(
    () => 'confirmed',
    () => 'CA gốc đã nhận',
  ),
  crl: text(
    () => 'CRL number',
    () => 'CRL số',
  ),
  caNotAfter: text(
    () => 'CA certificate until',
    () => 'chứng thư CA đến',
  ),
  caKey: text(
    () => 'CA key',
    () => 'khóa CA',
  ),
  generationLine: text<{ epoch: number; state: string; entries: number; confirmed: number }>(
    (p) => `generation ${p.epoch}: ${p.state} (${p.entries} journal entries, ${p.confirmed} confirmed)`,
    (p) => `thế hệ ${p.epoch}: ${p.state} (${p.entries} mục nhật ký, CA gốc đã xác nhận ${p.confirmed})`,
  ),
  next: text(
    () => 'next',
    () => 'tiếp theo',
  ),
  nextIdle: text<{ isFirst: boolean }>(
    (p) => (p.isFirst ? 'nothing; to roll over the CA key: subca rollover begin' : 'nothing'),
    (p) => (p.isFirst ? 'không có việc; để chuyển sang khóa CA mới: subca rollover begin' : 'không có việc'),
  ),
  nextLost: text(
    () => 'take the next CA key: subca rollover begin',
    () => 'chuyển sang khóa CA kế tiếp: subca rollover begin',
  ),
  nextPending: text<{ epoch: number }>(
    (p) =>
      `the CA key of generation ${p.epoch} waits for its certificate: "subca rollover apply --out FILE", send the file to the root operator, then "subca rollover activate BUNDLE"`,
    (p) =>
      `khóa CA thế hệ ${p.epoch} đang chờ chứng thư: "subca rollover apply --out TỆP", gửi tệp cho bên CA gốc, sau đó "subca rollover activate TỆP-ỦY-QUYỀN"`,
  ),
} as const;
