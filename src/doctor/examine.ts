/** The examination: every check of what a party has, those that wait for others at the same time. */
import type { Readiness } from '../delegation';
import {
  checkBackup,
  checkConfiguration,
  checkDatabase,
  checkDevice,
  checkPapers,
  checkPersonnel,
  checkPinSources,
} from './holdings';
import { checkAlarm, checkHostName, checkPort, checkRegistry, checkTimeService } from './network';
import type { Subject } from './subject';
import {
  checkDiskSpace,
  checkNodeVersion,
  checkOperatingSystem,
  checkPrivateFiles,
  checkSecondDisk,
  checkUser,
} from './system';

export type Examined = Pick<Readiness, 'checks' | 'measured'>;

/** Never fails: what cannot be learnt is a check with that result. Takes some seconds where the network is silent. */
export async function examine(subject: Subject, now: Date): Promise<Examined> {
  const { directory, hsm, registry, secondDisk, backup, alarm, personnel, papers } = subject;
  const uid = process.getuid?.() ?? -1;
  const nothing = Promise.resolve(undefined);
  const [single, files, documents, root, device] = await Promise.all([
    Promise.all([
      checkOperatingSystem(),
      checkDiskSpace(directory),
      checkDatabase(subject.database),
      checkTimeService(),
      ...subject.hosts.map(checkHostName),
      ...subject.listeners.map(checkPort),
      ...(secondDisk === undefined ? [] : [checkSecondDisk(directory, secondDisk)]),
      ...(alarm === undefined ? [] : [checkAlarm(alarm)]),
    ]),
    checkPrivateFiles(subject.privateFiles, uid),
    papers === undefined ? nothing : checkPapers(papers),
    registry === undefined ? nothing : checkRegistry(registry),
    hsm === undefined ? nothing : checkDevice(directory, hsm.caToken, now),
  ]);
  return {
    checks: [
      checkNodeVersion(process.versions.node, now),
      checkUser(uid),
      checkConfiguration(subject),
      ...single,
      ...files,
      ...(root?.checks ?? []),
      ...(hsm ? checkPinSources(hsm.config, hsm.caToken) : []),
      ...(device ? [device.check] : []),
      ...(backup === undefined ? [] : [checkBackup(backup, now)]),
      ...(personnel ? [checkPersonnel(personnel)] : []),
      ...(documents ?? []),
    ],
    measured: {
      device: device?.device ?? null,
      backup: backup ? { made: backup.made, restored: backup.restored ?? null } : null,
      clock: root?.clock ?? null,
    },
  };
}
