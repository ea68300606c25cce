/** Carries submissions to the registry over HTTPS; the only trusted authority is the pinned root. */
import { request } from 'node:https';
import { NodeError, type Carrier } from '../node';
import { REPLY_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE } from '../sync';
import { SUBMISSIONS_PATH } from './registryServer';
import { STATUS } from './server';

/** Silence on the line, not the whole exchange: large submissions over slow lines take their time. */
const IDLE_TIMEOUT_MS = 30_000;
const MAX_REPLY = 16 * 1024 * 1024;

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
  return async (submission) => {
    const { status, type, body } = await post(target, rootCertificate, submission, signal);
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

function post(target: URL, ca: string, body: Buffer, signal: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
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
        ca,
        minVersion: 'TLSv1.2',
        timeout: IDLE_TIMEOUT_MS,
        headers: { 'content-type': SUBMISSION_MEDIA_TYPE, 'content-length': body.length },
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
          const type = incoming.headers['content-type'];
          resolve({ status: incoming.statusCode ?? 0, type, body: Buffer.concat(parts) });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', unreachable);
    outgoing.end(body);
  });
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
