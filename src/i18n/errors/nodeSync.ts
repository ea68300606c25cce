/** What can go wrong between a node and its root: exchanges, and journals that do not agree. */
import { formatDate } from '../dates';
import { errorText } from '../text';

export const nodeSyncErrors = {
  REGISTRY_NOT_CONFIGURED: errorText(
    'input',
    () =>
      'No registry address is configured (registry.url in config.yaml). Set it, or carry files: "subca sync export FILE".',
    () =>
      'Chưa cấu hình địa chỉ sổ đăng ký (registry.url trong config.yaml). Hãy khai báo, hoặc chuyển bằng tệp: "subca sync export TỆP".',
  ),
  REGISTRY_UNREACHABLE: errorText<{ url: string; reason: string }>(
    'unavailable',
    (p) =>
      `The root's registry at ${p.url} does not answer (${p.reason}). Nothing is lost; run "subca sync" again later.`,
    (p) =>
      `Sổ đăng ký của CA gốc tại ${p.url} không trả lời (${p.reason}). Không mất dữ liệu; hãy chạy lại "subca sync" sau.`,
  ),
  REGISTRY_REFUSED: errorText<{ reason: string }>(
    'refused',
    (p) => `The root refused the submission: ${p.reason}.`,
    (p) => `CA gốc từ chối lần gửi: ${p.reason}.`,
  ),
  SUBMISSION_NOT_TRUSTED: errorText<{ reason: string }>(
    'integrity',
    (p) =>
      `The root cannot trust what this node sent: ${p.reason}. Run "subca verify" before anything else, and call the root operator if it finds nothing.`,
    (p) =>
      `CA gốc không thể tin nội dung nút này gửi: ${p.reason}. Hãy chạy "subca verify" trước mọi việc khác, và báo CA gốc nếu không phát hiện lỗi.`,
  ),
  SYNC_INCOMPLETE: errorText<{ sent: number; reason: string }>(
    'unavailable',
    (p) =>
      `The root took ${p.sent} entries and not the rest: ${p.reason} The next sync goes on where this one ended.`,
    (p) => `CA gốc đã nhận ${p.sent} mục, phần còn lại thì chưa: ${p.reason} Lần đồng bộ sau sẽ gửi tiếp.`,
  ),
  SYNC_RUNNING: errorText(
    'unavailable',
    () => 'Another "subca sync" is running on this node. Wait for it to end.',
    () => 'Một lệnh "subca sync" khác đang chạy trên nút này. Hãy chờ lệnh đó xong.',
  ),
  NOT_CONFIRMED: errorText<{ serialNumber: string; index: number }>(
    'unavailable',
    (p) =>
      `The root has not confirmed entry ${p.index} with the certificate ${p.serialNumber} yet, so there is nothing to prove it by. Run "subca sync", then this again.`,
    (p) =>
      `CA gốc chưa xác nhận mục ${p.index} chứa chứng thư ${p.serialNumber} nên chưa có gì để chứng minh. Hãy chạy "subca sync" rồi chạy lại lệnh này.`,
  ),
  ROOT_AHEAD: errorText<{ root: number; own: number }>(
    'integrity',
    (p) =>
      `The root holds ${p.root} entries of this node's journal, but the database here has only ${p.own}: it is an old copy. Nothing more is issued from it; put the newest copy of the data directory in its place, or fetch from the root what is missing: subca recover.`,
    (p) =>
      `CA gốc giữ ${p.root} mục nhật ký của nút này, nhưng cơ sở dữ liệu ở đây chỉ có ${p.own}: đây là bản sao cũ. Không cấp chứng thư từ bản này nữa; hãy đưa bản mới nhất của thư mục dữ liệu vào thay, hoặc lấy phần thiếu từ CA gốc: subca recover.`,
  ),
  RECEIPT_AHEAD: errorText<{ size: number; own: number }>(
    'integrity',
    (p) =>
      `The root has given a receipt for ${p.size} entries, but the database here has only ${p.own}: it is an old copy. Nothing more is issued from it; put the newest copy of the data directory in its place, or fetch what is missing: subca recover.`,
    (p) =>
      `CA gốc đã cấp biên nhận cho ${p.size} mục, nhưng cơ sở dữ liệu ở đây chỉ có ${p.own}: đây là bản sao cũ. Không cấp chứng thư từ bản này nữa; hãy đưa bản mới nhất của thư mục dữ liệu vào thay, hoặc lấy lại phần thiếu: subca recover.`,
  ),
  RESTORED: errorText<{ time: string }>(
    'integrity',
    (p) =>
      `This directory was restored from a backup of ${formatDate(new Date(p.time), 'en')}, and the root has not been asked since what it holds. Next: subca recover.`,
    (p) =>
      `Thư mục này được khôi phục từ bản sao lưu ngày ${formatDate(new Date(p.time), 'vi')}, và từ đó chưa hỏi CA gốc đang giữ những gì. Tiếp theo: subca recover.`,
  ),
  HISTORY_LOST: errorText<{ size: number; time: string }>(
    'refused',
    (p) =>
      `This CA key issues no more certificates: its journal was put right on ${formatDate(new Date(p.time), 'en')} from the root's copy of ${p.size} entries, and what was issued and lost after them is known to nobody. Revocation, CRLs and status checks go on. Take the next CA key: subca rollover begin.`,
    (p) =>
      `Khóa CA này không cấp chứng thư nữa: nhật ký đã được khôi phục ngày ${formatDate(new Date(p.time), 'vi')} từ bản của CA gốc gồm ${p.size} mục, những gì đã cấp sau đó mà bị mất thì không ai biết. Việc thu hồi, CRL và kiểm tra trực tuyến vẫn tiếp tục. Hãy chuyển sang khóa CA mới: subca rollover begin.`,
  ),
  MIRROR_NEEDS_ROOT: errorText<{ origin: string }>(
    'refused',
    (p) =>
      `The mirror's entries of ${p.origin} name documents of the root that are not here. Nothing was changed. Take both together: "subca recover" with the registry in reach, or "subca recover export" and "import" by file.`,
    (p) =>
      `Các mục của ${p.origin} trong bản song hành dẫn đến văn bản của CA gốc chưa có ở đây. Chưa thay đổi gì. Hãy lấy cả hai cùng lúc: "subca recover" khi sổ đăng ký trả lời được, hoặc "subca recover export" và "import" bằng tệp.`,
  ),
  MIRROR_SHORT: errorText<{ origin: string }>(
    'refused',
    (p) =>
      `The mirror of ${p.origin} begins after the certificates that were removed from it, and what was before is not in the database. Nothing was changed. Restore a backup first, or run "subca recover" with the registry in reach, or "subca recover export" and "import" by file: the root has those entries.`,
    (p) =>
      `Bản song hành của ${p.origin} bắt đầu sau phần chứng thư đã xóa, và cơ sở dữ liệu không có phần trước đó. Chưa thay đổi gì. Hãy phục hồi một bản sao lưu trước, hoặc chạy "subca recover" khi sổ đăng ký trả lời được, hoặc "subca recover export" và "import" bằng tệp: CA gốc có các mục ấy.`,
  ),
  NO_MIRROR: errorText(
    'input',
    () =>
      'No mirror of the journal is configured (journal.mirror in config.yaml). Recover from the root: subca recover.',
    () =>
      'Chưa cấu hình bản song hành của nhật ký (journal.mirror trong config.yaml). Hãy khôi phục từ CA gốc: subca recover.',
  ),
  PULL_INCOMPLETE: errorText<{ origin: string; found: number; size: number }>(
    'unavailable',
    (p) =>
      `Of the ${p.size} entries of ${p.origin} the root holds, the first ${p.found} are here: the reply brought no more. Repeat the command; by file: export again and carry the next reply.`,
    (p) =>
      `Trong ${p.size} mục của ${p.origin} mà CA gốc giữ, ở đây mới có ${p.found} mục đầu: thư trả lời không mang thêm mục nào. Hãy chạy lại lệnh; nếu chuyển tệp thì xuất lại và chuyển tệp trả lời tiếp theo.`,
  ),
  PULL_DIFFERS: errorText<{ origin: string; size: number }>(
    'integrity',
    (p) =>
      `The ${p.size} entries of ${p.origin} that came do not give the root hash the root has signed. Nothing was changed. Repeat the command; if it fails again, call the root operator.`,
    (p) =>
      `${p.size} mục của ${p.origin} nhận được không cho ra giá trị băm gốc mà CA gốc đã ký. Chưa thay đổi gì. Hãy chạy lại lệnh; nếu vẫn lỗi, báo CA gốc.`,
  ),
  QUARANTINED: errorText<{ since: string; reason: string; reasonVi: string }>(
    'integrity',
    (p) =>
      `Nothing is issued since ${formatDate(new Date(p.since), 'en')}, because: ${p.reason} Revocation, CRLs and status checks go on. Issuing resumes when the mirror and the root agree with what is stored here: subca recover.`,
    (p) =>
      `Đã ngừng cấp chứng thư từ ${formatDate(new Date(p.since), 'vi')}, vì: ${p.reasonVi} Việc thu hồi, CRL và kiểm tra trực tuyến vẫn tiếp tục. Sẽ cấp lại khi bản song hành và CA gốc xác nhận khớp với dữ liệu ở đây: subca recover.`,
  ),
  ROOT_FORK: errorText<{ size: number }>(
    'integrity',
    (p) =>
      `At ${p.size} entries the root's record of this journal is not the one kept here. Stop, keep this database as it is, and call the root operator.`,
    (p) =>
      `Tại mục thứ ${p.size}, bản ghi của CA gốc khác với nhật ký lưu ở đây. Hãy dừng lại, giữ nguyên cơ sở dữ liệu và báo CA gốc.`,
  ),
  KEY_FORGOTTEN: errorText(
    'integrity',
    () =>
      'The root has the journal of a later CA key of this node, which is not known here: this directory is an older copy. Nothing is issued. Next: "subca recover", then "subca rollover regain" with the bundle of that key, then "subca recover" again.',
    () =>
      'CA gốc có nhật ký của một khóa CA sau mà ở đây không biết: thư mục này là bản sao cũ hơn. Đã ngừng cấp chứng thư. Tiếp theo: "subca recover", rồi "subca rollover regain" với tệp ủy quyền của khóa đó, rồi lại "subca recover".',
  ),
  SEAL_REFUSED: errorText(
    'integrity',
    () =>
      "The journal of the new CA key does not begin where the one before ends in the root's record, so the root takes nothing of it. Stop, keep this database as it is, and call the root operator.",
    () =>
      'Nhật ký của khóa CA mới không nối tiếp nhật ký trước như bản ghi của CA gốc, nên CA gốc không tiếp nhận. Hãy dừng lại, giữ nguyên cơ sở dữ liệu và báo CA gốc.',
  ),
  REPLY_FOREIGN: errorText<{ origin: string }>(
    'refused',
    (p) => `The reply is for the journal ${p.origin}, not for this node's.`,
    (p) => `Tệp trả lời dành cho nhật ký ${p.origin}, không phải của nút này.`,
  ),

  // Verification
} as const;
