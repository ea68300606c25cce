/**
 * Lines of certificates and histories of keys go over from one CA key to the next:
 *
 *   e1  issue ×3 ─┬─ sealed ───────────── revoke (replaced) ── revoke (exposed) ─┐
 *                 │                       in one transaction     the same later  ├─ openssl, sync, verify at both ends
 *   e2            └─ renew ── recover-device ──────────────── issue: refused ────┘
 *
 * At the end the node turns rogue: it certifies keys with the new CA key that were exposed under the old.
 */
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { decodeSubmissions, encodeSubmission } from '../../src/sync';
import { RogueNode } from '../support/rogue';
import { World } from '../support/world';

const ISSUERS = { old: 'subca', new: 'subca-e2' } as const;

let world: World;
/** Of the certificates of the old key. */
const serials = new Map<string, string>();

beforeAll(async () => {
  world = await World.activated();
  for (const name of ['old-good', 'old-lost', 'old-exposed']) {
    world.csr(name, `/CN=${name}`);
    const how = ['--profile', 'organisation', '--csr', `${name}.csr`];
    const issued = await world.subcaOk('issue', ...how, '--out', `${name}.crt`);
    serials.set(name, issued['serialNumber'] as string);
  }
  await world.rollOver();
});

afterAll(() => {
  world.remove();
});

async function stop(service: ChildProcess): Promise<void> {
  service.kill('SIGTERM');
  await once(service, 'exit');
}

const published = (file: string): string => world.path('node', 'published', file);

/** By the chain and the CRL that the files of one CA key make. */
function verifyByOpenssl(name: string, files: string): string {
  return world.openssl(
    ...['verify', '-x509_strict', '-CAfile', world.path('root', 'published', 'root.pem')],
    ...['-untrusted', published(`${files}.pem`)],
    ...['-crl_check', '-CRLfile', published(`${files}.crl.pem`), `${name}.crt`],
  );
}

/** What the CRL says of a certificate; nothing if it does not list it. */
function onCrl(files: string, serialNumber: string): string {
  const list = world.openssl('crl', '-in', published(`${files}.crl.pem`), '-noout', '-text');
  const [, entry = ''] = list.split(`Serial Number: ${serialNumber.toUpperCase()}\n`);
  return entry.split(/Serial Number|Signature Algorithm/)[0] ?? '';
}

