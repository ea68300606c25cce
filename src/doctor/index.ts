/** Examining the machine a party runs on and what the party holds, before it is relied on. */
export { passwordFiles, pinFiles, readConfiguration } from './configuration';
export { examine, type Examined } from './examine';
export type { Subject } from './subject';
