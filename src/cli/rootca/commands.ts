/** The commands of `rootca`, in the order of its help page. */
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { rootcaDirectiveTexts as directiveTexts } from '../../i18n/messages/rootcaDirectives';
import { rootcaJournalTexts } from '../../i18n/messages/rootcaJournal';
import { rootcaTrustTexts as trustTexts } from '../../i18n/messages/rootcaTrust';
import { rootcaOversightTexts as oversightTexts } from '../../i18n/messages/rootcaOversight';
import { defineGroup, type Program } from '../command';
import { lintCommand } from '../lint';
import {
  applicationAnswer,
  applicationApprove,
  applicationList,
  applicationReject,
  applicationShow,
} from './applications';
import { backup } from './backup';
import { ceremony } from './ceremony';
import {
  directiveApprove,
  directiveDiscard,
  directiveList,
  directiveResume,
  directiveRevoke,
  directiveShow,
  directiveSuspend,
  directiveWithdraw,
  grantWithdraw,
} from './directives';
import { doctor } from './doctor';
import { grantIssue, grantShow } from './grants';
import { grantApprove, grantUpdate } from './grantUpdate';
import { init } from './init';
import { findings, findingsAcknowledge } from './findings';
import { inspect } from './inspect';
import { journalHead, journalList } from './journal';
import { nodeRevoke } from './nodeRevoke';
import { operatorAdd, operatorList, operatorRemove } from './operators';
import { nodeShow } from './nodeShow';
import { nodeList, verify } from './oversight';
import { importCommand, serve } from './registry';
import { prune } from './prune';
import { registryRekey, trustShow, trustSign } from './trust';
import { crlPublish, tlsRenew } from './upkeep';

export const commands: Program['entries'] = [
  init,
  doctor,
  ...ceremony,
  defineGroup('operator', trustTexts.operatorGroup),
  operatorAdd,
  operatorRemove,
  operatorList,
  defineGroup('trust', trustTexts.trustGroup),
  trustSign,
  trustShow,
  defineGroup('registry', trustTexts.registryGroup),
  registryRekey,
  defineGroup('application', texts.applicationGroup),
  applicationList,
  applicationShow,
  applicationApprove,
  applicationReject,
  applicationAnswer,
  defineGroup('grant', texts.grantGroup),
  grantIssue,
  grantShow,
  grantUpdate,
  grantApprove,
  grantWithdraw,
  defineGroup('directive', directiveTexts.group),
  directiveRevoke,
  directiveSuspend,
  directiveResume,
  directiveWithdraw,
  directiveApprove,
  directiveDiscard,
  directiveList,
  directiveShow,
  defineGroup('crl', oversightTexts.crlGroup),
  crlPublish,
  defineGroup('tls', oversightTexts.tlsGroup),
  tlsRenew,
  serve,
  importCommand,
  defineGroup('node', oversightTexts.nodeGroup),
  nodeList,
  nodeShow,
  nodeRevoke,
  inspect,
  lintCommand('rootca'),
  findings,
  findingsAcknowledge,
  defineGroup('journal', rootcaJournalTexts.group),
  journalList,
  journalHead,
  ...backup,
  prune,
  verify,
];
