/** What a service tells of its ability to sign, and what a command on the same machine makes of it. */
import { createServer, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { askReadiness, createPublicServer, listen, type Listening, type Readiness } from '../../src/http';
import { createLogger } from '../../src/logger';

const since = '2026-01-31T07:00:00.000Z';
const open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(address: string, readiness: () => Readiness): Promise<number> {
  const logger = createLogger('silent');
  const app = await createPublicServer({ logger, folder: '/nowhere', serves: () => false, readiness });
  const server = await listen(app, address, 0);
  open.push(server);
  return server.port;
}

test.each([
  ['ready', null, 200],
  ['degraded', 'TOKEN_REMOVED', 200],
  ['down', 'PIN_INCORRECT', 503],
] as const)('%s with cause %s is status %d', async (state, cause, status) => {
  const port = await serve('127.0.0.1', () => ({ state, cause, since }));
  const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({ state, cause, since });
  expect(await askReadiness('127.0.0.1', port)).toEqual({ state, cause, since });
});

test('a service on all addresses is found', async () => {
  const port = await serve('0.0.0.0', () => ({ state: 'ready', cause: null, since }));
  expect((await askReadiness('0.0.0.0', port))?.state).toBe('ready');
});

test('where nothing answers, or something else does, nothing is known', async () => {
  const other = createServer((_request, response) => {
    response.end('{"state":"splendid"}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  expect(await askReadiness('127.0.0.1', port)).toBeUndefined();
  await new Promise((resolve) => other.close(resolve));
  expect(await askReadiness('127.0.0.1', port)).toBeUndefined();
});

test.each([
  ['never ends', (response: ServerResponse) => Readable.from(endless()).pipe(response)],
  ['never begins', () => undefined],
  ['breaks off', (response: ServerResponse) => response.write('{', () => response.destroy())],
])('an answer that %s is none, and is not waited for', async (_, answer) => {
  const other = createServer((_request, response) => {
    answer(response);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  let sent = 0;
  other.on('connection', (socket) => socket.on('close', () => (sent += socket.bytesWritten)));
  expect(await askReadiness('127.0.0.1', port)).toBeUndefined();
  await new Promise((resolve) => other.close(resolve));
  expect(sent).toBeLessThan(8 * 1024 * 1024);
});

function* endless(): Generator<string> {
  for (;;) yield ' '.repeat(1024);
}

test('a site without tokens does not tell of any', async () => {
  const app = await createPublicServer({
    logger: createLogger('silent'),
    folder: '/nowhere',
    serves: () => false,
  });
  const server = await listen(app, '127.0.0.1', 0);
  open.push(server);
  expect((await fetch(`http://127.0.0.1:${String(server.port)}/readyz`)).status).toBe(404);
});
