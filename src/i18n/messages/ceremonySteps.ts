/** The steps of a key ceremony as they stand in its script: what is done, and what must come of it. */
import { text } from '../text';

export const stepTexts = {
  start: text(
    () =>
      'In the folder of the ceremony, start the program. Read the SHA-256 of the script aloud from the screen; everybody compares it with the foot of their pages.',
    () =>
      'Tại thư mục của lễ, chạy chương trình. Đọc to mã SHA-256 của kịch bản trên màn hình; mọi người so với chân trang bản in của mình.',
  ),
  startExpected: text(
    () => 'The screen and every page show the same SHA-256.',
    () => 'Màn hình và mọi trang in có cùng mã SHA-256.',
  ),
  rollCall: text(
    () =>
      'Read the title, the place and the date aloud. Call each person in the table by name and role, and look at their identity papers.',
    () =>
      'Đọc to tên lễ, địa điểm và ngày. Gọi tên, vai trò từng người trong bảng thành phần và đối chiếu giấy tờ tùy thân.',
  ),
  rollCallExpected: text(
    () => 'Everybody in the table is present in person, in one role each; nobody else is in the room.',
    () => 'Mọi người trong bảng có mặt trực tiếp, mỗi người một vai trò; trong phòng không có người khác.',
  ),
  room: text(
    () =>
      'Close the room. Put telephones and cameras away, except the recording of the ceremony. Disconnect the machine from every network but the one that leads to the HSM.',
    () =>
      'Đóng cửa phòng. Cất điện thoại, máy ảnh, trừ thiết bị ghi hình buổi lễ. Ngắt máy khỏi mọi mạng, trừ đường nối đến HSM.',
  ),
  roomExpected: text(
    () => 'The door is closed, the recording (if there is one) runs, and the machine is alone with the HSM.',
    () => 'Cửa đã đóng, việc ghi hình (nếu có) đang chạy, máy chỉ còn nối với HSM.',
  ),
  clock: text(
    () => 'Compare the time on the screen with a clock that does not depend on this machine.',
    () => 'So giờ trên màn hình với một đồng hồ độc lập với máy này.',
  ),
  clockExpected: text(
    () => 'They differ by less than one minute.',
    () => 'Sai lệch dưới một phút.',
  ),
  software: text(
    () =>
      'The program computes the SHA-256 of its own installed files and of the PKCS#11 module, and writes the list of the files.',
    () =>
      'Chương trình tính mã SHA-256 của chính các tệp đã cài đặt và của mô-đun PKCS#11, đồng thời ghi danh sách tệp.',
  ),
  softwareExpected: text<{ version: string }>(
    (p) =>
      `Version ${p.version}. The auditor compares both hashes with those of the release and of the HSM's maker, or notes them.`,
    (p) =>
      `Phiên bản ${p.version}. Kiểm tra viên so hai giá trị băm với bản phát hành và với nhà sản xuất HSM, hoặc ghi chép lại.`,
  ),
  inUse: text<{ epoch: number }>(
    (p) =>
      `The program reads which CA key the node issues with now: the key made here is of generation ${p.epoch} and follows it. Nothing is changed at the key in use.`,
    (p) =>
      `Chương trình đọc khóa CA mà nút đang dùng để cấp chứng thư: khóa sinh tại lễ này thuộc thế hệ ${p.epoch} và kế tiếp khóa đó. Khóa đang dùng không bị thay đổi.`,
  ),
  inUseExpected: text(
    () =>
      'The auditor compares the SHA-256 of the CA key in use with that of the published CA certificate, and notes that of the journal key, which will sign the record beside the new key.',
    () =>
      'Kiểm tra viên so mã SHA-256 của khóa CA đang dùng với chứng thư CA đã công bố, và ghi lại mã của khóa nhật ký, khóa này sẽ ký biên bản cùng khóa mới.',
  ),
  device: text<{ token: string }>(
    (p) => `The program reads what the token “${p.token}” says of itself.`,
    (p) => `Chương trình đọc thông tin do token “${p.token}” khai báo.`,
  ),
  deviceRequired: text<{ scheme: string; number: string; manufacturer: string; model: string }>(
    (p) =>
      `The device is the certified one: ${p.scheme}, number ${p.number}; manufacturer ${p.manufacturer}, model ${p.model}. Anything else ends the ceremony. The serial number is that on the housing.`,
    (p) =>
      `Đúng thiết bị được chứng nhận: ${p.scheme}, số ${p.number}; nhà sản xuất ${p.manufacturer}, kiểu ${p.model}. Nếu khác, lễ dừng lại. Số sê-ri trùng với số trên vỏ máy.`,
  ),
  deviceRecorded: text(
    () =>
      'Manufacturer, model, serial number and firmware are noted. A token that is software, or without proof of certification, is recorded as not certified.',
    () =>
      'Ghi lại nhà sản xuất, kiểu, số sê-ri và phiên bản vi chương trình. Token phần mềm hoặc không có bằng chứng chứng nhận được ghi rõ là chưa được chứng nhận.',
  ),
  custodians: text(
    () =>
      'One after the other, each key custodian authenticates: with their own token and its PIN, or with a PIN of their own that they choose now. Nobody looks on.',
    () =>
      'Lần lượt từng người giữ khóa xác thực: bằng token riêng cùng mã PIN, hoặc bằng mã PIN riêng tự chọn ngay lúc này. Không ai nhìn người khác nhập.',
  ),
  custodiansExpected: text<{ names: string }>(
    (p) => `Authenticated, and present until the end: ${p.names}.`,
    (p) => `Đã xác thực và có mặt đến hết lễ: ${p.names}.`,
  ),
  probe: text<{ token: string }>(
    (p) =>
      `The program probes the token “${p.token}” with keys that are thrown away at once, and writes the device report into the folder of the ceremony.`,
    (p) =>
      `Chương trình kiểm tra token “${p.token}” bằng các khóa thử bị hủy ngay, và ghi báo cáo thiết bị vào thư mục của lễ.`,
  ),
  probeRequired: text(
    () =>
      'The device is fit: no check fails. Otherwise the ceremony ends. The auditor notes the SHA-256 of the report.',
    () =>
      'Thiết bị đạt yêu cầu: không mục nào không đạt. Nếu khác, lễ dừng lại. Kiểm tra viên ghi lại mã SHA-256 của báo cáo.',
  ),
  probeRecorded: text(
    () => 'What the probe finds is recorded. The auditor notes the SHA-256 of the report.',
    () => 'Kết quả kiểm tra được ghi vào biên bản. Kiểm tra viên ghi lại mã SHA-256 của báo cáo.',
  ),
  absence: text(
    () => 'The program looks whether the keys to be made exist already.',
    () => 'Chương trình kiểm tra xem các khóa sắp sinh đã tồn tại hay chưa.',
  ),
  absenceExpected: text<{ labels: string }>(
    (p) => `None of these is on its token: ${p.labels}.`,
    (p) => `Chưa khóa nào có trên token: ${p.labels}.`,
  ),
  generate: text<{ role: string; label: string; algorithm: string; signature: string; token: string }>(
    (p) =>
      `The key “${p.role}” (${p.algorithm}, to sign with ${p.signature}) is generated inside the token “${p.token}” under the label ${p.label}. The custodians confirm that they are present.`,
    (p) =>
      `Sinh khóa “${p.role}” (${p.algorithm}, ký bằng ${p.signature}) bên trong token “${p.token}” với nhãn ${p.label}. Những người giữ khóa xác nhận đang có mặt.`,
  ),
  generateExpected: text(
    () => 'The key is made, and has signed a test message that verifies.',
    () => 'Khóa đã được sinh và đã ký thử một thông điệp, chữ ký kiểm tra đúng.',
  ),
  attributes: text<{ role: string }>(
    (p) => `The attributes of the key “${p.role}” are read back from the token.`,
    (p) => `Đọc lại các thuộc tính của khóa “${p.role}” từ token.`,
  ),
  attributesExpected: text(
    () =>
      'CKA_LOCAL, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE and CKA_NEVER_EXTRACTABLE are true; CKA_EXTRACTABLE is false.',
    () =>
      'CKA_LOCAL, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE và CKA_NEVER_EXTRACTABLE là true; CKA_EXTRACTABLE là false.',
  ),
  publicKey: text<{ role: string }>(
    (p) =>
      `The SHA-256 of the public key “${p.role}” is shown as digits and as words. It is read aloud line by line, and the witnesses write it down.`,
    (p) =>
      `Hiện mã SHA-256 của khóa công khai “${p.role}” bằng chữ số và bằng từ. Đọc to từng dòng, người chứng kiến ghi lại.`,
  ),
  publicKeyExpected: text(
    () => 'What the witnesses wrote, read back, agrees with the screen.',
    () => 'Nội dung người chứng kiến ghi, khi đọc lại, khớp với màn hình.',
  ),
  certificate: text<{ subject: string }>(
    (p) => `The root key signs its own certificate: ${p.subject}.`,
    (p) => `Khóa CA gốc tự ký chứng thư của mình: ${p.subject}.`,
  ),
  certificateExpected: text(
    () =>
      'The SHA-256 fingerprint of the certificate is read aloud and written down: it is what every node will pin.',
    () => 'Đọc to và ghi lại dấu SHA-256 của chứng thư: đây là dấu mà mọi nút sẽ đối chiếu.',
  ),
  deviations: text(
    () => 'Ask everybody whether anything went otherwise than written. Type each deviation.',
    () => 'Hỏi từng người xem có điều gì diễn ra khác kịch bản không. Nhập từng sai lệch.',
  ),
  deviationsExpected: text(
    () => 'Everybody agrees with the list of deviations, or that there is none.',
    () => 'Mọi người nhất trí với danh sách sai lệch, hoặc nhất trí là không có.',
  ),
  close: text(
    () =>
      'Put PINs and tokens that are not needed for the service into numbered tamper-evident bags, and lock them away. Write the numbers here.',
    () =>
      'Cho mã PIN và các token không dùng cho dịch vụ vào túi niêm phong có số, cất vào két. Ghi các số tại đây.',
  ),
  closeExpected: text(
    () => 'Each bag is signed by its custodian; the numbers stand beside this step.',
    () => 'Mỗi túi có chữ ký của người giữ; các số được ghi cạnh bước này.',
  ),
  seal: text(
    () => 'Seal the ceremony: the new keys sign its record. The custodians authenticate once more.',
    () => 'Niêm phong lễ: các khóa mới ký biên bản. Những người giữ khóa xác thực một lần nữa.',
  ),
  sealNext: text(
    () =>
      'Seal the ceremony: the new key and the node’s journal key sign its record. The custodians authenticate once more.',
    () =>
      'Niêm phong lễ: khóa mới và khóa nhật ký của nút ký biên bản. Những người giữ khóa xác thực một lần nữa.',
  ),
  sealExpected: text(
    () => 'The SHA-256 of the record is shown and written on the last page.',
    () => 'Mã SHA-256 của biên bản hiện ra và được ghi vào trang cuối.',
  ),
  check: text(
    () =>
      'Check the record as an auditor will. Everybody signs the last page; each auditor and the archive get a copy of the folder.',
    () =>
      'Kiểm tra biên bản như kiểm tra viên sẽ làm. Mọi người ký trang cuối; mỗi kiểm tra viên và nơi lưu trữ nhận một bản sao thư mục.',
  ),
  checkExpected: text(
    () => 'The check ends without an error, and shows the SHA-256 that was written down.',
    () => 'Việc kiểm tra kết thúc không lỗi và hiện đúng mã SHA-256 đã ghi.',
  ),
} as const;
