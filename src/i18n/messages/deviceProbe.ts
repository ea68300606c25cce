/** The checks of a device probe: what each looks at, and what to do where it does not pass. */
import { text } from '../text';
import { check, type CheckTexts } from './check';

export const deviceCheckTexts = {
  'module-file': check(
    'Module file protected',
    'Tệp mô-đun được bảo vệ',
    'Whoever can change this file can sign with every key. Give it to root and take the right to write away from others: chmod go-w.',
    'Ai sửa được tệp này thì ký được bằng mọi khóa. Hãy giao tệp cho root và bỏ quyền ghi của người khác: chmod go-w.',
  ),
  'cryptoki-version': check(
    'PKCS#11 version',
    'Phiên bản PKCS#11',
    'This version was not tried with this product. Ask the maker for a newer module.',
    'Phiên bản này chưa được thử với phần mềm. Hãy hỏi nhà sản xuất mô-đun mới hơn.',
  ),
  certification: check(
    'Certification',
    'Chứng nhận thiết bị',
    'CA keys belong in a certified HSM. A software token is for trials only. For a device, write the certificate on paper into the plan of the key ceremony (tokens[].certified) and give that plan with --plan.',
    'Khóa CA phải nằm trong HSM được chứng nhận. Token phần mềm chỉ dùng để thử. Với thiết bị thật, hãy ghi chứng nhận trên giấy vào kế hoạch lễ sinh khóa (tokens[].certified) rồi chỉ kế hoạch đó bằng --plan.',
  ),
  'pin-state': check(
    'State of the PIN',
    'Trạng thái mã PIN',
    'COUNT_LOW: somebody gave a wrong PIN; find out who, the count goes back with this login. TO_BE_CHANGED: change the PIN with the tool of the HSM’s maker.',
    'COUNT_LOW: đã có người nhập sai mã PIN; hãy tìm hiểu, bộ đếm được đặt lại sau lần đăng nhập này. TO_BE_CHANGED: hãy đổi mã PIN bằng công cụ của hãng HSM.',
  ),
  'login-required': check(
    'Login required',
    'Bắt buộc đăng nhập',
    'Whoever reaches the module can use the keys without a PIN. Configure the token so that a login is required.',
    'Ai truy cập được mô-đun đều dùng được khóa mà không cần mã PIN. Hãy cấu hình token để bắt buộc đăng nhập.',
  ),
  'pin-entry': check(
    'PIN given by the program',
    'Chương trình cung cấp mã PIN',
    'The PIN is typed on the device itself, so a service cannot log in again after a power cut until somebody stands there.',
    'Mã PIN được nhập ngay trên thiết bị, nên sau khi mất điện dịch vụ không tự đăng nhập lại được nếu không có người tại chỗ.',
  ),
  'write-protection': check(
    'Writable',
    'Cho phép ghi',
    'No key can be made on it. Lift the protection with the tool of the HSM’s maker until the keys are made.',
    'Không tạo được khóa. Hãy bỏ chống ghi bằng công cụ của hãng HSM cho đến khi sinh khóa xong.',
  ),
  'device-state': check(
    'No self-test failed',
    'Tự kiểm tra không lỗi',
    'The device has failed a self-test. Do not use it; call its maker.',
    'Thiết bị không qua được tự kiểm tra. Không sử dụng; hãy liên hệ nhà sản xuất.',
  ),
  clock: check(
    'Clock of the device',
    'Đồng hồ của thiết bị',
    'Certificates do not depend on it, the HSM’s own log does. Set it, or the clock of this machine.',
    'Chứng thư không phụ thuộc đồng hồ này, nhưng nhật ký của HSM thì có. Hãy chỉnh đồng hồ thiết bị hoặc đồng hồ của máy.',
  ),
  mechanism: check(
    'Mechanism',
    'Thuật toán (mechanism)',
    'A key type that needs it cannot be used. Switch it on in the HSM’s policy (FIPS mode may hide some), or choose another key type.',
    'Không dùng được loại khóa cần thuật toán này. Hãy bật trong chính sách của HSM (chế độ FIPS có thể ẩn bớt), hoặc chọn loại khóa khác.',
  ),
  leftovers: check(
    'Keys of an interrupted probe',
    'Khóa thử còn sót của lần kiểm tra trước',
    'An earlier probe was cut off. Its keys (label subca-probe-…) certify nothing; those that are left can be removed with the tool of the HSM, or by the next probe.',
    'Lần kiểm tra trước bị ngắt giữa chừng. Các khóa đó (nhãn subca-probe-…) không chứng nhận điều gì; khóa còn lại có thể xóa bằng công cụ của HSM hoặc ở lần kiểm tra sau.',
  ),
  'random-generator': check(
    'Random generator',
    'Bộ sinh số ngẫu nhiên',
    'Two draws alike: do not make a key in this device. Not supported: its keys come from a generator that cannot be looked at.',
    'Hai lần lấy giống nhau: không sinh khóa trong thiết bị này. Không hỗ trợ: không quan sát được bộ sinh số dùng để tạo khóa.',
  ),
  'random-health': check(
    'Random numbers not plainly broken',
    'Số ngẫu nhiên không lỗi rõ ràng',
    'The numbers repeat themselves: do not make a key in this device. (Passing is no proof of good random numbers; the certification is to give that.)',
    'Các số lặp lại bất thường: không sinh khóa trong thiết bị này. (Đạt không có nghĩa là đã chứng minh số ngẫu nhiên tốt; điều đó thuộc về chứng nhận thiết bị.)',
  ),
  'key-generation': check(
    'Key made',
    'Sinh khóa',
    'This key type cannot be made in the device. Look at its policy and its log, or choose another key type.',
    'Thiết bị không sinh được loại khóa này. Hãy xem chính sách và nhật ký của thiết bị, hoặc chọn loại khóa khác.',
  ),
  'key-attributes': check(
    'Key protected, by its attributes',
    'Thuộc tính bảo vệ khóa',
    'The device made a key that is less protected than was demanded. Do not use it for CA keys before its maker has explained that.',
    'Thiết bị sinh khóa kém bảo vệ hơn yêu cầu. Không dùng cho khóa CA khi nhà sản xuất chưa giải thích.',
  ),
  'key-secrecy': check(
    'Private key cannot be read',
    'Không đọc được khóa bí mật',
    'The device gives its private keys away, whatever the attributes say. Do not use it. (A refusal with another code than the expected one is only unusual.)',
    'Thiết bị để lộ khóa bí mật, dù thuộc tính khai thế nào. Không sử dụng. (Từ chối bằng mã khác mã mong đợi chỉ là điều bất thường.)',
  ),
  'key-fixedness': check(
    'Protection cannot be lifted',
    'Không gỡ được bảo vệ khóa',
    'A key can be made extractable after it was made. Do not use the device. (If it says yes and changes nothing, ask its maker.)',
    'Khóa có thể bị đổi thành trích xuất được sau khi sinh. Không sử dụng thiết bị. (Nếu trả lời được nhưng không đổi gì, hãy hỏi nhà sản xuất.)',
  ),
  'key-copy': check(
    'No less protected copy',
    'Không tạo được bản sao kém bảo vệ',
    'A copy of a key can be taken out though the key cannot. Do not use the device.',
    'Bản sao của khóa trích xuất được dù khóa gốc thì không. Không sử dụng thiết bị.',
  ),
  'key-wrapping': check(
    'Private key cannot be wrapped',
    'Không bọc (wrap) được khóa bí mật',
    'The key leaves the device under another one that somebody can know. Do not use the device. (A refusal with another code is only unusual.)',
    'Khóa ra khỏi thiết bị dưới lớp bọc của một khóa mà người khác có thể biết. Không sử dụng thiết bị. (Từ chối bằng mã khác chỉ là điều bất thường.)',
  ),
  signature: check(
    'Signature right',
    'Chữ ký đúng',
    'What the device gives is no signature, or it refused. Do not use this key type here; report it to the maker with the module’s version. A form that is not supported cannot be chosen.',
    'Kết quả của thiết bị không phải chữ ký đúng, hoặc bị từ chối. Không dùng loại khóa này; hãy báo nhà sản xuất kèm phiên bản mô-đun. Dạng không hỗ trợ thì không chọn được.',
  ),
  verification: check(
    'Verification by the device',
    'Thiết bị xác minh chữ ký',
    'Accepting an altered text is a fault: do not use the device. Otherwise it is of no weight, because this product verifies by itself.',
    'Chấp nhận nội dung đã bị sửa là lỗi: không sử dụng thiết bị. Ngoài ra không đáng ngại, vì phần mềm tự xác minh.',
  ),
  sessions: check(
    'Sessions at the same time',
    'Số phiên đồng thời',
    'The device gives fewer sessions than are configured. Lower hsm.sessions, end other programs that use it, or raise its limit.',
    'Thiết bị cấp ít phiên hơn cấu hình. Hãy giảm hsm.sessions, dừng chương trình khác đang dùng, hoặc nâng giới hạn.',
  ),
  concurrency: check(
    'Signatures at the same time right',
    'Ký đồng thời đúng',
    'Sessions get in each other’s way. Set hsm.sessions to 1 and probe again; report it to the maker.',
    'Các phiên ảnh hưởng lẫn nhau. Hãy đặt hsm.sessions là 1 rồi kiểm tra lại; báo nhà sản xuất.',
  ),
  throughput: check(
    'Throughput',
    'Tốc độ ký',
    'Slower than one signature a second: issuing in numbers and answering status questions will not keep up. Look at the network to the HSM.',
    'Chậm hơn một chữ ký mỗi giây: không đáp ứng được việc cấp hàng loạt và kiểm tra trực tuyến. Hãy xem mạng đến HSM.',
  ),
  'kept-key': check(
    'Key that stays on the token',
    'Khóa lưu trên token',
    'No key can be kept and used. Look at the device’s free memory, its policy and its log.',
    'Không lưu và dùng được khóa. Hãy xem bộ nhớ trống, chính sách và nhật ký của thiết bị.',
  ),
  'after-logout': check(
    'After a logout',
    'Sau khi đăng xuất',
    'If it still signs, the login protects nothing: do not use it. If it refuses with an unknown code, a service will not come back by itself after a restart of the HSM: report the code.',
    'Nếu vẫn ký được thì đăng nhập không bảo vệ gì: không sử dụng. Nếu từ chối bằng mã lạ, dịch vụ không tự trở lại sau khi HSM khởi động lại: hãy báo mã đó.',
  ),
  'after-close-all': check(
    'After all sessions were closed',
    'Sau khi đóng mọi phiên',
    'As after a logout. Still logged in: the device keeps a login that nobody uses any more; ask its maker.',
    'Như sau khi đăng xuất. Còn đăng nhập: thiết bị giữ đăng nhập không ai dùng nữa; hãy hỏi nhà sản xuất.',
  ),
  cleanup: check(
    'Throw-away keys removed',
    'Đã xóa các khóa thử',
    'Keys of this label are left on the token. The next probe removes them, or the tool of the HSM does.',
    'Còn khóa mang nhãn này trên token. Lần kiểm tra sau sẽ xóa, hoặc xóa bằng công cụ của HSM.',
  ),
} as const satisfies Readonly<Record<string, CheckTexts>>;

