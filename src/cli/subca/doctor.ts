/** `subca doctor`: is the node's machine ready, and its HSM? */
import { configuredTokens } from '../../node';
import { doctorCommand } from '../doctor';

export const doctor = doctorCommand({ program: 'subca', configuredTokens });
