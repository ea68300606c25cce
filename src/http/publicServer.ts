/** The public side of a node and of the root: published files, and the node's online status check. */
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileBounded } from '../config';
import type { Logger } from '../logger';
import type { OcspAnswer } from '../node';
import { sha256Hex } from '../signer';
import { addReadiness, type Readiness } from './readiness';
import { createServer } from './server';

const MAX_FILE = 64 * 1024 * 1024;
const MAX_OCSP_REQUEST = 16 * 1024;
const OCSP_REQUEST = 'application/ocsp-request';
const OCSP_RESPONSE = 'application/ocsp-response';
/** How long a proxy may hold back what is newer: what is revoked has to be known soon. */
const FRESH_SECONDS = 300;

/** RFC 2585, section 4, and RFC 5280, section 4.2.2.1. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  crl: 'application/pkix-crl',
  crt: 'application/pkix-cert',
  pem: 'application/x-pem-file',
};

export interface PublicSite {
  readonly logger: Logger;
  /** Folder of the published files. */
  readonly folder: string;
  /** Whether a name is served; nothing else of the folder is. Asked each time: another CA key has files of its own. */
  readonly serves: (name: string) => boolean | Promise<boolean>;
  /** Answers a DER OCSPRequest; absent where there is no responder. */
  readonly ocsp?: (request: Buffer) => Promise<OcspAnswer>;
  /** Whether the service can sign; absent where it does not. */
  readonly readiness?: () => Readiness;
}

export async function createPublicServer({
  logger,
  folder,
  serves,
  ocsp,
  readiness,
}: PublicSite): Promise<FastifyInstance> {
  const app = await createServer({ logger, bodyLimit: MAX_OCSP_REQUEST });
  app.get<{ Params: { name: string } }>('/:name', async (request, reply) => {
    const { name } = request.params;
    if (!(await serves(name))) {
      reply.callNotFound();
      return reply;
    }
    const type = MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return sendFresh(request, reply.type(type), await readFileBounded(join(folder, name), MAX_FILE));
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  if (readiness !== undefined) addReadiness(app, readiness);
  if (ocsp !== undefined) addOcsp(app, ocsp);
  return app;
}

/** With what proxies and clients need to keep it for a while, and to ask whether it has changed (RFC 9111, RFC 9110). */
function sendFresh(request: FastifyRequest, reply: FastifyReply, body: Buffer): FastifyReply {
  const etag = `"${sha256Hex(body)}"`;
  reply.headers({ etag, 'cache-control': `public, max-age=${FRESH_SECONDS}, no-transform, must-revalidate` });
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known?.includes(etag) === true ? reply.code(304).send() : reply.send(body);
}

/**
 * RFC 6960, appendix A: POST with the request as body, GET with it in the path as URL-encoded base64. Only what was asked
 * by GET may be kept (RFC 5019, section 5), and an answer with a nonce, or none that is signed, is of no use to another.
 */
function addOcsp(app: FastifyInstance, respond: NonNullable<PublicSite['ocsp']>): void {
  app.addContentTypeParser(OCSP_REQUEST, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.post('/ocsp', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return reply.type(OCSP_RESPONSE).send((await respond(body)).der);
  });
  app.get<{ Params: { '*': string } }>('/ocsp/*', async (request, reply) => {
    const { der, thisUpdate } = await respond(Buffer.from(request.params['*'], 'base64'));
    reply.type(OCSP_RESPONSE);
    if (thisUpdate === undefined) return reply.header('cache-control', 'no-store').send(der);
    return sendFresh(request, reply.header('last-modified', thisUpdate.toUTCString()), der);
  });
}
