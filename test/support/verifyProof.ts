/** The stand-alone script, as an auditor runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '..', '..', 'docs', 'verify-proof.mjs');

interface Said {
  /** 0: all of them are proved; 1: not all are; 2: no file, or no fingerprint. */
  readonly status: number | null;
  readonly said: string;
  /** Of each file, whether it is proved. */
  readonly proved: readonly boolean[];
}

export function verifyProof(proof: Buffer, fingerprint: string): Said {
  return verifyProofs([proof], fingerprint);
}

/** All in one run. */
export function verifyProofs(proofs: readonly Buffer[], fingerprint: string): Said {
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  try {
    const files = proofs.map((_, at) => join(folder, `${String(at)}.json`));
    files.forEach((file, at) => {
      writeFileSync(file, proofs[at] ?? '');
    });
    const options = { encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...files, fingerprint], options);
    const proved = files.map((file) => stdout.includes(`${file}: proved: `));
    return { status, said: `${stdout}${stderr}`, proved };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
