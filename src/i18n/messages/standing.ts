/** How a node stands under its grant: quota, lease, and versions to come; for both programs. */
import { formatDate } from '../dates';
import { text } from '../text';

interface LeaseDates {
  readonly from: string;
  readonly restrictedFrom: string;
  readonly stoppedFrom: string;
}

const en = (time: string): string => formatDate(new Date(time), 'en');
const vi = (time: string): string => formatDate(new Date(time), 'vi');

export const standingTexts = {
  quotaOf: text<{ profile: string }>(
    (p) => `quota, ${p.profile}`,
    (p) => `hạn mức, ${p.profile}`,
  ),
  usedOf: text<{ used: number; limit: number | null }>(
    (p) => (p.limit === null ? `${p.used}` : `${p.used} of ${p.limit}`),
    (p) => (p.limit === null ? `${p.used}` : `${p.used} / ${p.limit}`),
  ),
  quotaLine: text<{ total: number; totalLimit: number; today: number; perDayLimit: number }>(
    (p) => `${p.total} of ${p.totalLimit}, today ${p.today} of ${p.perDayLimit}`,
    (p) => `${p.total} / ${p.totalLimit}, hôm nay ${p.today} / ${p.perDayLimit}`,
  ),
  quota: text(
    () => 'quota',
    () => 'hạn mức',
  ),
  nextVersion: text(
    () => 'next grant',
    () => 'ủy quyền kế tiếp',
  ),
  nextVersionLine: text<{ version: number; effectiveFrom: string }>(
    (p) => `version ${p.version}, in effect from ${en(p.effectiveFrom)}`,
    (p) => `phiên bản ${p.version}, có hiệu lực từ ${vi(p.effectiveFrom)}`,
  ),
  lease: text(
    () => 'lease',
    () => 'thời hạn mất liên lạc',
  ),
} as const;

/** By state of the lease: what a person has to know. */
export const leaseTexts = {
  running: text<LeaseDates>(
    (p) => `runs from ${en(p.from)}; without a further receipt, restricted from ${en(p.restrictedFrom)}`,
    (p) => `tính từ ${vi(p.from)}; nếu không có thêm biên nhận, bị hạn chế từ ${vi(p.restrictedFrom)}`,
  ),
  ending: text<LeaseDates>(
    (p) =>
      `WARNING: no receipt since ${en(p.from)}. Synchronise before ${en(p.restrictedFrom)}: from then on, certificates are only replaced`,
    (p) =>
      `CẢNH BÁO: chưa có biên nhận từ ${vi(p.from)}. Hãy đồng bộ trước ${vi(p.restrictedFrom)}: từ lúc đó chỉ thay thế chứng thư đã cấp`,
  ),
  restricted: text<LeaseDates>(
    (p) =>
      `RESTRICTED: no receipt since ${en(p.from)}. Certificates are only replaced (renewed, changed, recovered), and nothing is issued from ${en(p.stoppedFrom)} on. Synchronise`,
    (p) =>
      `BỊ HẠN CHẾ: chưa có biên nhận từ ${vi(p.from)}. Chỉ gia hạn, thay đổi thông tin, khôi phục thiết bị; từ ${vi(p.stoppedFrom)} ngừng cấp hoàn toàn. Hãy đồng bộ`,
  ),
  stopped: text<LeaseDates>(
    (p) =>
      `STOPPED: no receipt since ${en(p.from)}. Nothing is issued until the next receipt; revocation and status answers go on. Synchronise`,
    (p) =>
      `ĐÃ NGỪNG CẤP: chưa có biên nhận từ ${vi(p.from)}. Không cấp gì cho đến biên nhận kế tiếp; thu hồi và kiểm tra trực tuyến vẫn tiếp tục. Hãy đồng bộ`,
  ),
} as const;
