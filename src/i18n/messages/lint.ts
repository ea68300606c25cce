/** The lint before signing: one sentence per check, and what the command `lint` says. */
import { text, type Lang } from '../text';
import { lintBodyTexts } from './lintBody';
import { lintExtensionTexts } from './lintExtensions';

/** What each check demands. Its keys are the ids of the checks. */
export const lintCheckTexts = { ...lintBodyTexts, ...lintExtensionTexts } as const;

export type LintCheckId = keyof typeof lintCheckTexts;

export const lintSeverityTexts = {
  error: { en: 'error', vi: 'lỗi' },
  warning: { en: 'warning', vi: 'cảnh báo' },
  notice: { en: 'notice', vi: 'lưu ý' },
} as const;

/** The names of standards stay; the rules of this country and of this program have a name in either language. */
export function lintSource(source: string, lang: Lang): string {
  return lang === 'en'
    ? source
    : source
        .replace('national profile', 'mẫu chứng thư quốc gia')
        .replace('profile', 'quy định của phần mềm');
}

export const lintTexts = {
  lint: text(
    () => 'hold a certificate to every rule that is checked before signing',
    () => 'đối chiếu một chứng thư với mọi quy tắc được kiểm tra trước khi ký',
  ),
  lintDescription: text(
    () =>
      'The file is read by the same second reader as before a signature. Given the CA’s certificate, name, key identifier and end are compared with it. Exit code 3 if there is an error.',
    () =>
      'Tệp được đọc bằng đúng bộ đọc thứ hai dùng trước khi ký. Nếu có chứng thư của CA thì đối chiếu cả tên, định danh khóa và thời hạn. Mã thoát 3 nếu có lỗi.',
  ),
  file: text(
    () => 'certificate in PEM or DER',
    () => 'chứng thư dạng PEM hoặc DER',
  ),
  issuer: text(
    () => 'certificate of the CA that signed it',
    () => 'chứng thư của CA đã ký',
  ),
  list: text(
    () => 'list the checks instead',
    () => 'chỉ liệt kê các quy tắc',
  ),
  check: text(
    () => 'check',
    () => 'quy tắc',
  ),
  severity: text(
    () => 'severity',
    () => 'mức độ',
  ),
  source: text(
    () => 'source',
    () => 'nguồn',
  ),
  rule: text(
    () => 'rule',
    () => 'nội dung',
  ),
  where: text(
    () => 'where',
    () => 'vị trí',
  ),
  counted: text<{ errors: number; warnings: number; notices: number; checks: number }>(
    (p) => `${p.checks} checks: ${p.errors} error(s), ${p.warnings} warning(s), ${p.notices} notice(s).`,
    (p) => `${p.checks} quy tắc: ${p.errors} lỗi, ${p.warnings} cảnh báo, ${p.notices} lưu ý.`,
  ),
} as const;
