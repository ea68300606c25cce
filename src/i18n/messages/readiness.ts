/** The checks of `doctor`: what each looks at, and what to do where it did not pass. */
import { text } from '../text';
import { check } from './check';

export const readinessCheckTexts = {
  'operating-system': check(
    'Operating system',
    'Hệ điều hành',
    'This package is installed and tried on Debian 12 and 13, Ubuntu 22.04 and 24.04. Elsewhere, try everything before you rely on it.',
    'Phần mềm được cài và thử trên Debian 12, 13 và Ubuntu 22.04, 24.04. Trên hệ điều hành khác, hãy thử đầy đủ trước khi vận hành.',
  ),
  'node-version': check(
    'Node.js and the end of its support',
    'Phiên bản Node.js và hạn hỗ trợ',
    'No security fixes come after that day. Install a version with long-term support.',
    'Sau ngày này không còn bản vá an ninh. Hãy cài phiên bản được hỗ trợ dài hạn.',
  ),
  'service-user': check(
    'User of the service',
    'Tài khoản chạy dịch vụ',
    'Run this as the user that owns the data directory, never as root: sudo -u subca subca doctor.',
    'Hãy chạy bằng tài khoản sở hữu thư mục dữ liệu, không chạy bằng root: sudo -u subca subca doctor.',
  ),
  configuration: check(
    'Configuration',
    'Cấu hình',
    'Run init if there is none yet; otherwise correct what is listed.',
    'Nếu chưa có, hãy chạy init; nếu có, hãy sửa các mục được liệt kê.',
  ),
  'disk-space': check(
    'Free disk space',
    'Dung lượng đĩa trống',
    'A full disk stops issuance and new revocation lists. Make room, or enlarge the disk.',
    'Đĩa đầy sẽ làm dừng việc cấp chứng thư và ra danh sách thu hồi. Hãy giải phóng hoặc mở rộng đĩa.',
  ),
  'second-disk': check(
    'Second disk',
    'Đĩa thứ hai',
    'Mount a second disk, give it to the service user, and name a folder on it under readiness.secondDisk in config.yaml.',
    'Hãy gắn đĩa thứ hai, cấp quyền cho tài khoản dịch vụ và ghi thư mục trên đĩa đó vào readiness.secondDisk của config.yaml.',
  ),
  'file-mode': check(
    'Private files',
    'Quyền truy cập tệp',
    'Others can read it, or it belongs to somebody else: chown to the service user, chmod 0600 for a file, 0700 for the folder.',
    'Người khác đọc được hoặc tệp thuộc tài khoản khác: hãy chown cho tài khoản dịch vụ, chmod 0600 với tệp, 0700 với thư mục.',
  ),
  database: check(
    'Database',
    'Cơ sở dữ liệu',
    'Stop the services, keep the folder as it is, and run subca verify or rootca verify. Before init there is no database yet.',
    'Hãy dừng dịch vụ, giữ nguyên thư mục và chạy subca verify hoặc rootca verify. Trước init thì chưa có cơ sở dữ liệu.',
  ),
  'time-service': check(
    'Time service',
    'Dịch vụ đồng bộ giờ',
    'Install and start systemd-timesyncd or chrony, with a time server of your own network where there is one.',
    'Hãy cài và chạy systemd-timesyncd hoặc chrony, dùng máy chủ thời gian của mạng nội bộ nếu có.',
  ),
  registry: check(
    'Registry of the root',
    'Sổ đăng ký của CA gốc',
    'Check address, firewall and certificate with the root operator. Before activation the root is not pinned, so nothing vouches for the answer.',
    'Hãy cùng bên CA gốc kiểm tra địa chỉ, tường lửa và chứng thư. Trước khi kích hoạt chưa ghim CA gốc nên chưa xác thực được câu trả lời.',
  ),
  clock: check(
    'Clock against the root',
    'Đồng hồ so với CA gốc',
    'Set the time by a time service. Where files are carried by hand, compare the time with the root operator.',
    'Hãy đồng bộ giờ bằng dịch vụ thời gian. Nếu chuyển tệp bằng tay, hãy đối chiếu giờ với bên CA gốc.',
  ),
  'host-name': check(
    'Public host name',
    'Tên máy chủ công khai',
    'The name goes into every certificate. Have it entered in the DNS.',
    'Tên này được ghi vào mọi chứng thư. Hãy khai báo trong DNS.',
  ),
  port: check(
    'Port of the service',
    'Cổng dịch vụ',
    'EADDRINUSE: another program listens there; end it, or change public.port. EACCES: give the service the right to the port, as in the unit file of docs/operations.md.',
    'EADDRINUSE: chương trình khác đang dùng cổng; hãy dừng chương trình đó hoặc đổi public.port. EACCES: hãy cấp quyền mở cổng cho dịch vụ như tệp unit trong docs/operations.md.',
  ),
  'pin-source': check(
    'Source of the PIN',
    'Nguồn mã PIN',
    'A service cannot be asked, and other processes can see an environment: use a file of mode 0600, or a systemd credential.',
    'Không thể hỏi mã PIN khi dịch vụ tự chạy, còn biến môi trường thì tiến trình khác thấy được: hãy dùng tệp quyền 0600 hoặc credential của systemd.',
  ),
  hsm: check(
    'Newest device report of the HSM',
    'Báo cáo thiết bị HSM mới nhất',
    'Run doctor --hsm, with --plan for the certification of the device. Software is for trials only.',
    'Hãy chạy doctor --hsm, kèm --plan để ghi chứng nhận của thiết bị. Token phần mềm chỉ để thử.',
  ),
  backup: check(
    'Backup made, and restored as a trial',
    'Sao lưu và khôi phục thử',
    'Make a backup as docs/operations.md says, restore it on another machine, and write both dates under readiness.backup in config.yaml.',
    'Hãy sao lưu theo docs/operations.md, khôi phục thử trên máy khác và ghi hai ngày vào readiness.backup của config.yaml.',
  ),
  alarm: check(
    'Alarm',
    'Cảnh báo',
    'Name who is told under readiness.alarm in config.yaml: webhook, or mail with its server.',
    'Hãy ghi nơi nhận cảnh báo vào readiness.alarm của config.yaml: webhook, hoặc mail kèm máy chủ thư.',
  ),
  personnel: check(
    'Personnel',
    'Nhân sự',
    'Name the people with roles and training under personnel in config.yaml.',
    'Hãy ghi người, vai trò và đào tạo vào mục personnel của config.yaml.',
  ),
  documents: check(
    'Papers',
    'Văn bản',
    'Name the file under documents in config.yaml, and let the service user read it.',
    'Hãy ghi tệp vào mục documents của config.yaml và cấp quyền đọc cho tài khoản dịch vụ.',
  ),
} as const;

