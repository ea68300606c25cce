/** `rootca backup`, `rootca restore`. */
import { backupTexts } from '../../i18n/messages/backup';
import { ROOT_KIND, rootParty } from '../../root';
import { backupCommands } from '../backup';

export const backup = backupCommands({
  kind: ROOT_KIND,
  party: rootParty,
  // What the root has forgotten, its nodes and its signed heads tell.
  prepare: () => Promise.resolve(),
  steps: backupTexts.rootSteps,
});
