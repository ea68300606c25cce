/** What a party takes from outside while it works; a test sets it. */
import type { Clock } from './clock';
import type { Logger } from './logger';

export interface Surroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Octets from a CSPRNG. */
  readonly random: (octets: number) => Buffer;
  /** Asks a person for a token's PIN; absent where there is nobody to ask. */
  readonly askPin?: (tokenLabel: string) => Promise<string>;
}
