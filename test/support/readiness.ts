/** A readiness report with nothing to report, and its envelope. */
import { payloadOf, READINESS_PAYLOAD_TYPE, type Readiness } from '../../src/delegation';
import { sealEnvelope } from '../../src/envelope';
import type { Signer } from '../../src/signer';
import { NOW } from './delegationFixture';

export function readinessOf(nodeId: string, changes: Partial<Readiness> = {}): Readiness {
  return {
    nodeId,
    createdAt: NOW.toISOString(),
    software: { name: 'subca-kit', version: '0.1.0' },
    measured: { device: null, backup: null, clock: null },
    checks: [],
    ...changes,
  };
}

export function sealReadiness(report: object, journal: Signer): Promise<Buffer> {
  return sealEnvelope(READINESS_PAYLOAD_TYPE, payloadOf(report), [journal]);
}
