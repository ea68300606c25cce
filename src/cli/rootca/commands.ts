/** The commands of `rootca`, in the order of its help page. */
import { rootcaTexts as texts } from '../../i18n/messages/rootca';
import { rootcaOversightTexts as oversightTexts } from '../../i18n/messages/rootcaOversight';
import { defineGroup, type Program } from '../command';
import { lintCommand } from '../lint';
import { applicationApprove, applicationReject, applicationShow } from './applications';
import { ceremony } from './ceremony';
import { doctor } from './doctor';
import { grantIssue, grantShow } from './grants';
import { init } from './init';
import { operatorAdd, operatorList, trustSign } from './operators';
import { findings, findingsAcknowledge } from './findings';
import { nodeRevoke } from './nodeRevoke';
import { inspect, nodeList, nodeShow, verify } from './oversight';
import { importCommand, serve } from './registry';
import { crlPublish, tlsRenew } from './upkeep';

export const commands: Program['entries'] = [
  init,
  doctor,
  ...ceremony,
  defineGroup('operator', texts.operatorGroup),
  operatorAdd,
  operatorList,
  defineGroup('trust', texts.trustGroup),
  trustSign,
  defineGroup('application', texts.applicationGroup),
  applicationShow,
  applicationApprove,
  applicationReject,
  defineGroup('grant', texts.grantGroup),
  grantIssue,
  grantShow,
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
  verify,
];
