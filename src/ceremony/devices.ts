/** The tokens of a ceremony: found without a login, and judged by what the plan demands of them. */
import { certificationFits, isSoftwareToken, listTokens, type TokenFacts } from '../hsm';
import { CeremonyError } from './errors';
import type { Plan, PlannedToken } from './plan';
import type { ResultOf } from './results';

type Device = ResultOf<'device'>;

/**
 * What the one token that is meant says of itself, and whether that is certified.
 * @throws CeremonyError `DEVICE_COUNT`, `DEVICE_OTHER`, `DEVICE_NOT_CERTIFIED`; HsmError
 */
export function inspectDevice(module: string, planned: PlannedToken, policy: Plan['policy']): Device {
  const { label, serial } = planned;
  // Alone, even where a pair serves later: keys must come to be in the device that was looked at.
  const [facts, ...more] = listTokens(module).filter((token) => token.label === label);
  if (facts === undefined || more.length > 0) {
    throw new CeremonyError('DEVICE_COUNT', {
      token: label,
      found: facts === undefined ? 0 : more.length + 1,
    });
  }
  if (serial !== undefined && facts.serial !== serial) {
    throw new CeremonyError('DEVICE_OTHER', { token: label, found: facts.serial, expected: serial });
  }
  return judgeDevice(facts, planned, policy);
}

/** @throws CeremonyError `DEVICE_NOT_CERTIFIED` where the policy demands a certified device and this is none */
export function judgeDevice(
  facts: Readonly<TokenFacts>,
  planned: Pick<PlannedToken, 'certified'>,
  policy: Plan['policy'],
): Device {
  const { label, serial, manufacturer, model, firmware, hardware } = facts;
  const software = isSoftwareToken(facts);
  const { certified } = planned;
  const fits = certified !== undefined && certificationFits(facts, certified);
  if (!fits && policy.certifiedHsm === 'required') {
    const demanded = certified && [certified.manufacturer, certified.model, certified.firmware];
    throw new CeremonyError('DEVICE_NOT_CERTIFIED', {
      token: label,
      found: [manufacturer, model, firmware].join(', '),
      expected: demanded?.filter((part) => part !== undefined).join(', ') ?? 'certified: …',
    });
  }
  return {
    kind: 'device',
    label,
    serial,
    manufacturer,
    model,
    firmware,
    hardware,
    flags: { ...facts.flags },
    software,
    certified: fits ? { scheme: certified.scheme, number: certified.number } : null,
  };
}
