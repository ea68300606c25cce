/** What a backup says of itself: who made it, when, of what. It stands first in the archive. */
import { z } from 'zod';
import { instantSchema, sha256HexSchema } from '../encoding';
import { isTarPath } from './tar';

export const MANIFEST = 'manifest.json';
export const FORMAT = 'subca-backup/1';
export const MAX_MANIFEST = 1024 * 1024;
/** Most files in a backup: all are open at once while it is made. */
export const MAX_FILES = 500;

/** A path within a data directory: relative, never up, nothing hidden. */
const SEGMENT = /^(?!\.)[^\p{C}/\\]+$/u;
const pathSchema = z
  .string()
  .refine(
    (path) => path.split('/').every((part) => SEGMENT.test(part)) && isTarPath(path),
    'a relative path',
  );

export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  program: z.enum(['subca', 'rootca']),
  /** Node id, or the registry's name. */
  name: z.string().min(1).max(100),
  software: z.strictObject({ name: z.string().max(100), version: z.string().max(100) }),
  time: instantSchema,
  files: z
    .array(z.strictObject({ path: pathSchema, size: z.int().min(0), sha256: sha256HexSchema }))
    .max(MAX_FILES)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, 'each path once'),
  /** The journals in the database. */
  journals: z.array(
    z.strictObject({
      origin: z.string().max(300),
      size: z.int().min(0),
      rootHash: sha256HexSchema,
      /** Of the newest receipt of the root, where this is a node's own journal. */
      receipt: z.strictObject({ size: z.int().min(0), time: instantSchema }).nullable(),
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type BackedUpJournal = Manifest['journals'][number];
