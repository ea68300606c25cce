/** The node's configuration file and where everything lies in its data directory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { backupConfigSchema } from '../backup';
import { readYamlFile } from '../config';
import { databaseSchema } from '../db';
import { PAPER_KINDS, personnelSchema, publicHostSchema } from '../delegation';
import { daySchema, lineSchema, nameSchema } from '../encoding';
import { hsmConfigSchema, type HsmConfig } from '../hsm';
import { externalLinterSchema } from './externalLinter';

const listenSchema = z.strictObject({ address: z.string().min(1), port: z.int().min(0).max(65_535) });

const tokenLabel = z.string().min(1).max(32);

export const nodeConfigSchema = z.strictObject({
  organisation: z.strictObject({
    code: z.string().min(1).max(20),
    name: z.string().min(1).max(200),
    place: z.string().min(1).max(128),
  }),
  node: nameSchema,
  /** Public name of the server that answers for CRLs and OCSP, with `:port` unless it is 80. */
  host: publicHostSchema,
  hsm: hsmConfigSchema,
  /** Label of the token that holds the CA key, and every other key that `tokens` does not place elsewhere. */
  token: tokenLabel,
  tokens: z.strictObject({ journal: tokenLabel.optional(), ocsp: tokenLabel.optional() }).optional(),
  registry: z
    .strictObject({
      url: z.url({ protocol: /^https$/ }),
      /** Whether the service sends by itself what is new. */
      continuous: z.boolean().optional(),
    })
    .optional(),
  public: listenSchema,
  /** A PostgreSQL server in place of the file in the data directory. */
  database: databaseSchema.optional(),
  journal: z
    .strictObject({
      /** A folder on another disk, for a second copy of every journal; a path from the data directory. */
      mirror: z.string().min(1).max(500),
    })
    .optional(),
  backup: backupConfigSchema.optional(),
  /** A linter of the administrator's own, asked besides the checks that are always made. */
  lint: z.strictObject({ external: externalLinterSchema }).optional(),
  keyChecks: z
    .strictObject({
      /** Lists of known weak keys, in the format of Debian's openssl-blacklist; paths from the data directory. */
      weakKeys: z.array(z.string().min(1)).max(20),
    })
    .optional(),
  /** Who works for the node; shown with the application. */
  personnel: personnelSchema.optional(),
  /** Papers shown with the application, by the hash of their files; paths from the data directory. */
  documents: z
    .array(
      z.strictObject({
        kind: z.enum(PAPER_KINDS),
        file: z.string().min(1).max(500),
        reference: lineSchema(80).exactOptional(),
      }),
    )
    .max(50)
    .optional(),
  /** What `doctor` cannot find out by itself. */
  readiness: z
    .strictObject({
      /** A folder on another disk, for a second copy of the journal. */
      secondDisk: z.string().min(1).max(500).optional(),
      /** When a backup was last made, and when one was last restored as a trial. */
      backup: z.strictObject({ made: daySchema, restored: daySchema.optional() }).optional(),
      /** Who is told when something is wrong. */
      alarm: z
        .union([
          z.strictObject({ webhook: z.url({ protocol: /^https?$/ }) }),
          z.strictObject({
            mail: z.strictObject({
              to: z.email(),
              server: z.string().min(1).max(253),
              port: z.int().min(1).max(65_535).default(25),
            }),
          }),
        ])
        .optional(),
    })
    .optional(),
  /** The node's keys come out of a key ceremony, and none is used before its record is sealed. */
  keyCeremony: z.literal(true).optional(),
});

export type NodeConfig = z.infer<typeof nodeConfigSchema>;

/** Everything a node keeps lies in one directory. */
export interface NodePaths {
  readonly directory: string;
  readonly config: string;
  readonly database: string;
  readonly profiles: string;
  readonly published: string;
  /** Locks of running processes. */
  readonly run: string;
  readonly refusedPins: string;
  /** How far a re-reading that was cut off had come. */
  readonly verifyProgress: string;
}

export function nodePaths(directory: string): NodePaths {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    config: at('config.yaml'),
    database: at('subca.db'),
    profiles: at('profiles'),
    published: at('published'),
    run: at('run'),
    refusedPins: at('refused-pins.json'),
    verifyProgress: at('verify-progress.json'),
  };
}

/** What the configuration says of tokens, without opening anything else; `undefined` where there is none yet. */
export async function configuredTokens(
  directory: string,
): Promise<{ hsm: HsmConfig; labels: readonly string[]; refusedPins: string } | undefined> {
  const { config: file, refusedPins } = nodePaths(directory);
  if (!existsSync(file)) return undefined;
  const config = await readYamlFile(file, nodeConfigSchema);
  const { token, tokens = {} } = config;
  const labels = new Set([token, tokens.journal ?? token, tokens.ocsp ?? token]);
  return { hsm: config.hsm, labels: [...labels], refusedPins };
}