export type DeviceCheckId = keyof typeof deviceCheckTexts;

export const deviceResultTexts = {
  pass: text(
    () => 'pass',
    () => 'đạt',
  ),
  warning: text(
    () => 'WARNING',
    () => 'CẢNH BÁO',
  ),
  fail: text(
    () => 'FAIL',
    () => 'KHÔNG ĐẠT',
  ),
  'not-supported': text(
    () => 'not supported',
    () => 'không hỗ trợ',
  ),
} as const;

export const deviceReportTexts = {
  title: text<{ serial: string }>(
    (p) => `Report on the HSM ${p.serial}`,
    (p) => `Báo cáo kiểm tra HSM ${p.serial}`,
  ),
  pass: text(
    () => 'FIT: no check failed.',
    () => 'ĐẠT YÊU CẦU: không mục nào không đạt.',
  ),
  passForTrials: text(
    () => 'WORKS, BUT FOR TRIALS ONLY: no check failed, and the token is software.',
    () => 'HOẠT ĐỘNG TỐT NHƯNG CHỈ ĐỂ THỬ: không mục nào không đạt, nhưng token là phần mềm.',
  ),
  fail: text<{ count: number }>(
    (p) => `NOT FIT: ${p.count} check(s) failed.`,
    (p) => `KHÔNG ĐẠT YÊU CẦU: ${p.count} mục không đạt.`,
  ),
  counts: text<{ pass: number; warning: number; fail: number; notSupported: number }>(
    (p) => `${p.pass} pass, ${p.warning} warning(s), ${p.fail} fail, ${p.notSupported} not supported`,
    (p) => `${p.pass} đạt, ${p.warning} cảnh báo, ${p.fail} không đạt, ${p.notSupported} không hỗ trợ`,
  ),
  device: text(
    () => 'Device',
    () => 'Thiết bị',
  ),
  deviceLine: text<{
    manufacturer: string;
    model: string;
    serial: string;
    firmware: string;
    hardware: string;
  }>(
    (p) =>
      `${p.manufacturer}, model ${p.model}, serial number ${p.serial}, firmware ${p.firmware}, hardware ${p.hardware}`,
    (p) =>
      `${p.manufacturer}, kiểu ${p.model}, số sê-ri ${p.serial}, vi chương trình ${p.firmware}, phần cứng ${p.hardware}`,
  ),
  token: text(
    () => 'Token',
    () => 'Token',
  ),
  certification: text(
    () => 'Certification',
    () => 'Chứng nhận',
  ),
  certified: text<{ scheme: string; number: string }>(
    (p) => `${p.scheme}, number ${p.number}`,
    (p) => `${p.scheme}, số ${p.number}`,
  ),
  software: text(
    () => 'NOT CERTIFIED: software; its keys lie in files',
    () => 'CHƯA ĐƯỢC CHỨNG NHẬN: phần mềm; khóa nằm trong tệp',
  ),
  notCertified: text(
    () => 'NOT CERTIFIED: no certification was named that fits this device',
    () => 'CHƯA ĐƯỢC CHỨNG NHẬN: chưa nêu chứng nhận phù hợp với thiết bị này',
  ),
  module: text(
    () => 'PKCS#11 module',
    () => 'Mô-đun PKCS#11',
  ),
  flags: text(
    () => 'Flags set',
    () => 'Cờ đang bật',
  ),
  time: text(
    () => 'Time',
    () => 'Thời gian',
  ),
  program: text(
    () => 'Software',
    () => 'Phần mềm',
  ),
  verdict: text(
    () => 'Verdict',
    () => 'Kết luận',
  ),
  checks: text(
    () => 'Checks',
    () => 'Các mục kiểm tra',
  ),
  check: text(
    () => 'Check',
    () => 'Mục kiểm tra',
  ),
  result: text(
    () => 'Result',
    () => 'Kết quả',
  ),
  found: text(
    () => 'Found',
    () => 'Thực tế',
  ),
  expected: text(
    () => 'Expected',
    () => 'Yêu cầu',
  ),
  advice: text(
    () => 'What to do',
    () => 'Cần làm',
  ),
  throughput: text(
    () => 'Signatures per second',
    () => 'Số chữ ký mỗi giây',
  ),
  keyType: text(
    () => 'Key type',
    () => 'Loại khóa',
  ),
  sessions: text(
    () => 'Sessions',
    () => 'Số phiên',
  ),
  perSecond: text(
    () => 'Per second',
    () => 'Mỗi giây',
  ),
  attributes: text(
    () => 'Attributes of the keys made',
    () => 'Thuộc tính của các khóa đã sinh thử',
  ),
} as const;
