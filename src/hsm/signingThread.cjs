/**
 * What runs in a thread that signs; started by signingThreads.ts. The library is the one that the process has loaded
 * and started: a second load of the same name gives the same library, and its sessions and handles are the process's.
 */
'use strict';

const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads');
const { PKCS11 } = require('pkcs11js');
const { SigningRing } = require('./signingRing.cjs');

const library = new PKCS11();
library.load(workerData.library);
const ring = new SigningRing(workerData.memory);
const result = Buffer.alloc(SigningRing.RESULT_BYTES);
/** By the number that the main thread gave them. */
const mechanisms = [];
/** What has no place in the ring was sent before it was asked for. */
const sent = () => receiveMessageOnPort(parentPort).message;

for (;;) {
  const { mechanism, session, key, input } = ring.next();
  if (mechanism === mechanisms.length) mechanisms.push(sent());
  const octets = input ?? Buffer.from(sent());
  const began = performance.now();
  try {
    library.C_SignInit(session, mechanisms[mechanism], key);
    const signature = library.C_Sign(session, octets, result);
    ring.answer(signature, performance.now() - began);
  } catch ({ message, code }) {
    ring.fail(message, code);
  }
}
