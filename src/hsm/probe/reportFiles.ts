/** The files of a device report: JSON, which counts and is known by its SHA-256, and the same to read and print. */
import { join } from 'node:path';
import { readFileBounded, writeFileDurably } from '../../config';
import { schemaIssues } from '../../encoding';
import { LANGS, type Lang } from '../../i18n';
import { deviceReportTexts as texts, deviceResultTexts } from '../../i18n/messages/deviceProbe';
import { escaped, markdownTable } from '../../markdown';
import { sha256Hex } from '../../signer';
import { HsmError } from '../errors';
import { ckaName } from '../keyGeneration';
import { deviceReportSchema, type DeviceReport } from './report';
import { checkAdvice, checkTitle, reportFacts } from './reportWords';

const MAX_REPORT_BYTES = 1024 * 1024;

export interface WrittenReport {
  readonly file: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  /** For people. */
  readonly readable: readonly string[];
}

/** Writes `device-report-<serial>-<time>.json`, `.vi.md` and `.en.md`. @throws ConfigError `FILE_NOT_WRITTEN` */
export async function writeDeviceReport(folder: string, report: DeviceReport): Promise<WrittenReport> {
  const name = join(folder, nameOf(report));
  const readable: string[] = [];
  for (const lang of LANGS) {
    readable.push(`${name}.${lang}.md`);
    await writeFileDurably(`${name}.${lang}.md`, reportMarkdown(report, lang));
  }
  const bytes = Buffer.from(`${JSON.stringify(report, null, 2)}\n`, 'utf8');
  const file = `${name}.json`;
  await writeFileDurably(file, bytes);
  return { file, sha256: sha256Hex(bytes), readable };
}

/** @throws ConfigError `FILE_NOT_READ`, `FILE_TOO_LARGE`; HsmError `REPORT_UNREADABLE` */
export async function readDeviceReport(
  file: string,
): Promise<{ readonly report: DeviceReport; readonly sha256: string }> {
  const bytes = await readFileBounded(file, MAX_REPORT_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new HsmError('REPORT_UNREADABLE', { file, reason: 'JSON' }, { cause });
  }
  const read = deviceReportSchema.safeParse(value);
  if (!read.success) throw new HsmError('REPORT_UNREADABLE', { file, reason: schemaIssues(read.error) });
  return { report: read.data, sha256: sha256Hex(bytes) };
}

/** The serial number is the device's own text. */
function nameOf({ token, startedAt }: DeviceReport): string {
  const serial = token.serial.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.*/, '') || 'unknown';
  return `device-report-${serial}-${startedAt.slice(0, 19).replaceAll(':', '-')}Z`;
}

function reportMarkdown(report: DeviceReport, lang: Lang): string {
  const { token, checks, throughput, keys } = report;
  const word = (key: 'check' | 'result' | 'found' | 'expected' | 'advice'): string => texts[key][lang]({});
  return `${[
    `# ${escaped(texts.title[lang]({ serial: token.serial }))}`,
    reportFacts(report, lang)
      .map(([label, value]) => `- ${label}: ${escaped(value)}`)
      .join('\n'),
    markdownTable({
      heading: texts.checks[lang]({}),
      columns: ['ID', word('result'), word('check'), word('found'), word('expected'), word('advice')],
      rows: checks.map((check) => [
        check.id,
        deviceResultTexts[check.result][lang]({}),
        checkTitle(check, lang),
        check.found,
        check.expected,
        check.result === 'pass' ? '' : checkAdvice(check, lang),
      ]),
    }),
    markdownTable({
      heading: texts.throughput[lang]({}),
      columns: [texts.keyType[lang]({}), 'PKCS#11', texts.sessions[lang]({}), texts.perSecond[lang]({})],
      rows: throughput.map(({ algorithm, mechanism, sessions, perSecond }) => [
        algorithm,
        mechanism,
        String(sessions),
        String(perSecond),
      ]),
    }),
    markdownTable({
      heading: texts.attributes[lang]({}),
      columns: ['', ...keys.map(({ algorithm }) => algorithm)],
      rows: Object.keys(keys[0]?.attributes ?? {}).map((name) => [
        ckaName(name),
        ...keys.map(({ attributes }) => String(attributes[name] ?? '?')),
      ]),
    }),
  ].join('\n\n')}\n`;
}
