/** What every check of a probe works with. */
import type { Session } from 'graphene-pk11';
import type { KeyAlgorithm } from '../../signer';
import type { FoundToken } from '../tokenFacts';
import type { CheckList } from './checkList';
import type { DeviceReport } from './report';
import type { TimeLimit } from './timeLimit';

export interface Bench {
  readonly token: FoundToken;
  /** Numbers of the mechanisms the token offers. */
  readonly offered: ReadonlySet<number>;
  readonly list: CheckList;
  readonly limit: TimeLimit;
  /** Of every key that is made. */
  readonly label: string;
  /** Key types without which the token is of no use here. */
  readonly needed: ReadonlySet<KeyAlgorithm>;
  /** How many sessions are used at the same time. */
  readonly sessions: number;
  /** Logs in on a session, with the right PIN and one attempt. */
  readonly logIn: (session: Session) => Promise<void>;
  readonly keys: DeviceReport['keys'];
  readonly throughput: DeviceReport['throughput'];
}
