/** A probe of SoftHSM2: what passes on an honest token. */
import { join } from 'node:path';
import { systemClock } from '../../../src/clock';
import { Pin, probeToken, type ProbeOptions } from '../../../src/hsm';
import { makeSoftHsm } from '../../support/softhsm';

const softHsm = makeSoftHsm();
afterAll(() => {
  softHsm.remove();
});

test('trial', async () => {
  const token = softHsm.createToken('probed');
  const options: ProbeOptions = {
    software: { name: 'subca-kit', version: '1' },
    sessions: 4,
    needed: ['p-256'],
    requireCertified: false,
    limitMs: 60_000,
    refusedPins: join(softHsm.directory, 'refused.json'),
    clock: systemClock,
    signal: new AbortController().signal,
  };
  const began = Date.now();
  const report = await probeToken(
    { reference: { module: softHsm.module, label: token.label }, pin: new Pin(token.pin) },
    options,
  );
  console.log(
    report.checks.map((c) => [c.result, c.id, c.subject, c.found, c.expected].join(' | ')).join('\n'),
    Date.now() - began,
    report,
  );
}, 120_000);
