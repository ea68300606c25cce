/** Carries submissions to the registry over HTTPS; the only trusted authority is the pinned root. */
import { request } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { NodeError, type Carrier } from '../node';
import { REPLY_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE } from '../sync';
import { COMPRESS_FROM, ORIGIN_HEADER, SUBMISSIONS_PATH } from './registryServer';
import { STATUS } from './server';

/** Silence on the line, not the whole exchange: large submissions over slow lines take their time. */
const IDLE_TIMEOUT_MS = 30_000;
const MAX_REPLY = 16 * 1024 * 1024;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export interface RegistryAddress {
  readonly url: string;
  /** PEM of the pinned root certificate. */
  readonly rootCertificate: string;
  /** Ends a transfer early. */
  readonly signal?: AbortSignal;
}

/** @returns a carrier that throws NodeError `REGISTRY_UNREACHABLE`, `REGISTRY_REFUSED` or `SUBMISSION_NOT_TRUSTED` */
export function registryCarrier({ url, rootCertificate, signal }: RegistryAddress): Carrier {
  const target = new URL(SUBMISSIONS_PATH, url);
  return async (submission, origin) => {
    const { status, type, body } = await post(target, rootCertificate, submission, origin, signal);
    if (status === 200 && type === REPLY_MEDIA_TYPE) return body;
    const reason = reasonOf(body) ?? `HTTP ${String(status)}`;
    if (status >= 500) throw new NodeError('REGISTRY_UNREACHABLE', { url, reason });
    if (status === STATUS.integrity) throw new NodeError('SUBMISSION_NOT_TRUSTED', { reason });
    throw new NodeError('REGISTRY_REFUSED', { reason });
  };
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Buffer;
}

async function post(
  target: URL,
  ca: string,
  submission: Buffer,
  origin: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const isCompressed = submission.length >= COMPRESS_FROM;
  const body = isCompressed ? await compress(submission) : submission;
  const answer = await new Promise<Answer & { readonly encoding: string | undefined }>((resolve, reject) => {
    const unreachable = (cause: unknown): void => {
      const { code, message } = cause as NodeJS.ErrnoException;
      reject(
        new NodeError('REGISTRY_UNREACHABLE', { url: target.origin, reason: code ?? message }, { cause }),
      );
    };
    const outgoing = request(
      target,
      {
        method: 'POST',
        // A connection of its own: one that was kept may have died unseen.
        agent: false,
        ca,
        minVersion: 'TLSv1.2',
        timeout: IDLE_TIMEOUT_MS,
        headers: {
          'content-type': SUBMISSION_MEDIA_TYPE,
          'content-length': body.length,
          'accept-encoding': 'gzip',
          [ORIGIN_HEADER]: origin,
          ...(isCompressed && { 'content-encoding': 'gzip' }),
        },
        ...(signal && { signal }),
      },
      (incoming) => {
        const parts: Buffer[] = [];
        let size = 0;
        incoming.on('data', (part: Buffer) => {
          size += part.length;
          if (size > MAX_REPLY) incoming.destroy(new Error('the reply is too large'));
          else parts.push(part);
        });
        incoming.on('error', unreachable);
        incoming.on('end', () => {
          const { 'content-type': type, 'content-encoding': encoding } = incoming.headers;
          resolve({ status: incoming.statusCode ?? 0, type, encoding, body: Buffer.concat(parts) });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', unreachable);
    outgoing.end(body);
  });
  if (answer.encoding !== 'gzip') return answer;
  try {
    return { ...answer, body: await decompress(answer.body, { maxOutputLength: MAX_REPLY }) };
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'gzip';
    throw new NodeError('REGISTRY_UNREACHABLE', { url: target.origin, reason }, { cause });
  }
}

/** The registry's own words, if it had any. */
function reasonOf(body: Buffer): string | undefined {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: { code?: string; message?: string } };
    return error?.message === undefined ? error?.code : `${error.message} [${error.code ?? ''}]`;
  } catch {
    return undefined;
  }
}
