/** What `doctor` says. */
import { text } from '../text';

export const doctorTexts = {
  doctor: text(
    () => 'check whether what is needed for operation is ready',
    () => 'kiểm tra mức sẵn sàng trước khi vận hành',
  ),
  description: text(
    () =>
      'Without an option: the machine and what the party holds, in some seconds, without a PIN, before init as well as after; exit code 3 if a check fails. With --hsm it tries the HSM with keys that are thrown away: mechanisms, protection of keys, signatures, sessions, what happens after a logout, random numbers, throughput. It touches no other key and tries no PIN but the one given. It takes some seconds to some minutes, and slows a running service down meanwhile. It works before init too, with --module and --token. The report is written as device-report-<serial number>-<time>, as .json and to read as .vi.md and .en.md.',
    () =>
      'Không kèm tùy chọn: kiểm tra máy chủ và những gì đang có trong vài giây, không cần mã PIN, trước hay sau init đều chạy được; mã thoát 3 nếu có mục không đạt. Với --hsm, lệnh thử HSM bằng các khóa dùng một lần: thuật toán, bảo vệ khóa, chữ ký, phiên, hành vi sau khi đăng xuất, số ngẫu nhiên, tốc độ ký. Lệnh không động đến khóa nào khác và chỉ dùng mã PIN được cung cấp. Mất từ vài giây đến vài phút; trong lúc đó dịch vụ đang chạy sẽ chậm lại. Chạy được cả trước init, với --module và --token. Báo cáo được ghi là device-report-<số sê-ri>-<thời điểm>, dạng .json và bản để đọc .vi.md, .en.md.',
  ),
  hsm: text(
    () => 'probe the HSM and write a device report',
    () => 'kiểm tra HSM và lập báo cáo thiết bị',
  ),
  module: text(
    () => 'PKCS#11 module, instead of the one in the configuration',
    () => 'mô-đun PKCS#11, thay cho mô-đun trong cấu hình',
  ),
  token: text(
    () => 'label of the token; needed with --module, otherwise every token of the configuration',
    () => 'nhãn của token; bắt buộc khi có --module, nếu không ghi: mọi token trong cấu hình',
  ),
  serial: text(
    () => 'serial number, where several tokens have the same label',
    () => 'số sê-ri, khi có nhiều token cùng nhãn',
  ),
  out: text(
    () =>
      'folder for the report, and for the memory of wrong PINs before init (otherwise the data directory)',
    () => 'thư mục ghi báo cáo, và ghi nhớ mã PIN sai khi chưa init (nếu không ghi: thư mục dữ liệu)',
  ),
  requireCertified: text(
    () => 'a token without a certification fails; see --plan',
    () => 'token chưa được chứng nhận là không đạt; xem --plan',
  ),
  plan: text(
    () =>
      'plan of the key ceremony: its certification of the token, its policy, and the key types it will make',
    () => 'kế hoạch lễ sinh khóa: chứng nhận của token, chính sách và các loại khóa sẽ sinh',
  ),
  keyType: text(
    () => 'try only this key type, and p-256, and demand that they work; otherwise all are tried',
    () => 'chỉ thử loại khóa này cùng p-256 và bắt buộc phải dùng được; nếu không ghi thì thử mọi loại',
  ),
  timeout: text(
    () => 'seconds that each token may take',
    () => 'số giây tối đa cho mỗi token',
  ),
  probing: text(
    () => 'Checks made',
    () => 'Số mục đã kiểm tra',
  ),
  written: text<{ file: string; sha256: string }>(
    (p) => `Report: ${p.file}\nSHA-256: ${p.sha256}`,
    (p) => `Báo cáo: ${p.file}\nSHA-256: ${p.sha256}`,
  ),
  attention: text(
    () => 'What needs attention',
    () => 'Những điểm cần lưu ý',
  ),
} as const;
