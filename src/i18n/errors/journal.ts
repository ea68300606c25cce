/** What can be wrong with the journal: its tree, its checkpoints. */
import { errorText, text } from '../text';

const checkpointFaults = {
  LINES: text(
    () => 'it must be exactly three lines: origin, size, root hash',
    () => 'phải có đúng ba dòng: nguồn, kích thước, giá trị băm gốc',
  ),
  SIZE: text(
    () => 'its size must be a decimal number without leading zeros, at most 2^40',
    () => 'kích thước phải là số thập phân không có số 0 ở đầu, không quá 2^40',
  ),
  ROOT_HASH: text(
    () => 'its root hash must be 32 bytes in base64, and that of the empty tree for size 0',
    () => 'giá trị băm gốc phải là 32 byte dạng base64, và là của cây rỗng khi kích thước bằng 0',
  ),
} as const;

type CheckpointFault = keyof typeof checkpointFaults;

export const journalErrors = {
  // The tree
  TREE_SIZE_INVALID: errorText<{ size: number }>(
    'input',
    (p) => `A journal cannot have ${p.size} entries: a whole number from 0 to 2^40 is needed.`,
    (p) => `Nhật ký không thể có ${p.size} mục: cần số nguyên từ 0 đến 2^40.`,
  ),
  FRONTIER_MALFORMED: errorText<{ size: number; found: number; expected: number }>(
    'integrity',
    (p) =>
      `The stored tree state of a journal of ${p.size} entries is damaged: ${p.found} bytes of hashes, expected ${p.expected}. Rebuild it from the entries.`,
    (p) =>
      `Trạng thái cây đã lưu của nhật ký ${p.size} mục bị hỏng: có ${p.found} byte giá trị băm, cần ${p.expected}. Hãy dựng lại từ các mục.`,
  ),
  NODE_MISSING: errorText<{ level: number; index: number }>(
    'integrity',
    (p) =>
      `The stored Merkle tree lacks a valid node at level ${p.level}, index ${p.index}. Rebuild it from the entries.`,
    (p) => `Cây Merkle đã lưu thiếu nút hợp lệ ở mức ${p.level}, vị trí ${p.index}. Hãy dựng lại từ các mục.`,
  ),
  INDEX_OUTSIDE_TREE: errorText<{ index: number; size: number }>(
    'input',
    (p) => `There is no entry ${p.index} in a journal of ${p.size} entries.`,
    (p) => `Không có mục ${p.index} trong nhật ký gồm ${p.size} mục.`,
  ),
  SIZES_OUT_OF_ORDER: errorText<{ oldSize: number; newSize: number }>(
    'input',
    (p) => `A journal of ${p.oldSize} entries cannot have grown into one of ${p.newSize}.`,
    (p) => `Nhật ký ${p.oldSize} mục không thể phát triển thành nhật ký ${p.newSize} mục.`,
  ),
  // Checkpoints
  CHECKPOINT_MALFORMED: errorText<{ reason: CheckpointFault }>(
    'input',
    (p) => `The text is not a valid checkpoint: ${checkpointFaults[p.reason].en({})}.`,
    (p) => `Văn bản không phải điểm kiểm tra (checkpoint) hợp lệ: ${checkpointFaults[p.reason].vi({})}.`,
  ),
  ORIGIN_MALFORMED: errorText<{ origin: string }>(
    'input',
    (p) =>
      `"${p.origin}" is not a journal origin: <registry name>/<node id>/e<epoch 1 to 127> is needed, in lower-case letters, digits and "-", the registry name also with ".".`,
    (p) =>
      `"${p.origin}" không phải nguồn nhật ký: cần dạng <tên sổ đăng ký>/<mã nút>/e<thế hệ 1 đến 127>, chỉ gồm chữ thường không dấu, chữ số và "-", riêng tên sổ đăng ký có thể có ".".`,
  ),
  ORIGIN_UNEXPECTED: errorText<{ found: string; expected: string }>(
    'refused',
    (p) => `The checkpoint is of the journal ${p.found}, expected ${p.expected}.`,
    (p) => `Điểm kiểm tra (checkpoint) là của nhật ký ${p.found}, cần của ${p.expected}.`,
  ),
  // Entries
  ENTRY_MALFORMED: errorText<{ reason: string }>(
    'integrity',
    (p) => `The bytes are not a journal entry: ${p.reason}.`,
    (p) => `Dữ liệu không phải mục nhật ký hợp lệ: ${p.reason}.`,
  ),
  SERIAL_PLACE: errorText<{ epoch: number; index: number }>(
    'fault',
    (p) => `No serial number can name epoch ${p.epoch}, index ${p.index}.`,
    (p) => `Không có số hiệu chứng thư nào ứng với thế hệ ${p.epoch}, vị trí ${p.index}.`,
  ),
} as const;
