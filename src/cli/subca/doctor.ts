/** `subca doctor`: is the node's machine ready, and its HSM? */
import { askReadiness } from '../../http';
import { configuredTokens, nodeSubject } from '../../node';
import type { Subject } from '../../doctor';
import { doctorCommand } from '../doctor';

export const doctor = doctorCommand({ program: 'subca', configuredTokens, subject });

/** What stands of the node in a directory, its own service recognised by what it answers. */
export function subject(directory: string): Promise<Subject> {
  return nodeSubject(directory, async (address, port) => (await askReadiness(address, port)) !== undefined);
}
