/** The registry over HTTPS: submissions in, replies out. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../logger';
import type { Registry } from '../root';
import { MAX_SUBMISSION_SIZE, REPLY_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE } from '../sync';
import { createServer } from './server';

export const SUBMISSIONS_PATH = '/v1/submissions';

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
  app.post(SUBMISSIONS_PATH, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return reply.type(REPLY_MEDIA_TYPE).send(await registry.receive(body));
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  return app;
}
