/** `subca backup`, `subca restore`. */
import { backupTexts } from '../../i18n/messages/backup';
import { NODE_KIND, nodeParty, quarantineRestored } from '../../node';
import { backupCommands } from '../backup';

export const backup = backupCommands({
  kind: NODE_KIND,
  party: nodeParty,
  prepare: quarantineRestored,
  steps: backupTexts.nodeSteps,
});
