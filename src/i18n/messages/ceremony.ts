/** What the commands of `ceremony` say, and what the program says while it leads through one. */
import { text } from '../text';

export const ceremonyTexts = {
  // Help pages
  group: text(
    () => 'hold the key ceremony: plan, rehearse, run, seal, check',
    () => 'tổ chức lễ sinh khóa: lập kịch bản, diễn tập, tiến hành, niêm phong, kiểm tra',
  ),
  plan: text(
    () => 'make the numbered script of a ceremony from one YAML file, for print and for "ceremony run"',
    () => 'lập kịch bản đánh số từ một tệp YAML, để in và để dùng cho "ceremony run"',
  ),
  rehearse: text(
    () => 'hold the whole ceremony on throw-away SoftHSM2 tokens',
    () => 'diễn tập toàn bộ lễ trên các token SoftHSM2 dùng thử',
  ),
  rehearseDescription: text(
    () =>
      'Real tokens are not touched, and no data directory is needed. The PIN of every token is told on the screen. The record is marked: no check takes it for a real one.',
    () =>
      'Không động đến token thật, không cần thư mục dữ liệu. Mã PIN của mọi token hiện trên màn hình. Biên bản được đánh dấu diễn tập: không thể dùng thay biên bản thật.',
  ),
  run: text(
    () => 'go through the ceremony step by step; interrupted, it goes on where it stood',
    () => 'tiến hành lễ từng bước; nếu bị gián đoạn thì tiếp tục từ bước đang dừng',
  ),
  seal: text(
    () => 'have the new keys sign the record of the finished ceremony',
    () => 'dùng các khóa mới ký biên bản của lễ đã hoàn tất',
  ),
  check: text(
    () => 'check the record of a ceremony offline',
    () => 'kiểm tra ngoại tuyến biên bản lễ sinh khóa',
  ),
  planFile: text(
    () => 'YAML file (see config-templates/ceremony-*.yaml)',
    () => 'tệp YAML (xem config-templates/ceremony-*.yaml)',
  ),
  folder: text(
    () => 'folder of the ceremony, as "ceremony plan" made it',
    () => 'thư mục của lễ do "ceremony plan" tạo',
  ),
  outFolder: text(
    () => 'folder to make; everything about the ceremony is kept there',
    () => 'thư mục sẽ tạo; mọi thứ của lễ được lưu tại đây',
  ),
  unattended: text(
    () => 'let the program answer everything: tries out the script without people',
    () => 'để chương trình tự trả lời mọi câu hỏi: chạy thử kịch bản không cần người',
  ),
  moduleOption: text(
    () => 'path of the SoftHSM2 library (otherwise looked for)',
    () => 'đường dẫn thư viện SoftHSM2 (nếu không ghi: tự tìm)',
  ),
  recordFile: text(
    () => 'record.dsse',
    () => 'record.dsse',
  ),
  scriptOption: text(
    () => 'script the ceremony must have followed (script.json)',
    () => 'kịch bản mà lễ phải tuân theo (script.json)',
  ),
  reportOption: text(
    () => 'device report that the record must name',
    () => 'báo cáo thiết bị mà biên bản phải nêu',
  ),
  certificateOption: text(
    () => 'certificate whose key must be the one of the record (PEM or DER)',
    () => 'chứng thư có khóa phải trùng với khóa trong biên bản (PEM hoặc DER)',
  ),

  // init
  initOption: text(
    () => 'make no key: the keys come out of a key ceremony',
    () => 'không sinh khóa: các khóa được sinh qua lễ sinh khóa',
  ),
  initDone: text<{ program: string; directory: string; name: string }>(
    (p) =>
      `${p.name} is prepared in ${p.directory}; it has no keys yet.\nNext: ${p.program} ceremony plan FILE.yaml --out FOLDER`,
    (p) =>
      `Đã chuẩn bị ${p.name} tại ${p.directory}; chưa có khóa nào.\nTiếp theo: ${p.program} ceremony plan TỆP.yaml --out THƯMỤC`,
  ),

  // Results
  planDone: text<{ folder: string; steps: number; sha256: string }>(
    (p) =>
      `Script of ${p.steps} steps written to ${p.folder} (script.json, and .md and .pdf in two languages). SHA-256, which stands on every page:\n${p.sha256}`,
    (p) =>
      `Đã ghi kịch bản ${p.steps} bước vào ${p.folder} (script.json, kèm .md và .pdf bằng hai thứ tiếng). Mã SHA-256 in trên mọi trang:\n${p.sha256}`,
  ),
  runDone: text<{ folder: string; program: string }>(
    (p) => `Every step is done. Now seal: ${p.program} ceremony seal ${p.folder}`,
    (p) => `Mọi bước đã xong. Tiếp theo, niêm phong: ${p.program} ceremony seal ${p.folder}`,
  ),
  sealDone: text<{ file: string; sha256: string }>(
    (p) => `Sealed: ${p.file}\nSHA-256 of the record, to be written on the last page:\n${p.sha256}`,
    (p) => `Đã niêm phong: ${p.file}\nMã SHA-256 của biên bản, ghi vào trang cuối:\n${p.sha256}`,
  ),
  keptIn: {
    journal: text(
      () => 'The digest stands in the journal.',
      () => 'Giá trị băm đã được ghi vào nhật ký.',
    ),
    activation: text(
      () => 'The digest goes into the journal when the node is activated.',
      () => 'Giá trị băm sẽ được ghi vào nhật ký khi nút được kích hoạt.',
    ),
    database: text(
      () => 'The record is kept in the database.',
      () => 'Biên bản được lưu trong cơ sở dữ liệu.',
    ),
  },
  rehearsalDone: text<{ folder: string }>(
    (p) => `The rehearsal is over; its keys are destroyed. Script and marked record are in ${p.folder}.`,
    (p) => `Diễn tập xong; các khóa đã bị hủy. Kịch bản và biên bản có đánh dấu nằm trong ${p.folder}.`,
  ),
  checkDone: text<{ file: string; signers: string }>(
    (p) => `${p.file} is the record of a real ceremony, unaltered, signed by the keys ${p.signers}.`,
    (p) => `${p.file} là biên bản lễ sinh khóa thật, nguyên vẹn, được ký bằng các khóa ${p.signers}.`,
  ),
  unpinned: text(
    () =>
      'The keys that signed it stand in the record itself: compare their SHA-256 with what the witnesses wrote down, or give --certificate.',
    () =>
      'Khóa đã ký nằm ngay trong biên bản: hãy so mã SHA-256 với bản người chứng kiến đã ghi, hoặc dùng --certificate.',
  ),
  rehearsalPin: text<{ pin: string }>(
    (p) => `REHEARSAL. The PIN of every token is ${p.pin}. Keys made now are destroyed at the end.`,
    (p) => `DIỄN TẬP. Mã PIN của mọi token là ${p.pin}. Khóa sinh ra sẽ bị hủy khi kết thúc.`,
  ),

  // While it runs
  scriptIs: text<{ sha256: string }>(
    (p) => `SHA-256 of the script: ${p.sha256}`,
    (p) => `Mã SHA-256 của kịch bản: ${p.sha256}`,
  ),
  resumed: text<{ step: number; steps: number }>(
    (p) => `The ceremony goes on at step ${p.step} of ${p.steps}.`,
    (p) => `Lễ tiếp tục ở bước ${p.step}/${p.steps}.`,
  ),
  stepHead: text<{ step: number; steps: number; time: string }>(
    (p) => `Step ${p.step} of ${p.steps} · ${p.time}`,
    (p) => `Bước ${p.step}/${p.steps} · ${p.time}`,
  ),
  who: text<{ roles: string }>(
    (p) => `Who: ${p.roles}`,
    (p) => `Người thực hiện: ${p.roles}`,
  ),
  expected: text<{ expected: string }>(
    (p) => `Expected: ${p.expected}`,
    (p) => `Kết quả cần có: ${p.expected}`,
  ),
  askStart: text(
    () => 'Enter: the program does it now. Words: a deviation to note',
    () => 'Enter: chương trình thực hiện ngay. Nhập chữ: ghi một sai lệch',
  ),
  askDone: text(
    () => 'Enter: done as expected. Words: a deviation to note',
    () => 'Enter: đã xong đúng kết quả. Nhập chữ: ghi một sai lệch',
  ),
  noted: text<{ deviation: string }>(
    (p) => `Deviation noted: ${p.deviation}`,
    (p) => `Đã ghi sai lệch: ${p.deviation}`,
  ),
  tooLong: text<{ limit: number }>(
    (p) => `Not noted: at most ${p.limit} characters. Say it in parts.`,
    (p) => `Chưa ghi: tối đa ${p.limit} ký tự. Hãy chia thành nhiều đoạn.`,
  ),
  authenticate: text<{ name: string }>(
    (p) => `${p.name} authenticates; everybody else looks away.`,
    (p) => `${p.name} xác thực; mọi người khác không nhìn.`,
  ),
  choosePin: text<{ name: string; least: number }>(
    (p) => `${p.name}: choose a PIN for this ceremony (at least ${p.least} characters)`,
    (p) => `${p.name}: chọn mã PIN cho lễ này (ít nhất ${p.least} ký tự)`,
  ),
  repeatPin: text<{ name: string }>(
    (p) => `${p.name}: the same PIN again`,
    (p) => `${p.name}: nhập lại mã PIN đó`,
  ),
  ownPin: text<{ name: string }>(
    (p) => `${p.name}: your PIN of this ceremony`,
    (p) => `${p.name}: mã PIN của bạn trong lễ này`,
  ),
  tokenPin: text<{ name: string; token: string }>(
    (p) => `${p.name}: PIN of the token “${p.token}”`,
    (p) => `${p.name}: mã PIN của token “${p.token}”`,
  ),
  present: text<{ name: string }>(
    (p) => `Present: ${p.name}`,
    (p) => `Có mặt: ${p.name}`,
  ),
} as const;

