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

parentPort.on('message', ({ session, mechanism, key, inputs }) => {
  const began = performance.now();
  const [own, of] = [session, key].map((bytes) => Buffer.from(bytes, 'latin1'));
  try {
    const signatures = inputs.map((input) => {
      library.C_SignInit(own, mechanism, of);
      return library.C_Sign(own, Buffer.from(input, 'latin1'), result).toString('latin1');
    });
    parentPort.postMessage({ signatures, ms: performance.now() - began });
  } catch ({ message, code }) {
    // By its form: of an Error, only the message would arrive.
    parentPort.postMessage({ failure: { message, code } });
  }
});
