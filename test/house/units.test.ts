/** The systemd units: what a service that the whole network talks to may still do on its machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', 'config-templates', 'systemd');
const SERVICES = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));
/** In tenths, of what systemd gives a service that is confined by nothing: about 92. */
const MOST_EXPOSED = 30;

const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const isInstalled = analyze('security', '--help').status === 0;
const testHere = isInstalled ? test : test.skip;

testHere.each(SERVICES)('%s is confined', (name) => {
  const limits = ['--offline=true', `--threshold=${String(MOST_EXPOSED)}`];
  const { status, stdout } = analyze('security', ...limits, join(FOLDER, name));
  expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
});

test('all are confined alike, and leave an HSM its device', () => {
  const confinements = SERVICES.map((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    return /^NoNewPrivileges=yes\n[^]*?^SystemCallErrorNumber=EPERM$/m.exec(text)?.[0] ?? name;
  });
  expect(new Set(confinements).size).toBe(1);
  // Each of them would take USB and PCI devices away: systemd.exec(5), systemd.resource-control(5).
  expect(confinements[0]).not.toMatch(/PrivateDevices|ProtectClock|DevicePolicy|DeviceAllow/);
});
