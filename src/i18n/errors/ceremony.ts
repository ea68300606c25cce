/** What can go wrong at a key ceremony, before it and after it. */
import { errorText } from '../text';

export const ceremonyErrors = {
  // The script and its folder
  CEREMONY_UNKNOWN: errorText<{ folder: string }>(
    'input',
    (p) =>
      `${p.folder} holds no ceremony. Make its script first: "ceremony plan FILE.yaml --out ${p.folder}".`,
    (p) =>
      `${p.folder} không chứa lễ sinh khóa nào. Hãy lập kịch bản trước: "ceremony plan TỆP.yaml --out ${p.folder}".`,
  ),
  CEREMONY_BEGUN: errorText<{ folder: string }>(
    'refused',
    (p) => `The ceremony in ${p.folder} has begun; its script cannot be replaced. Choose another folder.`,
    (p) => `Lễ sinh khóa tại ${p.folder} đã bắt đầu; không thể thay kịch bản. Hãy chọn thư mục khác.`,
  ),
  CEREMONY_RUNNING: errorText<{ folder: string }>(
    'unavailable',
    (p) => `The ceremony in ${p.folder} is being worked on by another command. Wait for it to end.`,
    (p) => `Một lệnh khác đang tiến hành lễ sinh khóa tại ${p.folder}. Hãy chờ lệnh đó xong.`,
  ),
  SCRIPT_ALTERED: errorText<{ file: string }>(
    'integrity',
    (p) =>
      `${p.file} is not what "ceremony plan" wrote: it was edited or damaged. Plan again from the YAML file, and compare the hash with the printed script.`,
    (p) =>
      `${p.file} không đúng như "ceremony plan" đã ghi: tệp bị sửa hoặc hỏng. Hãy lập lại từ tệp YAML và so giá trị băm với kịch bản đã in.`,
  ),
  SCRIPT_OF_OTHER_VERSION: errorText<{ planned: string; running: string }>(
    'refused',
    (p) =>
      `The script was planned with version ${p.planned}, and this is version ${p.running}. Plan again with the version that will be used, and print that script.`,
    (p) =>
      `Kịch bản được lập bằng phiên bản ${p.planned}, còn phần mềm đang chạy là phiên bản ${p.running}. Hãy lập lại bằng đúng phiên bản sẽ dùng và in kịch bản mới.`,
  ),
  SCRIPT_NOT_FOR_HERE: errorText<{ count: number }>(
    'refused',
    (p) =>
      `The script does not fit the data directory it is run on (${p.count} difference(s) below). Nothing was done.`,
    (p) =>
      `Kịch bản không khớp với thư mục dữ liệu đang dùng (${p.count} điểm khác dưới đây). Chưa thực hiện gì.`,
  ),
  PAUSED: errorText(
    'unavailable',
    () => 'The ceremony is interrupted. Run the same command again to go on at the step where it stands.',
    () => 'Lễ sinh khóa tạm gián đoạn. Hãy chạy lại đúng lệnh này để tiếp tục từ bước đang dừng.',
  ),
  LOG_ALTERED: errorText<{ file: string; line: number }>(
    'integrity',
    (p) =>
      `${p.file}, line ${p.line}: the log of the ceremony is not what was written. Stop, keep the folder as it is, and call the auditor.`,
    (p) =>
      `${p.file}, dòng ${p.line}: nhật ký của lễ không còn như khi ghi. Hãy dừng lại, giữ nguyên thư mục và báo kiểm tra viên.`,
  ),
  CLOCK_BEHIND: errorText<{ now: string; last: string }>(
    'unavailable',
    (p) =>
      `The clock says ${p.now}, but the last thing written down happened at ${p.last}. Set the clock right.`,
    (p) => `Đồng hồ máy là ${p.now}, nhưng việc ghi sau cùng xảy ra lúc ${p.last}. Hãy chỉnh lại đồng hồ.`,
  ),

  // Software and devices
  SOFTWARE_CHANGED: errorText<{ what: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `${p.what} changed since the ceremony began (now ${p.found}, then ${p.expected}). Go on only with what the ceremony began with.`,
    (p) =>
      `${p.what} đã thay đổi từ khi bắt đầu lễ (nay ${p.found}, trước ${p.expected}). Chỉ tiếp tục với đúng bản lúc bắt đầu.`,
  ),
  DEVICE_COUNT: errorText<{ token: string; found: number }>(
    'unavailable',
    (p) => `The module shows ${p.found} tokens with the label "${p.token}"; exactly one must be plugged in.`,
    (p) => `Mô-đun cho thấy ${p.found} token có nhãn "${p.token}"; phải cắm đúng một token như vậy.`,
  ),
  DEVICE_OTHER: errorText<{ token: string; found: string; expected: string }>(
    'refused',
    (p) => `The token "${p.token}" has the serial number ${p.found}; the script names ${p.expected}.`,
    (p) => `Token "${p.token}" có số sê-ri ${p.found}; kịch bản ghi ${p.expected}.`,
  ),
  DEVICE_CHANGED: errorText<{ token: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The token "${p.token}" is another one than at its check (serial number ${p.found} instead of ${p.expected}).`,
    (p) => `Token "${p.token}" không phải thiết bị đã kiểm tra (số sê-ri ${p.found} thay vì ${p.expected}).`,
  ),
  DEVICE_UNFIT: errorText<{ token: string; failed: string; file: string }>(
    'refused',
    (p) =>
      `The probe of the token "${p.token}" failed: ${p.failed}. No key is made on it. What was found and what to do is in ${p.file} and the readable reports beside it.`,
    (p) =>
      `Token "${p.token}" không đạt kiểm tra: ${p.failed}. Không sinh khóa trên token này. Kết quả và việc cần làm có trong ${p.file} và các bản để đọc bên cạnh.`,
  ),
  DEVICE_NOT_CERTIFIED: errorText<{ token: string; found: string; expected: string }>(
    'refused',
    (p) =>
      `The token "${p.token}" is not the certified device the script demands: it says ${p.found}; demanded: ${p.expected}.`,
    (p) =>
      `Token "${p.token}" không phải thiết bị được chứng nhận theo kịch bản: thiết bị khai ${p.found}; yêu cầu: ${p.expected}.`,
  ),

  // People
  PIN_UNFIT: errorText<{ name: string; least: number; most: number }>(
    'input',
    (p) =>
      `${p.name}: the PIN must have ${p.least} to ${p.most} characters, be typed twice alike, and differ from the other custodians’. Run the command again.`,
    (p) =>
      `${p.name}: mã PIN phải dài ${p.least} đến ${p.most} ký tự, nhập hai lần giống nhau và khác mã của người giữ khóa khác. Hãy chạy lại lệnh.`,
  ),
  PIN_WRONG: errorText<{ name: string; left: number }>(
    'refused',
    (p) => `${p.name}: wrong PIN. The try is written down; ${p.left} more before this person is locked out.`,
    (p) => `${p.name}: sai mã PIN. Lần nhập này đã được ghi lại; còn ${p.left} lần trước khi bị khóa.`,
  ),
  CUSTODIAN_LOCKED: errorText<{ name: string }>(
    'refused',
    (p) =>
      `${p.name} gave too many wrong PINs. This ceremony cannot go on; record why, and hold a new one from a new folder.`,
    (p) =>
      `${p.name} đã nhập sai mã PIN quá nhiều lần. Lễ này không thể tiếp tục; hãy lập biên bản lý do và tổ chức lễ mới trong thư mục mới.`,
  ),

  // Keys
  KEY_ALREADY_MADE: errorText<{ role: string }>(
    'refused',
    (p) =>
      `The key "${p.role}" exists already and was not made at this ceremony. A ceremony makes new keys only.`,
    (p) => `Khóa "${p.role}" đã có từ trước, không được sinh trong lễ này. Lễ sinh khóa chỉ tạo khóa mới.`,
  ),
  KEY_ON_TOKEN: errorText<{ label: string; token: string }>(
    'refused',
    (p) => `The token "${p.token}" already holds a key "${p.label}". Use an empty token, or another label.`,
    (p) => `Token "${p.token}" đã chứa khóa "${p.label}". Hãy dùng token trống hoặc nhãn khác.`,
  ),
  KEY_DIFFERS: errorText<{ role: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The key "${p.role}" read back from its token is ${p.found}; expected: ${p.expected}. Stop the ceremony.`,
    (p) => `Khóa "${p.role}" đọc lại từ token là ${p.found}; yêu cầu: ${p.expected}. Hãy dừng lễ.`,
  ),

  // Sealing and checking
  NOT_FINISHED: errorText<{ step: number; steps: number }>(
    'refused',
    (p) => `Step ${p.step} of ${p.steps} is not done yet. Finish "ceremony run" first.`,
    (p) => `Bước ${p.step} trên ${p.steps} chưa xong. Hãy hoàn tất "ceremony run" trước.`,
  ),
  ALREADY_SEALED: errorText<{ file: string }>(
    'refused',
    (p) => `This ceremony is sealed: its record is ${p.file}. Nothing can be added.`,
    (p) => `Lễ này đã được niêm phong: biên bản là ${p.file}. Không thể thêm gì nữa.`,
  ),
  RECORD_ALTERED: errorText<{ what: string; reason: string }>(
    'integrity',
    (p) => `${p.what} is no record of a ceremony, or was altered: ${p.reason}.`,
    (p) => `${p.what} không phải biên bản lễ sinh khóa, hoặc đã bị sửa: ${p.reason}.`,
  ),
  RECORD_OF_REHEARSAL: errorText<{ what: string }>(
    'refused',
    (p) => `${p.what} is the record of a rehearsal: its keys were thrown away. It proves no real ceremony.`,
    (p) => `${p.what} là biên bản diễn tập: các khóa đã bị hủy. Tệp này không chứng minh lễ sinh khóa thật.`,
  ),
  RECORD_DIFFERS: errorText<{ what: string; found: string; expected: string }>(
    'integrity',
    (p) =>
      `The record does not belong to the ${p.what} given: it names ${p.found}, and this is ${p.expected}.`,
    (p) => `Biên bản không thuộc về ${p.what} đã cho: biên bản ghi ${p.found}, còn đây là ${p.expected}.`,
  ),

  // Rehearsal
  SOFTHSM_MISSING: errorText<{ reason: string }>(
    'unavailable',
    (p) => `A rehearsal needs SoftHSM2 (${p.reason}). Install the package softhsm2.`,
    (p) => `Diễn tập cần có SoftHSM2 (${p.reason}). Hãy cài gói softhsm2.`,
  ),
} as const;
