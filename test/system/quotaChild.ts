/** A process of a node that asks for certificates, and kills itself as soon as all of them are reserved and none is signed. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../../src/logger';
import { Issuer, JournalWriter, SubCaNode } from '../../src/node';
import { buildRequest, readRequest } from '../../src/x509';
import { softSigner } from '../support/softSigner';

const [directory = '', now = '', count = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const node = await SubCaNode.open(directory, {
    clock: () => new Date(now),
    logger: createLogger('silent'),
    random: randomBytes,
  });
  const { publicKey } = (await node.delegation()).caCertificate.tbs;
  // A token that never answers.
  const sign = (): Promise<never> => new Promise(() => undefined);
  node.signer = () => Promise.resolve({ algorithm: 'ecdsa-sha256', spki: publicKey.spki, sign });
  const issuer = await Issuer.open(node, new JournalWriter(node));
  for (let at = 0; at < Number(count); at += 1) {
    const request = readRequest(
      await buildRequest([{ type: 'CN', value: 'Nguyễn Thị Ánh' }], softSigner('p-256')),
    );
    const subject = [
      { type: 'OU', value: 'Sở Tài chính' },
      { type: 'E', value: 'anhnt@lamdong.gov.vn' },
    ] as const;
    void issuer.issue(issuer.plan('individual', { service: 'issue', request, subject }));
  }
  for (;;) {
    const rows = await node.store.read.selectFrom('reservations').select('intentIndex').execute();
    if (rows.length >= Number(count)) process.kill(process.pid, 'SIGKILL');
    await sleep(20);
  }
}

void main();
