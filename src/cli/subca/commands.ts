/** The commands of `subca`, in the order of its help page. */
import { subcaTexts as texts } from '../../i18n/messages/subca';
import { subcaApplyTexts as applyTexts } from '../../i18n/messages/subcaApply';
import { subcaRolloverTexts as rolloverTexts } from '../../i18n/messages/subcaRollover';
import { subcaServiceTexts as serviceTexts } from '../../i18n/messages/subcaService';
import { defineGroup, type Program } from '../command';
import { lintCommand } from '../lint';
import { applicationAnswer } from './answer';
import { apply } from './apply';
import { backup } from './backup';
import { ceremony } from './ceremony';
import { certificateList, certificateShow } from './certificate';
import { certificateProof } from './certificateProof';
import { status, verify } from './checks';
import { crlPublish } from './crl';
import { activateCommand } from './delegation';
import { doctor } from './doctor';
import { init } from './init';
import { issue } from './issue';
import { prune } from './prune';
import { recover, recoverExport, recoverImport } from './recover';
import { resumeCommand, revokeCommand, suspendCommand } from './revocation';
import {
  rolloverActivate,
  rolloverApply,
  rolloverBegin,
  rolloverRegain,
  rolloverStatusCommand,
} from './rollover';
import { serve } from './serve';
import { change, recoverDevice, renew } from './succession';
import { sync, syncExport, syncImport } from './sync';

export const commands: Program['entries'] = [
  init,
  doctor,
  ...ceremony,
  apply,
  defineGroup('application', applyTexts.applicationGroup),
  applicationAnswer,
  activateCommand,
  defineGroup('rollover', rolloverTexts.group),
  rolloverBegin,
  rolloverApply,
  rolloverActivate,
  rolloverRegain,
  rolloverStatusCommand,
  issue,
  renew,
  change,
  recoverDevice,
  revokeCommand,
  suspendCommand,
  resumeCommand,
  defineGroup('certificate', texts.certificateGroup),
  certificateList,
  certificateShow,
  certificateProof,
  defineGroup('crl', serviceTexts.crlGroup),
  crlPublish,
  lintCommand('subca'),
  serve,
  sync,
  syncExport,
  syncImport,
  recover,
  recoverExport,
  recoverImport,
  ...backup,
  prune,
  verify,
  status,
];
