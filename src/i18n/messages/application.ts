/** What both sides say of an application: people, papers, criteria and how they are met. */
import { text } from '../text';

export const roleTexts = {
  administrator: text(
    () => 'administrator',
    () => 'quản trị viên',
  ),
  officer: text(
    () => 'registration officer',
    () => 'cán bộ đăng ký',
  ),
  approver: text(
    () => 'approver',
    () => 'cán bộ phê duyệt',
  ),
  auditor: text(
    () => 'auditor',
    () => 'kiểm tra viên',
  ),
} as const;

export const paperTexts = {
  'practice-statement': text(
    () => 'certification practice statement',
    () => 'quy chế chứng thực',
  ),
  regulation: text(
    () => 'regulation on management and use',
    () => 'quy chế quản lý, sử dụng',
  ),
  'personnel-decision': text(
    () => 'decision on personnel',
    () => 'quyết định phân công nhân sự',
  ),
  'security-plan': text(
    () => 'security plan',
    () => 'phương án bảo đảm an toàn',
  ),
  other: text(
    () => 'other',
    () => 'văn bản khác',
  ),
} as const;

interface KindTexts<P> {
  readonly title: ReturnType<typeof text<P>>;
  /** What the applicant can do. */
  readonly mend: ReturnType<typeof text>;
}

function kind<P>(title: ReturnType<typeof text<P>>, mendEn: string, mendVi: string): KindTexts<P> {
  return {
    title,
    mend: text(
      () => mendEn,
      () => mendVi,
    ),
  };
}

/** Lists are joined by the caller, in the reader's language. */
export const criterionTexts = {
  people: kind(
    text<{ atLeast: number; role: string }>(
      (p) => `At least ${p.atLeast}: ${p.role}`,
      (p) => `Có ít nhất ${p.atLeast} ${p.role}`,
    ),
    'Name them under personnel in config.yaml.',
    'Ghi bổ sung người vào mục personnel của config.yaml.',
  ),
  separate: kind(
    text<{ atLeast: number; role: string; from: string }>(
      (p) => `At least ${p.atLeast}: ${p.role}, not ${p.from} at the same time`,
      (p) => `Có ít nhất ${p.atLeast} ${p.role} không kiêm ${p.from}`,
    ),
    'Give the two roles to different people under personnel in config.yaml.',
    'Giao hai vai trò cho hai người khác nhau, ghi vào mục personnel của config.yaml.',
  ),
  training: kind(
    text<{ roles: string; withinDays: number }>(
      (p) => `Everybody trained within ${p.withinDays} days: ${p.roles}`,
      (p) => `Mọi ${p.roles} đã được đào tạo trong vòng ${p.withinDays} ngày`,
    ),
    'Write date and number of each certificate of training under personnel in config.yaml.',
    'Ghi ngày và số chứng nhận đào tạo của từng người vào mục personnel của config.yaml.',
  ),
  documents: kind(
    text<{ kinds: string }>(
      (p) => `Papers: ${p.kinds}`,
      (p) => `Có đủ văn bản: ${p.kinds}`,
    ),
    'Name the files under documents in config.yaml, and send them along.',
    'Ghi các tệp vào mục documents của config.yaml và gửi kèm.',
  ),
  need: kind(
    text<{ atLeast: number }>(
      (p) => `The survey expects at least ${p.atLeast} certificates in a year`,
      (p) => `Nhu cầu theo khảo sát từ ${p.atLeast} chứng thư mỗi năm trở lên`,
    ),
    'Survey the need of every agency, and give the file with subca apply --need.',
    'Khảo sát nhu cầu của các cơ quan trực thuộc, rồi đưa tệp vào hồ sơ bằng subca apply --need.',
  ),
  hsm: kind(
    text<{ certified: boolean; withinDays: number }>(
      (p) =>
        `HSM ${p.certified ? 'certified, and its probe' : 'whose probe'} passed within ${p.withinDays} days`,
      (p) => `HSM ${p.certified ? 'được chứng nhận và ' : ''}đạt kiểm tra trong vòng ${p.withinDays} ngày`,
    ),
    'Run subca doctor --hsm --plan FILE, with the certification of the device in the plan. Software does not count as certified.',
    'Chạy subca doctor --hsm --plan TỆP, trong đó kế hoạch ghi chứng nhận của thiết bị. Phần mềm không được tính là thiết bị được chứng nhận.',
  ),
  backup: kind(
    text<{ madeWithinDays: number; restoredWithinDays: number }>(
      (p) => `Backup made within ${p.madeWithinDays} days, one restored within ${p.restoredWithinDays}`,
      (p) =>
        `Đã sao lưu trong vòng ${p.madeWithinDays} ngày và khôi phục thử trong vòng ${p.restoredWithinDays} ngày`,
    ),
    'Make a backup, restore it on another machine, and write both dates under readiness.backup in config.yaml.',
    'Sao lưu, khôi phục thử trên máy khác, rồi ghi hai ngày vào mục readiness.backup của config.yaml.',
  ),
  clock: kind(
    text<{ withinSeconds: number }>(
      (p) => `Clock within ${p.withinSeconds} s of the root’s`,
      (p) => `Đồng hồ lệch không quá ${p.withinSeconds} giây so với CA gốc`,
    ),
    'Set the time by a time service, and let subca doctor reach the registry.',
    'Đồng bộ giờ với máy chủ thời gian và bảo đảm subca doctor kết nối được sổ đăng ký.',
  ),
  checks: kind(
    text<{ checks: string }>(
      (p) => `Checks of the machine passed: ${p.checks}`,
      (p) => `Các mục kiểm tra máy đạt yêu cầu: ${p.checks}`,
    ),
    'Run subca doctor: it says what to do about each.',
    'Chạy subca doctor: lệnh này nêu cách khắc phục từng mục.',
  ),
} as const;