export type ReadinessCheckId = keyof typeof readinessCheckTexts;

export const readinessTexts = {
  results: {
    pass: text(
      () => 'pass',
      () => 'đạt',
    ),
    warn: text(
      () => 'warning',
      () => 'lưu ý',
    ),
    fail: text(
      () => 'FAIL',
      () => 'KHÔNG ĐẠT',
    ),
    unknown: text(
      () => 'unknown',
      () => 'chưa rõ',
    ),
  },
  result: text(
    () => 'result',
    () => 'kết quả',
  ),
  check: text(
    () => 'check',
    () => 'mục kiểm tra',
  ),
  found: text(
    () => 'found',
    () => 'kết quả đo',
  ),
  expected: text(
    () => 'expected',
    () => 'yêu cầu',
  ),
  advice: text(
    () => 'what to do',
    () => 'cách xử lý',
  ),
  ready: text<{ warnings: number }>(
    (p) => `READY${p.warnings > 0 ? `, ${String(p.warnings)} warning(s)` : ''}.`,
    (p) => `SẴN SÀNG${p.warnings > 0 ? `, ${String(p.warnings)} điểm cần lưu ý` : ''}.`,
  ),
  notReady: text<{ failures: number }>(
    (p) => `NOT READY: ${p.failures} check(s) failed.`,
    (p) => `CHƯA SẴN SÀNG: ${p.failures} mục không đạt.`,
  ),
} as const;
