/** OpenSSL as the judge of byte formats: each instance runs in a temporary directory of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Verdict {
  readonly status: number | null;
  /** What was written to stdout and stderr. */
  readonly output: string;
}

export class OpenSsl {
  readonly directory = mkdtempSync(join(tmpdir(), 'openssl-'));

  /** Runs `openssl`; file arguments are relative to the directory. */
  run(...args: readonly string[]): Verdict {
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: this.directory, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  write(file: string, content: Uint8Array | string): void {
    writeFileSync(join(this.directory, file), content);
  }

  /** Writes DER as PEM. */
  writePem(file: string, label: string, ...ders: readonly Buffer[]): void {
    const block = (der: Buffer): string =>
      `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
    this.write(file, ders.map(block).join(''));
  }

  read(file: string): Buffer {
    return readFileSync(join(this.directory, file));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
