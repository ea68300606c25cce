/** The registry over HTTPS: submissions in, replies out. A node that is slow or wild takes nothing from the others. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logger';
import type { Registry } from '../root';
import { MAX_SUBMISSION_SIZE, REPLY_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE } from '../sync';
import { HttpError } from './errors';
import { createServer } from './server';

export const SUBMISSIONS_PATH = '/v1/submissions';
/** Names the journal before the body comes. Nothing is believed for it: the body is signed. */
export const ORIGIN_HEADER = 'subca-origin';
/** Smaller bodies gain nothing. */
export const COMPRESS_FROM = 1024;

/** Requests about a journal from one address: at the same time, where some may be of connections that died, and in a minute. */
const MOST_OPEN = 4;
/** Bodies in memory at the same time, whoever sends them. */
const MOST_OPEN_AT_ALL = 32;
const MOST_A_MINUTE = 240;
const MINUTE = 60_000;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export interface RegistrySite {
  readonly logger: Logger;
  readonly registry: Registry;
  readonly tls: { readonly key: Buffer; readonly cert: Buffer };
}

export async function createRegistryServer({
  logger,
  registry,
  tls,
}: RegistrySite): Promise<FastifyInstance> {
  const app = await createServer({ logger, tls, bodyLimit: MAX_SUBMISSION_SIZE });
  app.addContentTypeParser(SUBMISSION_MEDIA_TYPE, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  const turnstile = new Turnstile();
  app.post(
    SUBMISSIONS_PATH,
    {
      // Before a byte of the body is read.
      onRequest: async (request, reply) => {
        const origin = originOf(request);
        if (!(await registry.knows(origin))) throw new HttpError('ORIGIN_UNKNOWN', { origin });
        // Anybody can name a journal: who does from elsewhere takes nothing from its node.
        const who = `${origin} ${request.ip}`;
        // It may have gone while it was looked up, and then nothing would let it out again.
        if (request.raw.destroyed) throw new HttpError('TOO_MANY_REQUESTS', { origin });
        if (!turnstile.enter(who)) throw new HttpError('TOO_MANY_REQUESTS', { origin });
        reply.raw.once('close', () => {
          turnstile.leave(who);
        });
      },
    },
    async (request, reply) => {
      const answer = await registry.receive(await bodyOf(request), originOf(request));
      return send(request, reply.type(REPLY_MEDIA_TYPE), answer);
    },
  );
  app.get('/healthz', async () => ({ status: 'ok' }));
  return app;
}

function originOf({ headers }: FastifyRequest): string {
  const origin = headers[ORIGIN_HEADER];
  return typeof origin === 'string' ? origin.slice(0, 300) : '';
}

/** @throws HttpError `BODY_NOT_READ`: more than a submission may have, or not what its encoding says */
async function bodyOf({ body, headers }: FastifyRequest): Promise<Buffer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return bytes;
  if (encoding !== 'gzip') throw new HttpError('BODY_NOT_READ', { reason: encoding });
  try {
    return await decompress(bytes, { maxOutputLength: MAX_SUBMISSION_SIZE });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'gzip';
    throw new HttpError('BODY_NOT_READ', { reason }, { cause });
  }
}

async function send({ headers }: FastifyRequest, reply: FastifyReply, answer: Buffer): Promise<FastifyReply> {
  if (headers['accept-encoding'] !== 'gzip' || answer.length < COMPRESS_FROM) return reply.send(answer);
  return reply.header('content-encoding', 'gzip').send(await compress(answer));
}

/** So many at a time, and so many in a minute. */
class Turnstile {
  readonly #inside = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #minute = 0;
  #open = 0;

  enter(who: string): boolean {
    const minute = Math.floor(performance.now() / MINUTE);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const count = (this.#counts.get(who) ?? 0) + 1;
    this.#counts.set(who, count);
    const inside = this.#inside.get(who) ?? 0;
    const isFull = this.#open >= MOST_OPEN_AT_ALL;
    if (count > MOST_A_MINUTE || inside >= MOST_OPEN || isFull) return false;
    this.#open += 1;
    this.#inside.set(who, inside + 1);
    return true;
  }

  leave(who: string): void {
    this.#open -= 1;
    const inside = this.#inside.get(who) ?? 0;
    if (inside > 1) this.#inside.set(who, inside - 1);
    else this.#inside.delete(who);
  }
}
