/** What `backup` and `restore` say, in both programs. */
import { formatDate } from '../dates';
import { text } from '../text';

interface Made {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly recipients: readonly string[];
  readonly leftOut: readonly string[];
}

interface Restored {
  readonly directory: string;
  readonly name: string;
  readonly time: string;
  readonly version: string;
}

export const backupTexts = {
  backup: text(
    () => 'make an encrypted backup while everything goes on',
    () => 'sao lưu có mã hóa trong khi mọi việc vẫn chạy',
  ),
  backupDescription: text(
    () =>
      'Copies database, configuration, profiles, published files and papers of the data directory as they are at one moment, encrypted to the recipients. PINs and tokens are never in it: back up the token by the procedure of its maker, and keep the PINs apart.',
    () =>
      'Sao chép cơ sở dữ liệu, cấu hình, mẫu chứng thư, các tệp công bố và văn bản trong thư mục dữ liệu tại cùng một thời điểm, mã hóa cho người nhận. Mã PIN và token không bao giờ nằm trong đó: hãy sao lưu token theo hướng dẫn của hãng và cất mã PIN riêng.',
  ),
  file: text(
    () => 'the file of the backup',
    () => 'tệp sao lưu',
  ),
  recipient: text(
    () =>
      'certificate or public key (PEM) of who may restore it; several may be given; default: backup.recipients',
    () =>
      'chứng thư hoặc khóa công khai (PEM) của người được khôi phục; có thể nhiều lần; mặc định: backup.recipients',
  ),
  replace: text(
    () => 'write over a file that is there, once the new one is whole',
    () => 'thay tệp đang có, sau khi tệp mới đã ghi xong nguyên vẹn',
  ),
  backingUp: text(
    () => 'Backing up, bytes',
    () => 'Đang sao lưu, số byte',
  ),
  made: text<Made>(
    (p) =>
      [
        `Written to ${p.file}: ${p.bytes} bytes, for ${p.recipients.length} recipient(s). SHA-256: ${p.sha256}`,
        'Keep the hash apart from the file. The token and the PINs are not in it.',
        ...(p.leftOut.length > 0 ? [`Not in it either: ${p.leftOut.join(', ')}`] : []),
      ].join('\n'),
    (p) =>
      [
        `Đã ghi ${p.file}: ${p.bytes} byte, cho ${p.recipients.length} người nhận. SHA-256: ${p.sha256}`,
        'Hãy giữ giá trị băm ở nơi khác với tệp. Token và mã PIN không nằm trong đó.',
        ...(p.leftOut.length > 0 ? [`Những mục sau cũng không nằm trong đó: ${p.leftOut.join(', ')}`] : []),
      ].join('\n'),
  ),
  restore: text(
    () => 'restore a backup into an empty directory',
    () => 'khôi phục bản sao lưu vào thư mục trống',
  ),
  restoreDescription: text(
    () =>
      'Decrypts into a folder aside, compares everything with the manifest, and only then puts it in place. Nothing is restored over a directory that holds something.',
    () =>
      'Giải mã vào một thư mục riêng, đối chiếu toàn bộ với bản kê, sau đó mới đưa vào chỗ. Không khôi phục đè lên thư mục đang có nội dung.',
  ),
  key: text(
    () => 'private key (PEM) of a recipient',
    () => 'khóa bí mật (PEM) của một người nhận',
  ),
  keyPassphraseFile: text(
    () => 'file with the passphrase of that key; otherwise it is asked for',
    () => 'tệp chứa mật khẩu của khóa đó; nếu không có thì hỏi trên màn hình',
  ),
  sha256: text(
    () => 'what "backup" told as SHA-256; a file with another one is refused before anything of it is taken',
    () => 'SHA-256 mà lệnh "backup" đã báo; tệp có giá trị khác bị từ chối ngay, chưa lấy gì từ tệp',
  ),
  askPassphrase: text<{ key: string }>(
    (p) => `Passphrase of ${p.key}`,
    (p) => `Mật khẩu của ${p.key}`,
  ),
  restoring: text(
    () => 'Restoring, bytes',
    () => 'Đang khôi phục, số byte',
  ),
  restored: text<Restored>(
    (p) =>
      `${p.name}, as it was at ${formatDate(new Date(p.time), 'en')}, made by version ${p.version}, stands in ${p.directory}.`,
    (p) =>
      `${p.name}, theo tình trạng lúc ${formatDate(new Date(p.time), 'vi')}, do phiên bản ${p.version} sao lưu, đã có trong ${p.directory}.`,
  ),
  nodeSteps: text(
    () =>
      [
        'It is quarantined: it signs CRLs and status answers, and issues nothing. Now, one after another:',
        '  1. the token with its keys, and the PIN where config.yaml says; mount the second disk (journal.mirror), if there is one',
        '  2. subca doctor    whether this machine is ready',
        '  3. subca recover   takes what is missing from the mirror and the root; it issues again only if they agree',
        '  4. subca verify    re-checks everything',
        '  5. subca serve     CRL and status answers again',
      ].join('\n'),
    () =>
      [
        'Nút đang bị cách ly: vẫn ký danh sách thu hồi và trả lời kiểm tra trực tuyến, nhưng không cấp chứng thư. Lần lượt:',
        '  1. gắn token giữ khóa, đặt mã PIN vào nơi config.yaml chỉ ra; gắn ổ đĩa thứ hai (journal.mirror) nếu có',
        '  2. subca doctor    máy đã sẵn sàng chưa',
        '  3. subca recover   lấy phần còn thiếu từ bản song hành và CA gốc; chỉ cấp lại khi hai bên khớp',
        '  4. subca verify    kiểm tra lại toàn bộ',
        '  5. subca serve     phục vụ danh sách thu hồi và kiểm tra trực tuyến',
      ].join('\n'),
  ),
  rootSteps: text(
    () =>
      [
        'Now, one after another:',
        '  1. the tokens with their keys, and the registry’s PIN where config.yaml says',
        '  2. rootca verify --head FILE   with the newest head you have signed: it tells what is missing since',
        '  3. whatever was decided after the backup is decided again, revoked certificates of nodes first: the root.crl that',
        '     was published last tells them; nodes send their entries anew by themselves',
        '  4. rootca serve',
      ].join('\n'),
    () =>
      [
        'Lần lượt:',
        '  1. gắn các token giữ khóa, đặt mã PIN của sổ đăng ký vào nơi config.yaml chỉ ra',
        '  2. rootca verify --head TỆP   với bản ký đầu nhật ký mới nhất: cho biết từ đó còn thiếu gì',
        '  3. những gì đã quyết định sau bản sao lưu thì quyết định lại, trước hết là thu hồi chứng thư của các nút: xem tệp',
        '     root.crl đã công bố gần nhất; các nút tự gửi lại các mục của mình',
        '  4. rootca serve',
      ].join('\n'),
  ),
  statusLabel: text(
    () => 'last backup',
    () => 'sao lưu gần nhất',
  ),
  statusLine: text<{ time: string; file: string }>(
    (p) => `${formatDate(new Date(p.time), 'en')}, ${p.file}`,
    (p) => `${formatDate(new Date(p.time), 'vi')}, ${p.file}`,
  ),
  never: text(
    () => 'none: subca backup FILE',
    () => 'chưa có: subca backup TỆP',
  ),
} as const;
