/** What a party needs of the network: names, ports, the root's registry and its clock, the alarm. */
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, createServer, isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Measured, ReadinessCheck } from '../delegation';
import { check, reasonOf } from './check';
import type { Alarm, Listener, Registry } from './subject';

const TIMEOUT_MS = 3000;
const GOOD_OFFSET_S = 5;
const BAD_OFFSET_S = 60;
const SERVER_ERROR = 500;
/** An HTTP date has no fractions. */
const HALF_A_SECOND_MS = 500;

export async function checkHostName(host: string): Promise<ReadinessCheck> {
  const expected = 'DNS';
  if (isIP(host) > 0) return check('host-name', 'pass', host, expected, host);
  try {
    const addresses = await lookup(host, { all: true });
    const found = addresses.map(({ address }) => address).join(', ');
    return check('host-name', 'pass', `${found} (${hostname()})`, expected, host);
  } catch (cause) {
    return check('host-name', 'fail', `${reasonOf(cause)} (${hostname()})`, expected, host);
  }
}

export async function checkPort(listener: Listener): Promise<ReadinessCheck> {
  const { address, port } = listener;
  const subject = `${address}:${String(port)}`;
  const expected = 'free, ours';
  if (await listener.isOurs()) return check('port', 'pass', 'ours', expected, subject);
  const reason = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (cause) => {
      resolve(reasonOf(cause));
    });
    server.listen({ port, host: address, exclusive: true }, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
  if (reason === undefined) return check('port', 'pass', 'free', expected, subject);
  // A unit file may give the service a right that this command does not have.
  return check('port', reason === 'EACCES' ? 'warn' : 'fail', reason, expected, subject);
}

/** Whether a time service keeps the clock, as far as this machine tells. */
export async function checkTimeService(): Promise<ReadinessCheck> {
  const expected = 'synchronized';
  const chrony = await output('chronyc', ['-c', 'tracking']);
  if (chrony !== undefined) {
    const fields = chrony.split(',');
    const isNormal = fields.at(-1)?.trim() !== 'Not synchronised';
    return check('time-service', isNormal ? 'pass' : 'warn', `chrony, ${fields[4] ?? '?'} s`, expected);
  }
  const systemd = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (systemd === undefined) return check('time-service', 'unknown', '—', expected);
  return check(
    'time-service',
    systemd.trim() === 'yes' ? 'pass' : 'warn',
    `timedatectl: ${systemd.trim()}`,
    expected,
  );
}

interface RegistryAnswer {
  readonly offsetSeconds: number | undefined;
  readonly authenticated: boolean;
}

/** The registry's certificate under the pinned root, and its clock. Before the activation no root is pinned. */
export async function checkRegistry(
  registry: Registry | null,
): Promise<{ readonly checks: readonly ReadinessCheck[]; readonly clock: Measured['clock'] }> {
  const expectedOffset = `≤ ${String(GOOD_OFFSET_S)} s`;
  if (registry === null) {
    return { checks: [check('clock', 'unknown', '—', expectedOffset)], clock: null };
  }
  const { url, rootCertificate } = registry;
  const tls = (result: ReadinessCheck['result'], found: string): ReadinessCheck =>
    check('registry', result, found, 'TLS: root', url);
  try {
    const { offsetSeconds, authenticated } = await ask(url, rootCertificate);
    const first = authenticated ? tls('pass', 'TLS: root') : tls('unknown', 'root not pinned');
    if (offsetSeconds === undefined)
      return { checks: [first, check('clock', 'unknown', 'no Date', expectedOffset, url)], clock: null };
    const off = Math.abs(offsetSeconds);
    const result = off <= GOOD_OFFSET_S ? 'pass' : off <= BAD_OFFSET_S ? 'warn' : 'fail';
    const second = check('clock', result, `${String(offsetSeconds)} s`, expectedOffset, url);
    return { checks: [first, second], clock: { offsetSeconds, authenticated } };
  } catch (cause) {
    const unknown = check('clock', 'unknown', '—', expectedOffset, url);
    return { checks: [tls('fail', reasonOf(cause)), unknown], clock: null };
  }
}

/** Nothing but the date is taken from an answer whose sender is not known. */
function ask(url: string, ca: string | undefined): Promise<RegistryAnswer> {
  return new Promise((resolve, reject) => {
    const sent = Date.now();
    const options = {
      timeout: TIMEOUT_MS,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
    } as const;
    const outgoing = request(new URL('/healthz', url), options, (incoming) => {
      const received = Date.now();
      const date = Date.parse(incoming.headers.date ?? '');
      const offset = (sent + received) / 2 - (date + HALF_A_SECOND_MS);
      const authorized = 'authorized' in incoming.socket && incoming.socket.authorized === true;
      incoming.destroy();
      resolve({
        offsetSeconds: Number.isNaN(date) ? undefined : Math.round(offset / 100) / 10,
        authenticated: ca !== undefined && authorized,
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Whether whoever is to be told can be reached; no alarm is sent. */
export async function checkAlarm(alarm: Alarm | null): Promise<ReadinessCheck> {
  if (alarm === null) return check('alarm', 'warn', '—', 'mail, webhook');
  if ('webhook' in alarm) {
    const { origin } = new URL(alarm.webhook);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const { status } = await fetch(alarm.webhook, { method: 'HEAD', redirect: 'manual', signal });
      return check(
        'alarm',
        status < SERVER_ERROR ? 'pass' : 'fail',
        `HTTP ${String(status)}`,
        '< 500',
        origin,
      );
    } catch (cause) {
      const reason = reasonOf((cause as { readonly cause?: unknown }).cause ?? cause);
      return check('alarm', 'fail', reason, '< 500', origin);
    }
  }
  const { to, server, port } = alarm.mail;
  const subject = `${to}, ${server}:${String(port)}`;
  try {
    const greeting = await smtpGreeting(server, port);
    return check(
      'alarm',
      greeting.startsWith('220') ? 'pass' : 'fail',
      greeting.slice(0, 60),
      '220',
      subject,
    );
  } catch (cause) {
    return check('alarm', 'fail', reasonOf(cause), '220', subject);
  }
}

/** The first line a mail server says (RFC 5321, section 3.1). */
function smtpGreeting(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    socket.setEncoding('latin1');
    socket.once('data', (line: string) => {
      // Whatever it answers to that, nobody waits for it.
      socket.end('QUIT\r\n', () => socket.destroy());
      resolve(line.split(/\r?\n/)[0] ?? '');
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.once('error', reject);
    socket.once('close', () => {
      reject(new Error('closed'));
    });
  });
}

/** @returns `undefined` where the program is not there, fails or does not answer */
function output(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: TIMEOUT_MS, encoding: 'utf8' }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
