/** What every server here has in common: no default parsers, bounded bodies, coded answers, no word too many. */
import type { FastifyInstance } from 'fastify';
import { isCodedError } from '../errors';
import type { Category } from '../i18n/text';
import type { Logger } from '../logger';
import { HttpError } from './errors';

export interface Listening {
  /** The port in use; useful when port 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly logger: Logger;
  /** Most octets of a request body. */
  readonly bodyLimit: number;
  /** PEM key and certificate of the transport; plain HTTP without. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
}

/** Both ends read the same table: a client knows the category of a refusal by its status. */
export const STATUS: Readonly<Record<Category, number>> = {
  input: 400,
  refused: 403,
  integrity: 409,
  unavailable: 503,
  fault: 500,
};

const REQUEST_TIMEOUT_MS = 60_000;

export async function createServer({ logger, bodyLimit, tls }: ServerOptions): Promise<FastifyInstance> {
  // Loaded by the commands that serve, and not by every other.
  const { fastify } = await import('fastify');
  const common = { bodyLimit, requestTimeout: REQUEST_TIMEOUT_MS, trustProxy: false, logger: false as const };
  // fastify types an HTTPS server apart, though every route and hook on it is the same.
  const secured = { ...common, ...(tls && { https: { ...tls, minVersion: 'TLSv1.2' } }) } as typeof common;
  const app: FastifyInstance = fastify(secured);
  app.removeAllContentTypeParsers();
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: { code: 'NOT_FOUND' } }));
  app.setErrorHandler((error, request, reply) => {
    if (isCodedError(error)) {
      logger.warn({ code: error.code, path: request.url }, error.message);
      return reply.code(STATUS[error.category]).send({ error: { code: error.code, message: error.message } });
    }
    const { statusCode = 500, message } = error as { statusCode?: number; message?: string };
    // What fastify itself refuses: a body too large, a media type not registered.
    if (statusCode < 500) return reply.code(statusCode).send({ error: { code: 'BAD_REQUEST', message } });
    logger.error({ err: error, path: request.url }, 'unexpected fault');
    return reply.code(500).send({ error: { code: 'FAULT' } });
  });
  return app;
}

/** @throws HttpError `CANNOT_LISTEN` */
export async function listen(app: FastifyInstance, address: string, port: number): Promise<Listening> {
  try {
    await app.listen({ host: address, port });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new HttpError('CANNOT_LISTEN', { address, port, reason }, { cause });
  }
  const bound = app.server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: () => app.close(),
  };
}
