/**
 * What a token can sign at most: signatures per second over a message of a certificate's size. A process of its own,
 * because a PKCS#11 module reads its configuration once. Usage: rawSigning.cjs MODULE TOKEN PIN-FILE KEY SESSIONS
 */
'use strict';

const { readPin, Token } = require('../../dist/hsm');

const SECONDS = 2;
const MESSAGE = Buffer.alloc(900, 7);

async function main([module, label, pinFile, key, sessionsText]) {
  const sessions = Number(sessionsText);
  const pin = await readPin({ file: pinFile }, { tokenLabel: label });
  const options = { refusedPins: `${pinFile}.refused.json`, clock: () => new Date(), sessions };
  const token = await Token.open({ module, label }, pin, options);
  const signer = await token.signer(key);
  const began = process.hrtime.bigint();
  const until = began + BigInt(SECONDS) * 1_000_000_000n;
  let signatures = 0;
  await Promise.all(
    Array.from({ length: sessions }, async () => {
      while (process.hrtime.bigint() < until) {
        await signer.sign(MESSAGE);
        signatures += 1;
      }
    }),
  );
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  await token.close();
  console.log(signatures / seconds);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
