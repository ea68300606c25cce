/** What runs in the thread that puts files in their places; started by fileWriter.ts. */
'use strict';

const { renameSync, rmSync, writeFileSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');

/** What went wrong, or `undefined`; by its form, because of an Error only the message would arrive. */
function put({ path, aside, content }) {
  try {
    writeFileSync(aside, content, { flag: 'wx' });
    renameSync(aside, path);
    return undefined;
  } catch ({ message, code }) {
    rmSync(aside, { force: true });
    return { message, code };
  }
}

parentPort.on('message', (files) => {
  parentPort.postMessage(files.map(put));
});
