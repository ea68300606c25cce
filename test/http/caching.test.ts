/** What proxies and clients may keep of the public site, for how long, and how they ask whether it has changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicServer, listen, type Listening } from '../../src/http';
import { createLogger } from '../../src/logger';

const FRESH = 'public, max-age=300, no-transform, must-revalidate';
const thisUpdate = new Date('2026-03-01T08:00:00.000Z');
const folder = mkdtempSync(join(tmpdir(), 'published-'));

let server: Listening;
let site: string;

beforeAll(async () => {
  const app = await createPublicServer({
    logger: createLogger('silent'),
    folder,
    serves: (name) => name === 'subca.crl',
    // Its answer is the question; one that begins with a nonce, or is refused, is nobody else's.
    ocsp: async (der) => ({ der, ...(der.toString().startsWith('plain') && { thisUpdate }) }),
  });
  server = await listen(app, '127.0.0.1', 0);
  site = `http://127.0.0.1:${String(server.port)}`;
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const askFor = (path: string, etag?: string): Promise<Response> =>
  fetch(`${site}${path}`, { headers: etag === undefined ? {} : { 'if-none-match': etag } });
const told = ({ status, headers }: Response) => [status, headers.get('cache-control')];
const inPath = (text: string): string => `/ocsp/${encodeURIComponent(Buffer.from(text).toString('base64'))}`;

test('a CRL may be kept for a while, is not sent again while it is the same, and is when it is not', async () => {
  writeFileSync(join(folder, 'subca.crl'), 'old');
  const first = await askFor('/subca.crl');
  const etag = first.headers.get('etag') ?? '';
  expect(told(first)).toEqual([200, FRESH]);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const same = await askFor('/subca.crl', known);
    expect([...told(same), same.headers.get('etag'), await same.text()]).toEqual([304, FRESH, etag, '']);
  }
  writeFileSync(join(folder, 'subca.crl'), 'new');
  const next = await askFor('/subca.crl', etag);
  expect([next.status, await next.text()]).toEqual([200, 'new']);
});

test('so may a status that was asked by GET and is the same for everybody', async () => {
  const answer = await askFor(inPath('plain'));
  expect(told(answer)).toEqual([200, FRESH]);
  expect(answer.headers.get('last-modified')).toBe('Sun, 01 Mar 2026 08:00:00 GMT');
  expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/);
});

test('no other may', async () => {
  expect(told(await askFor(inPath('nonce')))).toEqual([200, 'no-store']);
  const headers = { 'content-type': 'application/ocsp-request' };
  const posted = await fetch(`${site}/ocsp`, { method: 'POST', headers, body: 'plain' });
  expect(posted.headers.get('etag')).toBeNull();
  expect(told(posted)).toEqual([200, null]);
});
