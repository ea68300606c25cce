/** What can be wrong with DSSE envelopes and signed notes. */
import { errorText, text, type Lang } from '../text';

const envelopeFaults = {
  NOT_JSON: text(
    () => 'it is not JSON text',
    () => 'nội dung không phải văn bản JSON',
  ),
  WRONG_SHAPE: text(
    () => 'it is not an object of payload, payloadType and signatures [{keyid, sig}]',
    () => 'nội dung không phải đối tượng gồm payload, payloadType và signatures [{keyid, sig}]',
  ),
  SIGNATURE_COUNT: text(
    () => 'it must carry 1 to 16 signatures',
    () => 'số chữ ký phải từ 1 đến 16',
  ),
  NOT_CANONICAL: text(
    () =>
      'it is not written in the one exact form (member order, white space, base64); it was edited or damaged',
    () =>
      'cách ghi không đúng dạng chính tắc (thứ tự trường, khoảng trắng, base64); tệp đã bị sửa hoặc bị hỏng',
  ),
} as const;

const noteFaults = {
  NOT_PLAIN_TEXT: text(
    () => 'it is not UTF-8 text, or it holds control characters',
    () => 'nội dung không phải văn bản UTF-8 hoặc có ký tự điều khiển',
  ),
  NO_FINAL_NEWLINE: text(
    () => 'its text must end in a newline',
    () => 'phần văn bản phải kết thúc bằng ký tự xuống dòng',
  ),
  NO_SIGNATURE_BLOCK: text(
    () => 'no blank line followed by signature lines was found',
    () => 'không thấy dòng trống và các dòng chữ ký sau nó',
  ),
  SIGNATURE_COUNT: text(
    () => 'it must carry 1 to 16 signature lines',
    () => 'số dòng chữ ký phải từ 1 đến 16',
  ),
  SIGNATURE_LINE: text(
    () => 'a signature line is not "— name base64"',
    () => 'có dòng chữ ký không đúng dạng "— tên base64"',
  ),
  SIGNER_REPEATED: text(
    () => 'the same key signed it twice',
    () => 'cùng một khóa ký hai lần',
  ),
  KEY_NAME: text(
    () => 'a key name is empty, too long, or holds spaces or "+"',
    () => 'tên khóa bị trống, quá dài, hoặc có khoảng trắng hay dấu "+"',
  ),
} as const;

const faultOf = (reason: EnvelopeFault, lang: Lang): string => envelopeFaults[reason][lang]({});
const noteFaultOf = (reason: NoteFault, lang: Lang): string => noteFaults[reason][lang]({});

type EnvelopeFault = keyof typeof envelopeFaults;
export type NoteFault = keyof typeof noteFaults;

export const envelopeErrors = {
  TOO_LARGE: errorText<{ what: string; size: number; limit: number }>(
    'input',
    (p) => `${p.what} is ${p.size} bytes long; at most ${p.limit} are read.`,
    (p) => `${p.what} dài ${p.size} byte; chỉ đọc tối đa ${p.limit} byte.`,
  ),
  ENVELOPE_MALFORMED: errorText<{ what: string; reason: EnvelopeFault }>(
    'input',
    (p) => `${p.what} is not a valid DSSE envelope: ${faultOf(p.reason, 'en')}. Obtain the file again.`,
    (p) => `${p.what} không phải phong bì DSSE hợp lệ: ${faultOf(p.reason, 'vi')}. Hãy lấy lại tệp.`,
  ),
  ENVELOPE_TYPE: errorText<{ what: string; found: string; expected: string }>(
    'input',
    (p) => `${p.what} is of type ${p.found}, expected ${p.expected}. Check that the right file was given.`,
    (p) => `${p.what} thuộc loại ${p.found}, cần loại ${p.expected}. Hãy kiểm tra xem có đúng tệp không.`,
  ),
  NOTE_MALFORMED: errorText<{ what: string; reason: NoteFault }>(
    'input',
    (p) => `${p.what} is not a valid signed note: ${noteFaultOf(p.reason, 'en')}.`,
    (p) => `${p.what} không phải bản ghi có chữ ký hợp lệ: ${noteFaultOf(p.reason, 'vi')}.`,
  ),
  KEY_UNUSABLE: errorText<{ name: string }>(
    'input',
    (p) => `The public key of ${p.name} cannot be used: RSA-2048, -3072, -4096, P-256 or P-384 is needed.`,
    (p) => `Không dùng được khóa công khai của ${p.name}: cần RSA-2048, -3072, -4096, P-256 hoặc P-384.`,
  ),
  SIGNER_UNKNOWN: errorText<{ what: string; signer: string }>(
    'refused',
    (p) =>
      `${p.what} carries a signature by the key ${p.signer}, which is not among the keys accepted for it.`,
    (p) => `${p.what} có chữ ký bằng khóa ${p.signer}, không thuộc các khóa được chấp nhận.`,
  ),
  SIGNATURE_INVALID: errorText<{ what: string; name: string }>(
    'integrity',
    (p) => `${p.what}: the signature of ${p.name} does not match. The content was altered after signing.`,
    (p) => `${p.what}: chữ ký của ${p.name} không khớp. Nội dung đã bị thay đổi sau khi ký.`,
  ),
  THRESHOLD_NOT_MET: errorText<{ what: string; got: number; needed: number }>(
    'refused',
    (p) => `${p.what} is signed by ${p.got} of the ${p.needed} people needed. Have the others sign it too.`,
    (p) => `${p.what} mới có ${p.got} trên ${p.needed} người ký theo yêu cầu. Hãy để những người còn lại ký.`,
  ),
  ALREADY_SIGNED: errorText<{ what: string; keyId: string }>(
    'refused',
    (p) => `${p.what} already carries a signature by the key ${p.keyId}; another person must sign.`,
    (p) => `${p.what} đã có chữ ký bằng khóa ${p.keyId}; cần người khác ký.`,
  ),
} as const;
