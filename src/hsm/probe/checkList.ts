/** The list of checks as it grows; what the token refuses inside one is that check's outcome, not the probe's end. */
import type { DeviceCheckId } from '../../i18n/messages/deviceProbe';
import { ckrOf, hsmErrorFrom, remedyFor } from '../ckr';
import { HsmError } from '../errors';
import type { CheckResult, DeviceCheck } from './report';
import { TimeOver } from './timeLimit';

/** How a check ended, and what was found. */
export type Outcome = readonly [result: CheckResult, found: string];

/** Errors of this room that tell of the key or the login in question, and not that the token is lost. */
const OF_THE_CHECK: ReadonlySet<string> = new Set([
  'KEY_ABSENT',
  'KEY_INCOMPLETE',
  'KEY_AMBIGUOUS',
  'KEY_MISMATCH',
  'KEY_ID_MISMATCH',
  'KEY_UNSUPPORTED',
  'LOGIN_LOST',
]);

const LONGEST = 500;

export class CheckList {
  readonly #checks: DeviceCheck[] = [];

  /**
   * @param token its label, for errors
   * @param onCheck told of each as it is made
   */
  constructor(
    private readonly token: string,
    private readonly onCheck: (check: DeviceCheck) => void,
  ) {}

  get checks(): readonly DeviceCheck[] {
    return this.#checks;
  }

  add(id: DeviceCheckId, subject: string, expected: string, [result, found]: Outcome): CheckResult {
    const check = { id, subject, result, found: found.slice(0, LONGEST), expected };
    this.#checks.push(check);
    this.onCheck(check);
    return result;
  }

  /**
   * Makes a check. An error of the token fails it.
   * @throws HsmError where the token is lost; TimeOver, which fails it as well; whatever is no error of the token
   */
  async make(
    id: DeviceCheckId,
    subject: string,
    expected: string,
    look: () => Outcome | Promise<Outcome>,
  ): Promise<CheckResult> {
    let outcome: Outcome;
    try {
      outcome = await look();
    } catch (error) {
      if (error instanceof TimeOver) {
        this.add(id, subject, expected, ['fail', `> ${error.message}`]);
        throw error;
      }
      outcome = ['fail', this.#toldBy(error)];
    }
    return this.add(id, subject, expected, outcome);
  }

  #toldBy(error: unknown): string {
    const ckr = ckrOf(error);
    if (ckr !== undefined && remedyFor(error) !== 'reload') return ckr;
    if (ckr !== undefined) throw hsmErrorFrom(error, this.token, 'open-session');
    if (error instanceof HsmError) {
      const { code } = error as HsmError;
      if (OF_THE_CHECK.has(code)) return code;
    }
    throw error;
  }
}
