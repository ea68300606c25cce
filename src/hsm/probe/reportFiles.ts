/** The files of a device report: JSON, which counts and is known by its SHA-256, and the same to read and print. */
import { join } from 'node:path';
import { writeFileDurably } from '../../config';
import { LANGS, type Lang } from '../../i18n';
import { deviceReportTexts as texts, deviceResultTexts } from '../../i18n/messages/deviceProbe';
import { escaped, markdownTable } from '../../markdown';
import { sha256Hex } from '../../signer';
import { ckaName } from '../keyGeneration';
import type { DeviceReport } from './report';
import { checkAdvice, checkTitle, reportFacts } from './reportWords';

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
