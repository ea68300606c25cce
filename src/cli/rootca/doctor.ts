/** `rootca doctor`: is the root operator's machine ready, and its HSMs? */
import { configuredTokens, rootSubject } from '../../root';
import { doctorCommand } from '../doctor';

export const doctor = doctorCommand({ program: 'rootca', configuredTokens, subject: rootSubject });
