/** What the commands that get lost entries back from the root say. */
import { text } from '../text';

export const subcaRecoverTexts = {
  recover: text(
    () => 'get back from mirror and root what an old copy of this node has lost',
    () => 'lấy lại từ bản song hành và CA gốc phần mà bản sao cũ của nút này đã mất',
  ),
  fromMirror: text(
    () => 'from the mirror alone, without asking the root',
    () => 'chỉ lấy từ bản song hành, không hỏi CA gốc',
  ),
  description: text(
    () =>
      'After a restore from a backup: 1. the journal entries that are missing here are taken from the mirror (journal.mirror), then from the root; 2. entries written here in their place are set aside; 3. certificates, counters and CRL are made anew. With a mirror nothing is lost. Without one, what was issued after the root’s copy and lost is known to nobody, so that this CA key issues nothing more: take the next one with "subca rollover".',
    () =>
      'Dùng sau khi khôi phục từ bản sao lưu: 1. các mục nhật ký còn thiếu được lấy từ bản song hành (journal.mirror), sau đó từ CA gốc; 2. các mục đã ghi ở đây vào chỗ đó được để riêng; 3. chứng thư, bộ đếm và danh sách thu hồi được lập lại. Có bản song hành thì không mất gì. Nếu không có, những gì đã cấp sau bản của CA gốc mà bị mất thì không ai biết, nên khóa CA này không cấp chứng thư nữa: chuyển sang khóa mới bằng "subca rollover".',
  ),
  recoverExport: text(
    () => 'write a file that asks the root for what is missing',
    () => 'ghi tệp đề nghị CA gốc gửi phần còn thiếu',
  ),
  recoverImport: text(
    () => 'take what is missing from the root’s reply',
    () => 'nhận phần còn thiếu từ thư trả lời của CA gốc',
  ),
  question: text(
    () =>
      'Entries that the mirror or the root has otherwise are set aside, and if anything was lost for good this CA key will issue no more. Go on?',
    () =>
      'Các mục khác với bản song hành hoặc bản của CA gốc sẽ được để riêng; nếu có phần bị mất hẳn, khóa CA này sẽ không cấp chứng thư nữa. Tiếp tục?',
  ),
  fetching: text(
    () => 'Fetching entries',
    () => 'Đang lấy các mục nhật ký',
  ),
  exported: text<{ file: string }>(
    (p) => `Written to ${p.file}.\nThe root operator answers it with: rootca import FILE --out REPLY`,
    (p) => `Đã ghi ${p.file}.\nBên CA gốc trả lời bằng lệnh: rootca import TỆP --out TRẢ-LỜI`,
  ),
  nothingLost: text(
    () => 'Nothing is lost: neither the root nor a mirror has anything that is not here.',
    () => 'Không mất gì: mọi mục CA gốc và bản song hành có đều có ở đây.',
  ),
  recovered: text<{
    origin: string;
    source: 'root' | 'mirror';
    from: number;
    size: number;
    setAside: number;
  }>(
    (p) =>
      [
        `${p.origin}: entries ${p.from} to ${p.size - 1} were taken from the ${p.source}.`,
        ...(p.setAside > 0 ? [`${p.setAside} entries written here in their place were set aside.`] : []),
      ].join('\n'),
    (p) =>
      [
        `${p.origin}: đã lấy từ ${p.source === 'root' ? 'CA gốc' : 'bản song hành'} các mục từ ${p.from} đến ${p.size - 1}.`,
        ...(p.setAside > 0 ? [`Đã để riêng ${p.setAside} mục ghi ở đây vào chỗ đó.`] : []),
      ].join('\n'),
  ),
  unrecorded: text<{ unrecorded: readonly string[] }>(
    (p) =>
      `No journal records these certificates any more; call their subscribers back: ${p.unrecorded.join(', ')}`,
    (p) => `Không nhật ký nào còn ghi các chứng thư sau; hãy báo các thuê bao đó: ${p.unrecorded.join(', ')}`,
  ),
  complete: text(
    () => 'Nothing is lost: the mirror had everything that was ever released. This CA key may issue on.',
    () => 'Không mất gì: bản song hành có đủ mọi chứng thư đã giao. Khóa CA này được cấp chứng thư tiếp.',
  ),
  stillQuarantined: text(
    () =>
      'Still quarantined: nothing is issued until the root has agreed. "subca status" tells why. If it stays so after "subca recover", compare the clocks of both sides.',
    () =>
      'Nút vẫn bị cách ly: chưa cấp chứng thư cho đến khi CA gốc xác nhận khớp. Lệnh "subca status" cho biết lý do. Nếu sau "subca recover" vẫn vậy, hãy đối chiếu đồng hồ hai bên.',
  ),
  askRoot: text(
    () => 'The root was not asked. Now: subca sync.',
    () => 'Chưa hỏi CA gốc. Tiếp theo: subca sync.',
  ),
  nextKey: text(
    () =>
      'CRL published. This CA key signs CRLs and status answers only. Next: subca rollover begin, apply; then the root’s approval; then subca rollover activate.',
    () =>
      'Đã công bố danh sách thu hồi. Khóa CA này chỉ còn ký danh sách thu hồi và trả lời kiểm tra trực tuyến. Tiếp theo: subca rollover begin, apply; CA gốc phê duyệt; rồi subca rollover activate.',
  ),
} as const;
