/** Whether a service can sign: asked by load balancers and monitors, and by a command on the same machine. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const READINESS_PATH = '/readyz';
const ASK_TIMEOUT_MS = 2000;

/** What a service says of its tokens; anyone may read it, so it names codes and no places. */
const readinessSchema = z.strictObject({
  state: z.enum(['ready', 'degraded', 'down']),
  /** The code of what went wrong. */
  cause: z
    .string()
    .regex(/^[A-Z0-9_]{1,64}$/)
    .nullable(),
  since: z.iso.datetime(),
});
export type Readiness = Readonly<z.infer<typeof readinessSchema>>;

/** 200 while signing goes on, 503 when it does not. */
export function addReadiness(app: FastifyInstance, readiness: () => Readiness): void {
  app.get(READINESS_PATH, async (_request, reply) => {
    const now = readiness();
    return reply
      .code(now.state === 'down' ? 503 : 200)
      .header('cache-control', 'no-store')
      .send(now);
  });
}

/**
 * Asks the service that listens there.
 * @param address as configured, which may mean all addresses of the machine
 * @returns `undefined` where none answers, or something else does
 */
export async function askReadiness(address: string, port: number): Promise<Readiness | undefined> {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}${READINESS_PATH}`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS), redirect: 'error' });
    return readinessSchema.safeParse(await answer.json()).data;
  } catch {
    return undefined;
  }
}
