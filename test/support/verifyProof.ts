/** The stand-alone script, as an auditor runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '..', '..', 'docs', 'verify-proof.mjs');

export function verifyProof(
  proof: Buffer,
  fingerprint: string,
): { readonly status: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  try {
    const file = join(folder, 'proof.json');
    writeFileSync(file, proof);
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, file, fingerprint], {
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
