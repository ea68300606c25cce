/** Whether a service can sign: asked by load balancers and monitors, and by a command on the same machine. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const READINESS_PATH = '/readyz';
const ASK_TIMEOUT_MS = 2000;
const MAX_ANSWER = 4096;

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
    return readinessSchema.safeParse(JSON.parse(await answerOf(url))).data;
  } catch {
    return undefined;
  }
}

/** Whatever listens there may be something else. */
async function answerOf(url: string): Promise<string> {
  const asked = get(url, { agent: false, signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  // Told by the answer as well, once there is one.
  asked.on('error', () => undefined);
  let text = '';
  for await (const part of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += part;
    if (text.length > MAX_ANSWER) throw new Error('the answer is too long');
  }
  return text;
}
