/**
 * What runs in a thread that signs; started by signingThreads.ts. The library is the one that the process has loaded
 * and started: a second load of the same name gives the same library, and its sessions and handles are the process's.
 */
'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { PKCS11 } = require('pkcs11js');

/** The longest signature: RSA-4096. */
const MAX_SIGNATURE_BYTES = 512;

const library = new PKCS11();
library.load(workerData);
const result = Buffer.alloc(MAX_SIGNATURE_BYTES);

parentPort.on('message', ({ session, mechanism, key, input }) => {
  const began = performance.now();
  try {
    library.C_SignInit(Buffer.from(session.buffer), mechanism, Buffer.from(key.buffer));
    const signature = library.C_Sign(Buffer.from(session.buffer), Buffer.from(input.buffer), result);
    parentPort.postMessage({ signature: Uint8Array.from(signature), ms: performance.now() - began });
  } catch ({ message, code }) {
    // By its form: of an Error, only the message would arrive.
    parentPort.postMessage({ failure: { message, code } });
  }
});
