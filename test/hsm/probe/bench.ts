/** What the tests of the probe share: a token of their own, and a probe of it with one quick key type. */
import { join } from 'node:path';
import { systemClock } from '../../../src/clock';
import { Pin, probeToken, type DeviceCheck, type DeviceReport, type ProbeOptions } from '../../../src/hsm';
import type { SoftHsm, SoftHsmToken } from '../../support/softhsm';

export interface Probing extends Partial<ProbeOptions> {
  readonly pin?: string;
}

export function probe(softHsm: SoftHsm, token: SoftHsmToken, changed: Probing = {}): Promise<DeviceReport> {
  const { pin = token.pin, ...options } = changed;
  return probeToken(
    { reference: { module: softHsm.module, label: token.label }, pin: new Pin(pin) },
    {
      software: { name: 'subca-kit', version: '1.2.3' },
      sessions: 2,
      needed: ['p-256'],
      algorithms: [],
      requireCertified: false,
      limitMs: 60_000,
      refusedPins: join(softHsm.directory, 'refused.json'),
      clock: systemClock,
      signal: new AbortController().signal,
      ...options,
    },
  );
}

/** `id subject` of the checks that ended so. */
export function which(report: DeviceReport, result: DeviceCheck['result']): readonly string[] {
  return report.checks
    .filter((check) => check.result === result)
    .map(({ id, subject }) => `${id} ${subject}`.trim());
}

export function foundIn(report: DeviceReport, id: string): string | undefined {
  return report.checks.find((check) => check.id === id)?.found;
}