/** What came of a step, line by line. */
export const resultTexts = {
  software: text<{ name: string; version: string; files: number; sha256: string }>(
    (p) => `${p.name} ${p.version}, ${p.files} installed files: ${p.sha256} (software.sha256)`,
    (p) => `${p.name} ${p.version}, ${p.files} tệp đã cài đặt: ${p.sha256} (software.sha256)`,
  ),
  module: text<{ path: string; sha256: string }>(
    (p) => `PKCS#11 module ${p.path}: ${p.sha256}`,
    (p) => `Mô-đun PKCS#11 ${p.path}: ${p.sha256}`,
  ),
  device: text<{ manufacturer: string; model: string; serial: string; firmware: string; hardware: string }>(
    (p) =>
      `${p.manufacturer}, model ${p.model}, serial number ${p.serial}, firmware ${p.firmware}, hardware ${p.hardware}`,
    (p) =>
      `${p.manufacturer}, kiểu ${p.model}, số sê-ri ${p.serial}, vi chương trình ${p.firmware}, phần cứng ${p.hardware}`,
  ),
  flags: text<{ flags: string }>(
    (p) => `Flags set: ${p.flags}`,
    (p) => `Cờ đang bật: ${p.flags}`,
  ),
  certified: text<{ scheme: string; number: string }>(
    (p) => `Certified: ${p.scheme}, number ${p.number}`,
    (p) => `Được chứng nhận: ${p.scheme}, số ${p.number}`,
  ),
  softwareToken: text(
    () => 'NOT CERTIFIED: this token is software; its keys lie in files.',
    () => 'CHƯA ĐƯỢC CHỨNG NHẬN: token này là phần mềm; khóa nằm trong tệp.',
  ),
  notCertified: text(
    () => 'NOT CERTIFIED: the plan names no certification that fits this device.',
    () => 'CHƯA ĐƯỢC CHỨNG NHẬN: kế hoạch không nêu chứng nhận phù hợp với thiết bị này.',
  ),
  deviceFit: text<{ checks: number; failed: string }>(
    (p) => `Fit: ${p.checks} checks, none failed.`,
    (p) => `Đạt yêu cầu: ${p.checks} mục kiểm tra, không mục nào không đạt.`,
  ),
  deviceUnfit: text<{ checks: number; failed: string }>(
    (p) => `NOT FIT: of ${p.checks} checks failed: ${p.failed}`,
    (p) => `KHÔNG ĐẠT YÊU CẦU: trong ${p.checks} mục kiểm tra, không đạt: ${p.failed}`,
  ),
  deviceWarnings: text<{ warnings: string }>(
    (p) => `Warnings: ${p.warnings}`,
    (p) => `Cảnh báo: ${p.warnings}`,
  ),
  deviceReport: text<{ file: string }>(
    (p) => `SHA-256 of the device report ${p.file}:`,
    (p) => `Mã SHA-256 của báo cáo thiết bị ${p.file}:`,
  ),
  absent: text<{ label: string; token: string }>(
    (p) => `${p.label}: not on the token “${p.token}”`,
    (p) => `${p.label}: chưa có trên token “${p.token}”`,
  ),
  generated: text<{ label: string; token: string; serial: string }>(
    (p) => `${p.label} made in the token “${p.token}” (serial number ${p.serial})`,
    (p) => `Đã sinh ${p.label} trong token “${p.token}” (số sê-ri ${p.serial})`,
  ),
  keyId: text<{ id: string; algorithm: string }>(
    (p) => `CKA_ID ${p.id}, ${p.algorithm}`,
    (p) => `CKA_ID ${p.id}, ${p.algorithm}`,
  ),
  replaces: text<{ epoch: number }>(
    (p) =>
      `IN PLACE OF the CA key of generation ${p.epoch}, lost before it was used: that one can never be used any more. Its SHA-256:`,
    (p) =>
      `THAY cho khóa CA thế hệ ${p.epoch} bị mất trước khi sử dụng: khóa đó không bao giờ được dùng nữa. Mã SHA-256:`,
  ),
  inUse: text<{ epoch: number }>(
    (p) => `The CA key of generation ${p.epoch} is in use and stays so until the roll-over. Its SHA-256:`,
    (p) => `Khóa CA thế hệ ${p.epoch} đang dùng và vẫn được dùng đến khi chuyển khóa. Mã SHA-256:`,
  ),
  publicKey: text<{ role: string }>(
    (p) => `SHA-256 of the public key “${p.role}”:`,
    (p) => `Mã SHA-256 của khóa công khai “${p.role}”:`,
  ),
  certificate: text<{ subject: string }>(
    (p) => `SHA-256 fingerprint of the certificate ${p.subject}:`,
    (p) => `Dấu SHA-256 của chứng thư ${p.subject}:`,
  ),
} as const;
