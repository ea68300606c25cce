/** `lint`: any certificate held to the checks that are made before signing; the same in both programs. */
import { readFileBounded } from '../config';
import type { Problem } from '../errors';
import type { Lang } from '../i18n';
import { lintCheckTexts, lintSeverityTexts, lintSource, lintTexts as texts } from '../i18n/messages/lint';
import { cliTexts } from '../i18n/messages/cli';
import { decodePemOrDer, lint, LINT_CHECKS, lintIssuerOf, type CheckId, type Severity } from '../x509';
import { defineCommand, type Command, type Result } from './command';
import { CliError } from './errors';
import { EXIT } from './exit';
import { table } from './table';

const MAX_CERTIFICATE = 64 * 1024;
const CHECKS = Object.keys(LINT_CHECKS) as readonly CheckId[];

export function lintCommand(program: 'subca' | 'rootca'): Command {
  return defineCommand({
    path: 'lint',
    summary: texts.lint,
    description: texts.lintDescription,
    example: [`${program} lint so-noi-vu.crt --issuer subca.crt`, `${program} lint --list`],
    needsDirectory: false,
    arguments: [{ name: 'certificate', summary: texts.file }],
    options: {
      issuer: { flag: '--issuer <file>', summary: texts.issuer },
      list: { flag: '--list', summary: texts.list },
    },
    handler: async (_, { certificate, issuer, list }) => {
      if (list && certificate === undefined && issuer === undefined) return listed();
      if (!list && certificate !== undefined) return linted(certificate, issuer);
      const problem: Problem = {
        code: 'MISSING',
        where: `${program} lint`,
        found: '—',
        allowed: '<certificate> [--issuer …] | --list',
      };
      throw new CliError('BAD_COMMAND_LINE', { help: `${program} lint --help` }, { problems: [problem] });
    },
  });
}

function listed(): Result {
  const checks = CHECKS.map((id) => {
    const { severity, source } = LINT_CHECKS[id];
    return { id, severity, source, ...lintCheckTexts[id] };
  });
  return {
    json: { checks },
    text: (lang) =>
      table(
        [texts.check, texts.severity, texts.source, texts.rule].map((title) => ({ title: title[lang]({}) })),
        checks.map(({ id, severity, source, ...rule }) => [
          id,
          lintSeverityTexts[severity][lang],
          lintSource(source, lang),
          rule[lang],
        ]),
      ),
  };
}

async function linted(file: string, issuerFile: string | undefined): Promise<Result> {
  const issuer = issuerFile === undefined ? undefined : lintIssuerOf(await readDer(issuerFile));
  const findings = lint(await readDer(file), 'Certificate', issuer);
  const count = (wanted: Severity): number => findings.filter(({ severity }) => severity === wanted).length;
  const counts = { errors: count('error'), warnings: count('warning'), notices: count('notice') };
  const rows = (lang: Lang): string => {
    const titles = [texts.severity, texts.check, texts.where].map((title) => title[lang]({}));
    return table(
      [...titles, cliTexts.found[lang]({}), cliTexts.allowed[lang]({}), texts.rule[lang]({})].map(
        (title) => ({
          title,
        }),
      ),
      findings.map(({ severity, check, where, found, allowed }) => [
        lintSeverityTexts[severity][lang],
        check,
        where,
        found,
        allowed,
        lintCheckTexts[check][lang],
      ]),
    );
  };
  return {
    json: {
      certificate: file,
      ...counts,
      findings: findings.map((found) => ({ ...found, source: LINT_CHECKS[found.check].source })),
    },
    text: (lang) => {
      const told = texts.counted[lang]({ ...counts, checks: CHECKS.length });
      return findings.length === 0 ? told : `${rows(lang)}\n${told}`;
    },
    exit: counts.errors > 0 ? EXIT.refused : EXIT.done,
  };
}

async function readDer(file: string): Promise<Buffer> {
  return decodePemOrDer(await readFileBounded(file, MAX_CERTIFICATE), 'CERTIFICATE', file);
}