describe('what the old key issued', () => {
  const serialOf = (name: string): string => serials.get(name) ?? '';

  test('is renewed under the new one, once', async () => {
    const renew = ['renew', serialOf('old-good'), '--yes', '--out', 'renewed.crt'];
    const renewed = await world.subcaOk(...renew);
    expect(renewed).toMatchObject({
      serialNumber: expect.stringMatching(/^02/) as string,
      predecessor: { serialNumber: serialOf('old-good'), status: 'issued' },
    });
    expect(await world.subcaOk(...renew)).toMatchObject({
      serialNumber: renewed['serialNumber'],
      existing: true,
    });
    world.csr('again', '/CN=old-good');
    expect(world.subca('renew', serialOf('old-good'), '--csr', 'again.csr')).toMatchObject({
      code: 3,
      json: { error: { code: 'OUTSIDE_GRANT', problems: [{ where: 'predecessor.successor' }] } },
    });
    expect(verifyByOpenssl('renewed', ISSUERS.new)).toBe('renewed.crt: OK\n');
    expect(verifyByOpenssl('old-good', ISSUERS.old)).toBe('old-good.crt: OK\n');
  });

  test('is replaced under the new one, and stands revoked on its own CRL', async () => {
    world.csr('found', '/CN=old-lost');
    const recover = ['recover-device', serialOf('old-lost'), '--csr', 'found.csr', '--out', 'found.crt'];
    const recovered = await world.subcaOk(...recover, '--yes');
    expect(recovered).toMatchObject({
      serialNumber: expect.stringMatching(/^02/) as string,
      predecessor: { serialNumber: serialOf('old-lost'), status: 'revoked' },
    });
    expect(verifyByOpenssl('found', ISSUERS.new)).toBe('found.crt: OK\n');
    expect(() => verifyByOpenssl('old-lost', ISSUERS.old)).toThrow(/certificate revoked/);
    expect(onCrl(ISSUERS.old, serialOf('old-lost'))).toContain('Superseded');
    expect(onCrl(ISSUERS.new, serialOf('old-lost'))).toBe('');
  });

  const isRefusedAgain = (name: string): void => {
    const how = ['--profile', 'organisation', '--csr', `${name}.csr`, '--subject', 'CN=khác'];
    expect(world.subca('issue', ...how)).toMatchObject({
      code: 3,
      json: { error: { code: 'KEY_COMPROMISED' } },
    });
  };

  test('is refused another certificate for a key that was exposed', async () => {
    await world.subcaOk('revoke', serialOf('old-exposed'), '--reason', 'keyCompromise', '--yes');
    isRefusedAgain('old-exposed');
  });

  test('is told to have had its key exposed when what was lost turns up in other hands', async () => {
    const lost = serialOf('old-lost');
    expect(world.subca('revoke', lost, '--reason', 'affiliationChanged', '--yes')).toMatchObject({
      code: 3,
      json: { error: { code: 'STATUS_CHANGE_REFUSED' } },
    });
    const before = onCrl(ISSUERS.old, lost);
    const told = await world.subcaOk('revoke', lost, '--reason', 'keyCompromise', '--yes');
    expect(told).toMatchObject({ status: 'revoked', reason: 'keyCompromise' });
    expect(onCrl(ISSUERS.old, lost)).toBe(before.replace('Superseded', 'Key Compromise'));
    const shown = await world.subcaOk('certificate', 'show', lost);
    expect(shown).toMatchObject({ reason: 'keyCompromise', firstReason: 'superseded' });
    isRefusedAgain('old-lost');
  });

  test('goes over in good order, as both ends find', async () => {
    const registry = await world.serve('rootca');
    expect(await world.subcaOk('sync')).toMatchObject({ findings: 0 });
    await stop(registry);
    // Two of them are the OCSP responder's, one under each key.
    expect(await world.subcaOk('verify')).toMatchObject({ issued: 5, revoked: 2, pending: 0 });
    expect(await world.rootcaOk('verify')).toMatchObject({ nodes: [{ findings: 0 }, { findings: 0 }] });
    expect(await world.rootcaOk('inspect', 'found.crt')).toMatchObject({ status: 'issued' });
    expect(await world.rootcaOk('inspect', 'old-lost.crt')).toMatchObject({ status: 'revoked' });
    expect(world.told('rootca', { LANG: 'vi_VN.UTF-8' }, 'inspect', 'old-lost.crt').stdout).toMatch(
      /^Trạng thái trong nhật ký đó: đã thu hồi\.$/m,
    );
  });
});

test('a key exposed under the old one that a rogue node certifies with the new is found, whichever journal comes first', async () => {
  const certify = (csr: string): Promise<{ intent: number }> =>
    RogueNode.work(world, csr, (rogue) => rogue.issue(), 2);
  // The root hears of the certificate first, and then that its key had been exposed before.
  await world.subcaOk('revoke', serials.get('old-good') ?? '', '--reason', 'keyCompromise', '--yes');
  const hidden = await certify('old-good.csr');
  await world.subcaOk('sync', 'export', 'out.submission');
  const submissions = [...decodeSubmissions(world.read('out.submission'))].reverse();
  writeFileSync(world.path('out.reversed'), Buffer.concat(submissions.map(encodeSubmission)));
  expect(world.rootca('import', 'out.reversed', '--out', 'back.reply')).toMatchObject({
    code: 0,
    json: { submissions: 2, findings: 0 },
  });
  const shown = await certify('old-exposed.csr');
  const registry = await world.serve('rootca');
  expect(world.subca('sync')).toMatchObject({ code: 5, json: { findings: 2 } });
  await stop(registry);
  const { findings } = (await world.rootcaOk('findings')) as unknown as { findings: readonly object[] };
  expect(findings).toMatchObject(
    [hidden, shown].map(({ intent }) => ({
      code: 'KEY_COMPROMISED',
      origin: 'registry.test/15-1/e2',
      entryIndex: intent,
    })),
  );
  expect(world.rootca('verify')).toMatchObject({
    code: 5,
    json: { nodes: [{ findings: 0 }, { findings: 2 }] },
  });
});