export const applicationTexts = {
  criterion: text(
    () => 'criterion',
    () => 'tiêu chí',
  ),
  result: text(
    () => 'result',
    () => 'kết quả',
  ),
  mustHave: text(
    () => 'must',
    () => 'bắt buộc',
  ),
  weight: text(
    () => 'points',
    () => 'điểm',
  ),
  found: text(
    () => 'found',
    () => 'căn cứ',
  ),
  met: text(
    () => 'met',
    () => 'đạt',
  ),
  unmet: text(
    () => 'NOT MET',
    () => 'CHƯA ĐẠT',
  ),
  toMend: text(
    () => 'TO MEND',
    () => 'CẦN BỔ SUNG',
  ),
  yes: text(
    () => 'yes',
    () => 'có',
  ),
  score: text<{ title: string; score: number; of: number; minimumScore: number; eligible: boolean }>(
    (p) =>
      `${p.title}: ${p.score} of ${p.of} points, ${p.minimumScore} needed – ${p.eligible ? 'ELIGIBLE' : 'NOT ELIGIBLE'}`,
    (p) =>
      `${p.title}: ${p.score}/${p.of} điểm, cần ${p.minimumScore} – ${p.eligible ? 'ĐỦ ĐIỀU KIỆN' : 'CHƯA ĐỦ ĐIỀU KIỆN'}`,
  ),
  personnel: text(
    () => 'personnel',
    () => 'nhân sự',
  ),
  papers: text(
    () => 'papers',
    () => 'văn bản',
  ),
  need: text(
    () => 'need',
    () => 'nhu cầu',
  ),
  needLine: text<{ agencies: number; years: string }>(
    (p) => `${p.years} (${p.agencies} agencies asked)`,
    (p) => `${p.years} (khảo sát ${p.agencies} cơ quan)`,
  ),
  readiness: text(
    () => 'machine',
    () => 'máy chủ',
  ),
  readinessLine: text<{ pass: number; warn: number; fail: number; unknown: number }>(
    (p) => `${p.pass} passed, ${p.warn} with a warning, ${p.fail} failed, ${p.unknown} unknown`,
    (p) => `${p.pass} mục đạt, ${p.warn} mục cần lưu ý, ${p.fail} mục không đạt, ${p.unknown} mục chưa rõ`,
  ),
  mends: text(
    () => 'mends',
    () => 'bổ sung cho hồ sơ',
  ),
  none: text(
    () => 'none',
    () => 'chưa có',
  ),
} as const;
