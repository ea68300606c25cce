/** A small program with one command of every shape, and surroundings a test can look into. */
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { defineCommand, defineGroup, type Context, type Program } from '../../src/cli/command';
import { EXIT, type ExitCode } from '../../src/cli/exit';
import type { Prompter } from '../../src/cli/prompts';
import { runProgram } from '../../src/cli/run';
import type { Surroundings } from '../../src/cli/surroundings';
import { wholeNumber } from '../../src/cli/values';
import { filled, text, type Phrase } from '../../src/i18n';
import { createLogger } from '../../src/logger';

const phrase = (en: string, vi: string): Phrase =>
  text(
    () => en,
    () => vi,
  );

const question = text<{ serial: string }>(
  (p) => `Revoke certificate ${p.serial}?`,
  (p) => `Thu hồi chứng thư ${p.serial}?`,
);

/** What the test wants `run` to do; an `exit` in the outcome becomes the exit code. */
export type Work = (context: Context<string | undefined>) => Promise<object & { readonly exit?: ExitCode }>;

const issue = defineCommand({
  path: 'issue',
  summary: phrase('issue a certificate from a request', 'cấp chứng thư từ yêu cầu chứng thực'),
  description: phrase(
    'The request’s signature, key and names are checked against the grant before anything is signed.',
    'Chữ ký, khóa và tên trong yêu cầu được đối chiếu với phạm vi ủy quyền trước khi ký.',
  ),
  example: ['subca issue --profile person --csr an.csr --subject CN="Nguyễn Văn An"'],
  arguments: [{ name: 'note', summary: phrase('a remark', 'ghi chú') }],
  options: {
    csr: {
      flag: '--csr <file>',
      summary: phrase('request in PEM or DER', 'tệp yêu cầu dạng PEM hoặc DER'),
      required: true,
    },
    profile: {
      flag: '--profile <profile>',
      summary: phrase('certificate profile', 'mẫu chứng thư'),
      required: true,
      choices: ['person', 'organisation'],
    },
    subject: {
      flag: '--subject <name=value>',
      summary: phrase('a part of the name', 'một phần của tên'),
      repeatable: true,
    },
    days: {
      flag: '--days <days>',
      summary: phrase('validity', 'thời hạn'),
      default: '365',
      parse: wholeNumber(1, 1826),
    },
    dryRun: { flag: '--dry-run', summary: phrase('check only', 'chỉ kiểm tra') },
  },
  handler: async (context, input) => {
    // The annotations hold the inferred types in place.
    const profile: 'person' | 'organisation' = input.profile;
    const days: number = input.days;
    const subject: readonly string[] = input.subject;
    const note: string | undefined = input.note;
    const dryRun: boolean = input.dryRun;
    const directory: string = context.directory;
    return {
      json: { csr: input.csr, profile, days, subject, note, dryRun, directory, lang: context.lang },
      text: (lang) => (lang === 'vi' ? `Đã cấp: ${input.csr}` : `Issued: ${input.csr}`),
    };
  },
});

const revoke = defineCommand({
  path: 'revoke',
  summary: phrase('revoke a certificate', 'thu hồi chứng thư'),
  example: ['subca revoke 4f0a --yes'],
  arguments: [{ name: 'serial', summary: phrase('serial number', 'số hiệu chứng thư'), required: true }],
  handler: async (context, { serial }) => {
    await context.confirm(filled(question, { serial }));
    return { json: { revoked: serial }, text: () => `revoked ${serial}` };
  },
});

const sync = defineCommand({
  path: 'sync',
  summary: phrase('sync with the root', 'đồng bộ với CA gốc'),
  example: ['subca sync'],
  handler: async () => ({ json: { synced: 0 }, text: () => 'synced' }),
});

const syncExport = defineCommand({
  path: 'sync export',
  summary: phrase('write a submission to a file', 'ghi gói đồng bộ ra tệp'),
  example: ['subca sync export /media/usb/submission'],
  arguments: [{ name: 'file', summary: phrase('file to write', 'tệp cần ghi'), required: true }],
  handler: async (_, { file }) => ({ json: { file }, text: () => file }),
});

/** A program whose command `run` does the given work. */
function fixtureProgram(work: Work = async () => ({})): Program {
  return {
    name: 'subca',
    summary: phrase('the node', 'nút chứng thực'),
    directoryVariable: 'SUBCA_DIR',
    entries: [
      issue,
      revoke,
      sync,
      syncExport,
      defineGroup('certificate', phrase('look at certificates', 'xem chứng thư')),
      defineCommand({
        path: 'certificate show',
        summary: phrase('show one', 'xem một chứng thư'),
        example: ['subca certificate show 4f0a'],
        handler: async () => ({ json: {}, text: () => '' }),
      }),
      defineCommand({
        path: 'run',
        summary: phrase('do what the test wants', 'làm điều kiểm thử cần'),
        example: ['subca run'],
        needsDirectory: false,
        handler: async (context) => {
          const { exit = EXIT.done, ...json } = await work(context);
          return { json, text: () => JSON.stringify(json), exit };
        },
      }),
    ],
  };
}

/** A stream that keeps what is written to it. */
export class Captured extends Writable {
  written = '';
  isTTY = false;
  columns = 80;
  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.written += chunk.toString();
    done();
  }
}

/** The `error` object that a failed command prints with `--json`. */
export interface Failure {
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly messageVi: string;
  readonly params: object;
  readonly problems: readonly { readonly code: string; readonly where: string; readonly found: string }[];
}

/** Reads standard output as one failure and nothing else. */
export function failureIn(stdout: string): Failure {
  return (JSON.parse(stdout) as { readonly error: Failure }).error;
}

export interface Trial {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TrialOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly work?: Work;
  readonly terminal?: boolean;
  readonly prompter?: Prompter;
  readonly signals?: EventEmitter;
  readonly stdout?: Captured;
}

const nobodyAsked: Prompter = {
  confirm: () => Promise.reject(new Error('asked for a confirmation')),
  ask: () => Promise.reject(new Error('asked a question')),
};

/** Runs one line of the fixture program, in English unless told otherwise, in the data directory `/node`. */
export async function trial(argv: readonly string[], options: TrialOptions = {}): Promise<Trial> {
  const stdout = options.stdout ?? new Captured();
  const stderr = new Captured();
  stdout.isTTY = stderr.isTTY = options.terminal === true;
  const surroundings: Surroundings = {
    stdin: { isTTY: options.terminal === true },
    stdout,
    stderr,
    env: { LANG: 'en_US.UTF-8', SUBCA_DIR: '/node', ...options.env },
    clock: () => new Date('2026-11-23T09:05:22Z'),
    prompter: options.prompter ?? nobodyAsked,
    signals: options.signals ?? new EventEmitter(),
    kill: () => undefined,
    openLogger: () => createLogger('silent'),
  };
  const exit = await runProgram(fixtureProgram(options.work), argv, surroundings);
  return { exit, stdout: stdout.written, stderr: stderr.written };
}
