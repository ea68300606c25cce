/** What the commands of `rootca` on the root's own journal say. */
import { text } from '../text';

export const rootcaJournalTexts = {
  group: text(
    () => 'the root’s own journal: what it took in, decided and signed',
    () => 'nhật ký của chính CA gốc: những gì đã tiếp nhận, quyết định và ký',
  ),
  list: text(
    () => 'list entries of the root’s own journal, the newest if not told otherwise',
    () => 'liệt kê các mục trong nhật ký của CA gốc, mặc định là các mục mới nhất',
  ),
  fromOption: text(
    () => 'index of the first entry',
    () => 'số thứ tự của mục đầu tiên',
  ),
  countOption: text(
    () => 'how many entries',
    () => 'số mục cần liệt kê',
  ),
  head: text(
    () => 'sign the head of the root’s own journal with the registry key, for keeping elsewhere',
    () => 'ký đầu nhật ký của CA gốc bằng khóa sổ đăng ký, để lưu giữ ở nơi khác',
  ),
  headOption: text(
    () => 'head signed earlier ("rootca journal head"), which the journal must go on from',
    () => 'đầu nhật ký đã ký trước đây ("rootca journal head"), nhật ký phải nối tiếp từ đó',
  ),
  time: text(
    () => 'time',
    () => 'thời điểm',
  ),
  entry: text(
    () => 'entry',
    () => 'mục',
  ),
  detail: text(
    () => 'content',
    () => 'nội dung',
  ),
  size: text<{ origin: string; size: number }>(
    (p) => `${p.origin}: ${p.size} entries.`,
    (p) => `${p.origin}: ${p.size} mục.`,
  ),
  goesOn: text<{ size: number }>(
    (p) => `The root’s journal goes on from the signed head of ${p.size} entries.`,
    (p) => `Nhật ký của CA gốc nối tiếp đúng đầu nhật ký ${p.size} mục đã ký.`,
  ),
} as const;
