/** The machine itself: operating system, Node.js, user, disks, modes of files. */
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname } from 'node:path';
import type { ReadinessCheck } from '../delegation';
import { check, reasonOf } from './check';

const DAY = 86_400_000;
const GIB = 1024 ** 3;
const ENOUGH_SPACE = 10 * GIB;
const LEAST_SPACE = 2 * GIB;
/** How long before its end a version of Node.js is spoken of. */
const NODE_NOTICE = 180 * DAY;

/** Installed and tried on these. */
const KNOWN_SYSTEMS: Readonly<Record<string, readonly string[]>> = {
  debian: ['12', '13'],
  ubuntu: ['22.04', '24.04'],
};

/**
 * Ends of long-term support by major version, from the schedule of the Node.js release working group:
 * https://github.com/nodejs/Release/blob/main/schedule.json
 */
const NODE_SUPPORT_ENDS: Readonly<Record<string, string>> = {
  '20': '2026-04-30',
  '22': '2027-04-30',
  '24': '2028-04-30',
  '26': '2029-04-30',
};

export async function checkOperatingSystem(): Promise<ReadinessCheck> {
  const expected = Object.entries(KNOWN_SYSTEMS)
    .map(([id, versions]) => `${id} ${versions.join(', ')}`)
    .join('; ');
  const kernel = `Linux ${release()}`;
  let text = '';
  try {
    text = await readFile('/etc/os-release', 'utf8');
  } catch (cause) {
    return check('operating-system', 'unknown', `${kernel}, ${reasonOf(cause)}`, expected);
  }
  const [id, version] = ['ID', 'VERSION_ID'].map(
    (name) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '',
  );
  const known = KNOWN_SYSTEMS[id ?? '']?.includes(version ?? '') === true;
  return check(
    'operating-system',
    known ? 'pass' : 'warn',
    `${id ?? ''} ${version ?? ''}, ${kernel}`,
    expected,
  );
}

/** @param version as `process.versions.node` gives it */
export function checkNodeVersion(version: string, now: Date): ReadinessCheck {
  const end = NODE_SUPPORT_ENDS[version.split('.')[0] ?? ''];
  const expected = Object.entries(NODE_SUPPORT_ENDS)
    .filter(([, until]) => Date.parse(until) - now.getTime() > NODE_NOTICE)
    .map(([major, until]) => `${major} (${until})`)
    .join(', ');
  const lasts = end !== undefined && Date.parse(end) - now.getTime() > NODE_NOTICE;
  return check('node-version', lasts ? 'pass' : 'warn', `${version}, ${end ?? '—'}`, expected);
}

export function checkUser(uid: number): ReadinessCheck {
  return check('service-user', uid === 0 ? 'fail' : 'pass', `uid ${String(uid)}`, 'uid ≠ 0');
}

export async function checkDiskSpace(directory: string): Promise<ReadinessCheck> {
  const expected = `≥ ${String(ENOUGH_SPACE / GIB)} GiB`;
  try {
    const place = await nearest(directory);
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    const result = free >= ENOUGH_SPACE ? 'pass' : free >= LEAST_SPACE ? 'warn' : 'fail';
    return check('disk-space', result, `${(free / GIB).toFixed(1)} GiB`, expected, place);
  } catch (cause) {
    return check('disk-space', 'unknown', reasonOf(cause), expected, directory);
  }
}

/** A disk of its own, told by the number of its device. */
export async function checkSecondDisk(directory: string, secondDisk: string | null): Promise<ReadinessCheck> {
  const id = 'second-disk';
  const expected = `≠ ${directory}`;
  if (secondDisk === null) return check(id, 'warn', '—', expected);
  try {
    const [own, other] = [await stat(await nearest(directory)), await stat(secondDisk)];
    await access(secondDisk, constants.W_OK);
    const apart = own.dev !== other.dev && other.isDirectory();
    return check(
      id,
      apart ? 'pass' : 'fail',
      `dev ${String(other.dev)}`,
      `dev ≠ ${String(own.dev)}`,
      secondDisk,
    );
  } catch (cause) {
    return check(id, 'fail', reasonOf(cause), expected, secondDisk);
  }
}

/** Neither readable nor writable by anybody but the owner; those that are not there yet are left out. */
export async function checkPrivateFiles(
  paths: readonly string[],
  uid: number,
): Promise<readonly ReadinessCheck[]> {
  const checks = await Promise.all(
    paths.map(async (path): Promise<ReadinessCheck | undefined> => {
      try {
        const { mode, uid: owner } = await stat(path);
        const isPrivate = (mode & 0o077) === 0 && (owner === uid || owner === 0);
        const found = `${(mode & 0o7777).toString(8).padStart(4, '0')}, uid ${String(owner)}`;
        return check(
          'file-mode',
          isPrivate ? 'pass' : 'fail',
          found,
          `0600 / 0700, uid ${String(uid)}`,
          path,
        );
      } catch (cause) {
        if (reasonOf(cause) === 'ENOENT') return undefined;
        return check('file-mode', 'unknown', reasonOf(cause), '0600 / 0700', path);
      }
    }),
  );
  return checks.filter((one) => one !== undefined);
}

/** The path itself, or the first folder above it that is there. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (cause) {
      if (dirname(at) === at) throw cause;
    }
  }
}
