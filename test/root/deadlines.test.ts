/** What of the root's own ends soon: told while there is time, and no longer once it is made anew. */
import { renewRootCrl } from '../../src/root';
import { ownDeadlines } from '../../src/root/deadlines';
import { renewTlsCertificate } from '../../src/root/tls';
import { NOW } from '../support/delegationFixture';
import { SoftRoot } from '../support/softRoot';

const DAY = 86_400_000;
let soft: SoftRoot;

beforeAll(async () => {
  soft = await SoftRoot.ready();
});
afterAll(() => soft.remove());

/** Codes, the soonest end first. */
async function told(days: number): Promise<readonly string[]> {
  soft.now = new Date(NOW.getTime() + days * DAY);
  return (await ownDeadlines(soft.root)).map(({ code }) => code);
}

test('each is told sixty days before its end, and after it, until it is made anew', async () => {
  expect(await told(0)).toEqual([]);
  expect(await told(309)).toEqual([]);
  expect(await told(311)).toEqual(['ROOT_CRL_ENDS']);
  expect(await told(340)).toEqual(['ROOT_CRL_ENDS', 'REGISTRY_TLS_ENDS']);
  expect(await told(400)).toEqual(['ROOT_CRL_ENDS', 'REGISTRY_TLS_ENDS']);
  await renewRootCrl(soft.root);
  expect(await told(400)).toEqual(['REGISTRY_TLS_ENDS']);
  await renewTlsCertificate(soft.root);
  expect(await told(400)).toEqual([]);
  expect(await told(671)).toContain('TRUST_ENDS');
  await soft.signTrust();
  expect(await told(671)).not.toContain('TRUST_ENDS');
});

test('the root’s certificate is told a year before', async () => {
  expect(await told(10_957 - 364)).toContain('ROOT_CERTIFICATE_ENDS');
  expect(await told(10_957 - 367)).not.toContain('ROOT_CERTIFICATE_ENDS');
});
