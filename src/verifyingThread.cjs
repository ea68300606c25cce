/** What runs in the thread that checks signatures; started by verifyingThread.ts. */
'use strict';

const { verify } = require('node:crypto');
const { parentPort } = require('node:worker_threads');

parentPort.on('message', ({ hash, key, octets, ends }) => {
  const bytes = Buffer.from(octets.buffer);
  const valid = [];
  for (let at = 0, start = 0; at < ends.length; at += 2) {
    const [middle, end] = [ends[at], ends[at + 1]];
    try {
      valid.push(verify(hash, bytes.subarray(start, middle), key, bytes.subarray(middle, end)));
    } catch {
      valid.push(false);
    }
    start = end;
  }
  parentPort.postMessage(valid);
});
