/** Sealing: the record is written from script and log, signed by the new keys, checked as an auditor will, and kept. */
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBounded, writeFileDurably } from '../config';
import { sealEnvelope } from '../envelope';
import { LANGS } from '../i18n';
import { sha256Hex, type Signer } from '../signer';
import { requireSameSoftware } from './acts';
import { openAnyRecord, requireScript, type CheckedRecord } from './check';
import { Custodians } from './custodians';
import { CeremonyError } from './errors';
import type { FolderPaths } from './folder';
import { CeremonyLog } from './log';
import { opensslParts } from './opensslParts';
import type { Kept } from './party';
import type { Plan } from './plan';
import { RECORD_PAYLOAD_TYPE, recordOf, REHEARSAL_PAYLOAD_TYPE } from './record';
import { recordMarkdown } from './recordMarkdown';
import { signingRoles } from './roles';
import { requireFits, type Stage } from './run';
import type { PinnedScript } from './script';
import { isWalked } from './steps';

export const MAX_RECORD_BYTES = 1024 * 1024;

export interface Sealed extends CheckedRecord {
  readonly envelope: Buffer;
  readonly kept: Kept | undefined;
}

/**
 * Seals a ceremony whose every step is done. One that was cut off while it was sealed is sealed to the same payload.
 * The caller holds the folder (`alone`).
 * @throws CeremonyError `NOT_FINISHED`, and as `Custodians.authenticate`; HsmError, DbError, ConfigError
 */
export async function sealCeremony(paths: FolderPaths, pinned: PinnedScript, stage: Stage): Promise<Sealed> {
  const { party, dialogue, clock, installed } = stage;
  const { script, sha256 } = pinned;
  requireFits(script, party);
  const log = await CeremonyLog.open(paths.log, sha256, clock);
  const custodians = new Custodians(script.plan, party, log, dialogue, clock);
  try {
    if (!existsSync(paths.record)) {
      const open = script.steps.find((step) => isWalked(step) && !log.isDone(step.number));
      if (open !== undefined) {
        throw new CeremonyError('NOT_FINISHED', { step: open.number, steps: script.steps.length });
      }
      const step = script.steps.find(({ act }) => act.kind === 'seal')?.number ?? script.steps.length;
      await requireSameSoftware({ party, log, installed });
      await custodians.authenticate(step);
      if (log.of('sealing').length === 0) await log.append({ type: 'sealing' });
      await writeRecord(paths, pinned, log, await signersOf(script.plan, stage));
    }
    const envelope = await readFileBounded(paths.record, MAX_RECORD_BYTES);
    const checked = openAnyRecord(envelope, paths.record);
    await requireOurs(checked, pinned, stage, paths);
    const kept = script.rehearsal ? undefined : await party.keepRecord({ sha256: checked.sha256, envelope });
    return { ...checked, envelope, kept };
  } finally {
    await custodians.close();
    await log.close();
  }
}

/** One that lay here before may be another ceremony's. @throws CeremonyError `RECORD_DIFFERS` */
async function requireOurs(
  checked: CheckedRecord,
  pinned: PinnedScript,
  { party }: Stage,
  paths: FolderPaths,
): Promise<void> {
  requireScript(checked, pinned.bytes, paths.script);
  for (const { role, spkiSha256: found } of checked.record.keys) {
    const key = await party.key(role);
    const expected = key === undefined ? '—' : sha256Hex(key.spki);
    if (found !== expected) throw new CeremonyError('RECORD_DIFFERS', { what: role, found, expected });
  }
}

async function signersOf(
  plan: Plan,
  { party }: Stage,
): Promise<readonly (readonly [role: string, signer: Signer])[]> {
  return Promise.all(
    signingRoles(plan).map(async (role) => {
      const key = await party.key(role);
      if (key === undefined) throw new CeremonyError('KEY_DIFFERS', { role, found: '—', expected: role });
      return [role, await party.signer(key)] as const;
    }),
  );
}

/** The record itself last: while it is not there, nothing is sealed. */
async function writeRecord(
  paths: FolderPaths,
  pinned: PinnedScript,
  log: CeremonyLog,
  signers: readonly (readonly [role: string, signer: Signer])[],
): Promise<void> {
  const { rehearsal } = pinned.script;
  const payload = Buffer.from(JSON.stringify(recordOf(pinned, log)), 'utf8');
  const payloadType = rehearsal ? REHEARSAL_PAYLOAD_TYPE : RECORD_PAYLOAD_TYPE;
  const envelope = await sealEnvelope(
    payloadType,
    payload,
    signers.map(([, signer]) => signer),
  );
  const checked = openAnyRecord(envelope, paths.record);
  await mkdir(paths.openssl, { recursive: true, mode: 0o700 });
  const parts = opensslParts(envelope);
  await writeFileDurably(join(paths.openssl, 'signed-bytes'), parts.signedBytes);
  for (const [index, [role, signer]] of signers.entries()) {
    await writeFileDurably(join(paths.openssl, `${role}.sig`), parts.signatures[index] ?? '');
    await writeFileDurably(join(paths.openssl, `${role}.pem`), pemOf(signer.spki));
  }
  for (const lang of LANGS) {
    await writeFileDurably(join(paths.folder, `record.${lang}.md`), recordMarkdown(checked, lang));
  }
  await writeFileDurably(paths.record, envelope);
}

function pemOf(spki: Buffer): string {
  return createPublicKey({ key: spki, format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString();
}
