/** Tries a wrong PIN once under a memory of wrong PINs, notes each attempt that reaches the token, says what came of it. */
import { appendFileSync } from 'node:fs';
import { systemClock } from '../../src/clock';
import { HsmError, Pin } from '../../src/hsm';
import { loginRemembering } from '../../src/hsm/refusedPins';

const [file = '', attempts = ''] = process.argv.slice(2);
const token = { label: 'ca', serial: 'a1' };

loginRemembering({ file, clock: systemClock }, token, new Pin('wrong'), () => {
  appendFileSync(attempts, 'attempt\n');
  // As long as a token may take: others would have had time to begin.
  const until = performance.now() + 200;
  while (performance.now() < until);
  throw new HsmError('PIN_INCORRECT', { token: 'ca', operation: 'login', reported: 'CKR_PIN_INCORRECT' });
}).catch((error: unknown) => {
  console.log((error as HsmError).code);
});
