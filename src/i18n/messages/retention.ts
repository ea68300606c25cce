/** What `subca prune` and `rootca prune` say. */
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
      'Văn bản ủy quyền quy định chứng thư được lưu bao lâu sau khi hết hạn (limits.retentionYears), tính theo đồng hồ của CA gốc; nếu không quy định thì không xóa gì. Một mục trong nhật ký báo trước phần đã quá hạn; khi CA gốc xác nhận mục ấy, lần chạy sau xóa chứng thư, chữ ký và tên người dùng khỏi cơ sở dữ liệu và bản song hành, chỉ giữ giá trị băm, số hiệu, thời hạn và trạng thái, nên nhật ký vẫn kiểm tra được như cũ. Các bản sao lưu lập trước đó vẫn còn những dữ liệu này.',
  ),
  rootDescription: text(
    () =>
      'Removes from the root’s copies what the nodes’ journals have announced as past its time, and writes to the root’s own journal how far. Hashes, serial numbers, dates and statuses stay, and whatever a finding is about stays whole. Backups made earlier still hold everything.',
    () =>
      'Xóa khỏi bản lưu của CA gốc phần mà nhật ký các nút đã báo là quá thời hạn lưu trữ, và ghi vào nhật ký của CA gốc đã xóa đến đâu. Giá trị băm, số hiệu, thời hạn, trạng thái vẫn được giữ; chứng thư có phát hiện liên quan được giữ nguyên. Các bản sao lưu lập trước đó vẫn còn đủ.',
  ),
  question: text(
    () => 'Certificates whose retention time is over are removed for good. Go on?',
    () => 'Các chứng thư đã hết thời hạn lưu trữ sẽ bị xóa vĩnh viễn. Tiếp tục?',
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
