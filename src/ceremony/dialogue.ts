/** How a ceremony speaks with the people in the room; the command line gives a terminal, an unattended rehearsal itself. */
import type { Lang } from '../i18n';

export interface Dialogue {
  readonly lang: Lang;
  say(line: string): void;
  /** @returns what was typed; empty for Enter alone */
  ask(question: string): Promise<string>;
  /**
   * As `ask`, and what is typed does not appear.
   * @param person whose own secret it is; undefined for the PIN of a token
   */
  secret(question: string, person?: string): Promise<string>;
}
