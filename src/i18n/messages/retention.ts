/** What `subca prune` and `rootca prune` say. */
import { formatDate } from '../dates';
import { text } from '../text';

export const retentionTexts = {
  prune: text(
    () => 'remove certificates whose retention time is over',
    () => 'xóa các chứng thư đã hết thời hạn lưu trữ',
  ),
  nodeDescription: text(
    () =>
      'The grant says how long certificates are kept after their end (limits.retentionYears), by the root’s clock; without that, nothing is removed. An entry of the journal announces what is past its time; once the root has confirmed that entry, the next run removes certificates, signatures and names from the database and the mirror, and keeps hashes, serial numbers, dates and statuses, so that the journal can be verified as before. Backups made earlier still hold them.',
    () =>
      'Văn bản ủy quyền quy định chứng thư được lưu bao lâu sau khi hết hạn (limits.retentionYears), tính theo đồng hồ của CA gốc; nếu không quy định thì không xóa gì. Một mục trong nhật ký báo trước phần đã quá hạn; khi CA gốc xác nhận mục ấy, lần chạy sau xóa chứng thư, chữ ký và tên thuê bao khỏi cơ sở dữ liệu và bản song hành, chỉ giữ giá trị băm, số hiệu, thời hạn và trạng thái, nên nhật ký vẫn kiểm tra được như cũ. Các bản sao lưu lập trước đó vẫn còn những dữ liệu này.',
  ),
  rootDescription: text(
    () =>
      'Removes from the root’s copies what the nodes’ journals have announced as past its time, and writes to the root’s own journal how far. Hashes, serial numbers, dates and statuses stay, and whatever a finding is about stays whole. Backups made earlier still hold everything.',
    () =>
      'Xóa khỏi bản lưu của CA gốc phần mà nhật ký các nút đã báo là quá thời hạn lưu trữ, và ghi vào nhật ký của CA gốc đã xóa đến đâu. Giá trị băm, số hiệu, thời hạn, trạng thái vẫn được giữ; chứng thư có phát hiện liên quan được giữ nguyên. Các bản sao lưu lập trước đó vẫn còn đủ.',
  ),
  dryRun: text(
    () => 'only say what would be removed; nothing is changed',
    () => 'chỉ cho biết sẽ xóa gì, không thay đổi gì',
  ),
  nodeFound: text<{
    origin: string;
    retentionYears: number | null;
    asOf: string | null;
    removable: number;
    announceable: number;
  }>(
    (p) =>
      `${p.origin}: ${p.retentionYears === null ? 'the grant says no retention time (limits.retentionYears)' : `certificates are kept for ${p.retentionYears} year(s) after their end, by the root’s clock${p.asOf === null ? ', of which there is no receipt: sync first' : ` (${formatDate(new Date(p.asOf), 'en')})`}`}. Would remove ${p.removable} certificate(s) and announce the removal of ${p.announceable} more.`,
    (p) =>
      `${p.origin}: ${p.retentionYears === null ? 'văn bản ủy quyền không quy định thời hạn lưu trữ (limits.retentionYears)' : `chứng thư được lưu ${p.retentionYears} năm sau khi hết hạn, tính theo đồng hồ của CA gốc${p.asOf === null ? '; chưa có biên nhận nào của CA gốc: hãy đồng bộ trước' : ` (${formatDate(new Date(p.asOf), 'vi')})`}`}. Sẽ xóa ${p.removable} chứng thư và báo trước việc xóa ${p.announceable} chứng thư nữa.`,
  ),
  nodeQuestion: text<{ removable: number; announceable: number }>(
    (p) =>
      `${p.removable} certificate(s) are removed for good now: the certificates, their signatures and the subscribers’ names. The removal of ${p.announceable} more is announced in the journal, which cannot be taken back. Go on?`,
    (p) =>
      `${p.removable} chứng thư sẽ bị xóa vĩnh viễn ngay bây giờ, gồm cả chữ ký và tên thuê bao. Việc xóa ${p.announceable} chứng thư nữa sẽ được báo trong nhật ký và không rút lại được. Tiếp tục?`,
  ),
  rootFound: text<{ origin: string; removable: number }>(
    (p) => `${p.origin}: would remove ${p.removable} certificate(s), but for those that findings are about.`,
    (p) => `${p.origin}: sẽ xóa ${p.removable} chứng thư, trừ các chứng thư có phát hiện liên quan.`,
  ),
  rootQuestion: text<{ removable: number }>(
    (p) =>
      `${p.removable} certificate(s) are removed for good from the root’s copies, with signatures and names, but for those that findings are about. Go on?`,
    (p) =>
      `${p.removable} chứng thư sẽ bị xóa vĩnh viễn khỏi bản lưu của CA gốc, gồm cả chữ ký và tên thuê bao, trừ các chứng thư có phát hiện liên quan. Tiếp tục?`,
  ),
  pruning: text(
    () => 'Looking through the journal',
    () => 'Đang xem nhật ký',
  ),
  nodeDone: text<{
    origin: string;
    retentionYears: number | null;
    asOf: string | null;
    removed: number;
    announced: number;
    waiting: number;
  }>(
    (p) =>
      p.retentionYears === null && p.removed + p.waiting === 0
        ? `${p.origin}: the grant says no retention time (limits.retentionYears): nothing is removed.`
        : `${p.origin}: removed ${p.removed} certificate(s).${p.asOf === null ? ' What is past its time is told by the root’s clock, and there is no receipt of the root’s to go by: sync, then run this again.' : ''}${p.waiting > 0 ? ` ${p.waiting} entries wait until the root has confirmed that their certificates go: sync, then run this again.` : ''}`,
    (p) =>
      p.retentionYears === null && p.removed + p.waiting === 0
        ? `${p.origin}: văn bản ủy quyền không quy định thời hạn lưu trữ (limits.retentionYears): không xóa gì.`
        : `${p.origin}: đã xóa ${p.removed} chứng thư.${p.asOf === null ? ' Thời hạn lưu trữ tính theo đồng hồ của CA gốc, nhưng chưa có biên nhận nào của CA gốc để căn cứ: hãy đồng bộ rồi chạy lại lệnh này.' : ''}${p.waiting > 0 ? ` ${p.waiting} mục đang chờ CA gốc xác nhận việc xóa: hãy đồng bộ rồi chạy lại lệnh này.` : ''}`,
  ),
  rootDone: text<{ origin: string; removed: number; kept: number }>(
    (p) =>
      `${p.origin}: removed ${p.removed} certificate(s).${p.kept > 0 ? ` ${p.kept} stay, since findings are about them.` : ''}`,
    (p) =>
      `${p.origin}: đã xóa ${p.removed} chứng thư.${p.kept > 0 ? ` Giữ lại ${p.kept} chứng thư vì có phát hiện liên quan.` : ''}`,
  ),
  rootNothing: text(
    () => 'No node has announced a removal.',
    () => 'Chưa có nút nào báo xóa chứng thư.',
  ),
} as const;
