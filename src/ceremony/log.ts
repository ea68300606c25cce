/**
 * The log of a ceremony: one line per event, only ever appended and on the disk before anything goes on. Each line
 * names the hash of the line before it, the first one that of the script.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock';
import { readFileBounded } from '../config';
import { base64Schema, instantSchema, parseCanonicalJson, sha256HexSchema } from '../encoding';
import { isCodedError } from '../errors';
import { sha256Hex } from '../signer';
import { CeremonyError } from './errors';
import { resultSchema, type Result, type ResultOf } from './results';

const MAX_LOG_BYTES = 8 * 1024 * 1024;
/** Two processes and one clock step apart. */
const CLOCK_TOLERANCE_MS = 2000;

const NO_FAILURES: ReadonlySet<string> = new Set(['PAUSED', 'CLOCK_BEHIND']);

const step = z.int().min(1).max(1000);
const person = z.string().max(20);

const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('begun'), software: z.string().max(200) }),
  z.strictObject({ type: z.literal('resumed') }),
  z.strictObject({ type: z.literal('started'), step }),
  /** A custodian without a token has chosen a PIN. */
  z.strictObject({ type: z.literal('enrolled'), person, salt: base64Schema, hash: base64Schema }),
  z.strictObject({
    type: z.literal('authenticated'),
    step,
    person,
    token: z
      .strictObject({
        label: z.string().max(32),
        serial: z.string().max(64),
        manufacturer: z.string().max(64),
        model: z.string().max(64),
      })
      .nullable(),
  }),
  /** The key of this role may exist from here on. */
  z.strictObject({ type: z.literal('generating'), role: z.string().max(20) }),
  z.strictObject({ type: z.literal('acted'), step, result: resultSchema }),
  z.strictObject({ type: z.literal('failed'), step, code: z.string().max(60), person: person.nullable() }),
  z.strictObject({ type: z.literal('deviation'), step, text: z.string().max(2000) }),
  z.strictObject({ type: z.literal('done'), step }),
  z.strictObject({ type: z.literal('sealing') }),
]);

export type LogEvent = z.infer<typeof eventSchema>;
export type EventOf<T extends LogEvent['type']> = Extract<LogEvent, { type: T }>;

const lineSchema = z.strictObject({
  number: z.int().min(1),
  time: instantSchema,
  previous: sha256HexSchema,
  event: eventSchema,
});

export type LogLine = z.infer<typeof lineSchema>;
/** A line whose event is of one type. */
export type LineOf<T extends LogEvent['type']> = Omit<LogLine, 'event'> & { readonly event: EventOf<T> };

export class CeremonyLog {
  readonly #lines: LogLine[] = [];
  readonly #texts: string[] = [];
  #head: string;

  private constructor(
    private readonly file: FileHandle,
    scriptSha256: string,
    private readonly clock: Clock,
  ) {
    this.#head = scriptSha256;
  }

  /**
   * Opens the log, or begins it. A last line without its end was cut off while it was written: what it tells has not
   * happened yet, and it is removed.
   * @throws CeremonyError `LOG_ALTERED`; ConfigError
   */
  static async open(path: string, scriptSha256: string, clock: Clock): Promise<CeremonyLog> {
    const file = await open(path, 'a', 0o600);
    try {
      await syncFolderOf(path);
      const log = new CeremonyLog(file, scriptSha256, clock);
      const bytes = await readFileBounded(path, MAX_LOG_BYTES);
      const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
      for (const [index, text] of whole.toString('utf8').split('\n').slice(0, -1).entries()) {
        log.#take(text, path, index + 1);
      }
      if (whole.length < bytes.length) {
        await file.truncate(whole.length);
        await file.sync();
      }
      return log;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** The lines of one type, in order. */
  of<T extends LogEvent['type']>(type: T): readonly LineOf<T>[] {
    return this.#lines.filter((line): line is LogLine & LineOf<T> => line.event.type === type);
  }

  isDone(number: number): boolean {
    return this.of('done').some(({ event }) => event.step === number);
  }

  /** What came of a step of the program. */
  resultOf(number: number): Result | undefined {
    return this.of('acted').find(({ event }) => event.step === number)?.event.result;
  }

  /** Every result of one kind. */
  results<K extends Result['kind']>(kind: K): readonly ResultOf<K>[] {
    return this.of('acted')
      .map(({ event }) => event.result)
      .filter((result): result is ResultOf<K> => result.kind === kind);
  }

  /** SHA-256 of the log's bytes up to and with a line. */
  sha256Through(number: number): string {
    return sha256Hex(
      this.#texts
        .slice(0, number)
        .map((text) => `${text}\n`)
        .join(''),
    );
  }

  /** Resolves when the event is on the disk. @throws CeremonyError `CLOCK_BEHIND` */
  async append(event: LogEvent): Promise<LogLine> {
    const line: LogLine = {
      number: this.#lines.length + 1,
      time: this.#time().toISOString(),
      previous: this.#head,
      event,
    };
    const text = JSON.stringify(line);
    await this.file.appendFile(`${text}\n`);
    await this.file.sync();
    this.#keep(line, text);
    return line;
  }

  /** Writes down an expected error; that the people broke off is none, and after a wrong clock nothing is written. */
  async appendFailure(number: number, error: unknown, who: string | null = null): Promise<void> {
    if (!isCodedError(error) || NO_FAILURES.has(error.code)) return;
    await this.append({ type: 'failed', step: number, code: error.code, person: who });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  #time(): Date {
    const now = this.clock();
    const last = this.#lines.at(-1)?.time;
    if (last === undefined || now.getTime() >= Date.parse(last)) return now;
    if (Date.parse(last) - now.getTime() > CLOCK_TOLERANCE_MS) {
      throw new CeremonyError('CLOCK_BEHIND', { now: now.toISOString(), last });
    }
    return new Date(last);
  }

  #take(text: string, file: string, number: number): void {
    const read = lineSchema.safeParse(parseCanonicalJson(Buffer.from(text, 'utf8')));
    const last = this.#lines.at(-1)?.time ?? '';
    if (
      !read.success ||
      read.data.number !== number ||
      read.data.previous !== this.#head ||
      read.data.time < last
    ) {
      throw new CeremonyError('LOG_ALTERED', { file, line: number }, { cause: read.error });
    }
    this.#keep(read.data, text);
  }

  #keep(line: LogLine, text: string): void {
    this.#lines.push(line);
    this.#texts.push(text);
    this.#head = sha256Hex(text);
  }
}

async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
