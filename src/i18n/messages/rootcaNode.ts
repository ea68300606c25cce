/** What `rootca node show` says beyond the summary: sync, CRLs, certificates by profile. */
import { formatDate } from '../dates';
import { text } from '../text';

export const rootcaNodeTexts = {
  description: text(
    () =>
      'How the node stands by what it has sent: its grant and quota, how far the root is behind it, the last CRL of each CA key, and its certificates by profile. What is wrong with it is in "rootca findings".',
    () =>
      'Tình trạng của nút theo dữ liệu nút đã gửi: ủy quyền và hạn mức, CA gốc còn thiếu bao nhiêu mục, danh sách thu hồi gần nhất của từng khóa CA, số chứng thư theo mẫu. Những điều bất thường: xem "rootca findings".',
  ),
  sync: text(
    () => 'sync',
    () => 'đồng bộ',
  ),
  syncLine: text<{ said: number | null; held: number; behind: number | null; silentSeconds: number | null }>(
    (p) =>
      p.said === null
        ? 'the node has not been in touch yet'
        : `the node said ${p.said} entries, the root holds ${p.held}: ${p.behind === 0 ? 'nothing is missing' : `${String(p.behind)} missing`}; ${duration(p.silentSeconds ?? 0, ['d', 'h', 'min'])} since then`,
    (p) =>
      p.said === null
        ? 'nút chưa liên lạc'
        : `nút báo có ${p.said} mục, CA gốc giữ ${p.held}: ${p.behind === 0 ? 'không thiếu' : `còn thiếu ${String(p.behind)}`}; từ đó đến nay ${duration(p.silentSeconds ?? 0, ['ngày', 'giờ', 'phút'])}`,
  ),
  crl: text<{ epoch: number }>(
    (p) => `CRL, generation ${p.epoch}`,
    (p) => `CRL, thế hệ ${p.epoch}`,
  ),
  crlLine: text<{ number: number; thisUpdate: string; nextUpdate: string; ended: boolean }>(
    (p) =>
      `number ${p.number}, ${formatDate(new Date(p.thisUpdate), 'en')} – ${formatDate(new Date(p.nextUpdate), 'en')}${p.ended ? ', ENDED' : ''}`,
    (p) =>
      `số ${p.number}, ${formatDate(new Date(p.thisUpdate), 'vi')} – ${formatDate(new Date(p.nextUpdate), 'vi')}${p.ended ? ', ĐÃ HẾT HẠN' : ''}`,
  ),
  issued: text(
    () => 'issued',
    () => 'đã cấp',
  ),
  inForce: text(
    () => 'in force',
    () => 'còn hiệu lực',
  ),
  suspended: text(
    () => 'suspended',
    () => 'tạm dừng',
  ),
  expired: text(
    () => 'expired',
    () => 'hết hạn',
  ),
} as const;

/** The two largest units. */
function duration(seconds: number, [day, hour, minute]: readonly [string, string, string]): string {
  const minutes = Math.floor(seconds / 60);
  const parts = [
    [Math.floor(minutes / 1440), day],
    [Math.floor(minutes / 60) % 24, hour],
    [minutes % 60, minute],
  ] as const;
  const first = Math.max(
    0,
    parts.findIndex(([count]) => count > 0),
  );
  const told = minutes === 0 ? parts.slice(2) : parts.slice(first, first + 2);
  return told.map(([count, unit]) => `${String(count)} ${unit}`).join(' ');
}
