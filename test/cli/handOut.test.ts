/** A certificate that is issued and cannot be written: who is told so learns how to get it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../src/cli/errors';
import { handOut } from '../../src/cli/subca/handOut';
import { ConfigError, requireWritable, writeFileDurably } from '../../src/config';
import { expectCode } from '../support/matchers';

const certificate = { serialNumber: '01'.repeat(16), der: Buffer.from('certificate'), existing: false };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hand-out-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('what can be written is tried without a trace', async () => {
  const file = join(folder, 'a.crt');
  await requireWritable(file);
  expect(() => readFileSync(file)).toThrow('ENOENT');
  await handOut(certificate, file, writeFileDurably);
  await requireWritable(file);
  expect(readFileSync(file, 'utf8')).toContain('BEGIN CERTIFICATE');
  await expectCode(requireWritable(folder), ConfigError, 'FILE_NOT_WRITTEN');
  await expectCode(requireWritable(join(folder, 'no', 'a.crt')), ConfigError, 'FILE_NOT_WRITTEN');
});

test('one that fails after all names the serial number, and the command that gives the certificate again', async () => {
  const file = join(folder, 'no', 'a.crt');
  const error = await expectCode(
    handOut(certificate, file, writeFileDurably),
    CliError,
    'CERTIFICATE_NOT_WRITTEN',
  );
  expect(error.inLang('vi')).toContain(`certificate show ${certificate.serialNumber} --format pem --out`);
  expect(error.cause).toBeInstanceOf(ConfigError);
});
