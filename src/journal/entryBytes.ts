/** Entries of any journal as bytes: one canonical JSON object of a strict shape, written once and read as it was written. */
import type { z } from 'zod';
import { parseCanonicalJson, schemaIssues } from '../encoding';
import { JournalError } from './errors';

/** Most octets an entry may have. */
export const MAX_ENTRY_SIZE = 65_535;

/** @throws JournalError `ENTRY_MALFORMED`, also when too large */
export function encodeEntryAs<T extends object>(schema: z.ZodType<T>, entry: T): Buffer {
  const bytes = Buffer.from(JSON.stringify(entry), 'utf8');
  requireSize(bytes);
  // What nobody could read again must not be written: the journal cannot take it back.
  read(schema, entry);
  return bytes;
}

/** @throws JournalError `ENTRY_MALFORMED` */
export function decodeEntryAs<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  requireSize(bytes);
  const value = parseCanonicalJson(bytes);
  if (value === undefined) throw new JournalError('ENTRY_MALFORMED', { reason: 'not canonical JSON' });
  return read(schema, value);
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new JournalError('ENTRY_MALFORMED', { reason: schemaIssues(parsed.error) });
  return parsed.data;
}

function requireSize({ length }: Uint8Array): void {
  if (length > MAX_ENTRY_SIZE) {
    throw new JournalError('ENTRY_MALFORMED', { reason: `${length} bytes, at most ${MAX_ENTRY_SIZE}` });
  }
}
