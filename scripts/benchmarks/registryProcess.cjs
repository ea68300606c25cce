/** The registry in a process of its own, over HTTPS; started by sync.cjs, so that its memory is nobody else's. */
'use strict';

const { createPrivateKey, createPublicKey, sign } = require('node:crypto');
const { createRegistryServer, listen } = require('../../dist/http');
const { createLogger } = require('../../dist/logger');
const { Registry, RootCa } = require('../../dist/root');

/** Resident memory at its highest since it was last asked for. */
let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);

process.once('disconnect', () => process.exit(1));
process.once('message', async ({ directory, registryKey, tls }) => {
  const logger = createLogger('silent');
  const root = await RootCa.open(directory, { clock: () => new Date(), logger });
  const key = createPrivateKey(registryKey);
  root.signerOf = async () => ({
    algorithm: 'ecdsa-sha256',
    spki: createPublicKey(key).export({ format: 'der', type: 'spki' }),
    sign: async (message) => sign('sha256', message, key),
  });
  const app = await createRegistryServer({ logger, registry: await Registry.open(root), tls });
  const server = await listen(app, '127.0.0.1', 0);
  process.on('message', async (request) => {
    if (request === 'usage') {
      process.send({ peak, cpu: process.cpuUsage() });
      peak = 0;
      return;
    }
    await server.close();
    await root.close();
    process.exit(0);
  });
  process.send({ port: server.port });
});
