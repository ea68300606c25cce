/** The root operator's configuration files and where everything lies in the data directory. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { backupConfigSchema } from '../backup';
import { readYamlFile } from '../config';
import { databaseSchema } from '../db';
import { publicationSchema, limitsSchema } from '../delegation';
import { nameSchema } from '../encoding';
import { hsmConfigSchema, type HsmConfig } from '../hsm';
import { SERVICES } from '../journal';

const listenSchema = z.strictObject({ address: z.string().min(1), port: z.int().min(0).max(65_535) });
const urls = z.array(z.string().min(1).max(500)).max(4);

/** When the watch over nodes speaks up. */
export const oversightSchema = z.strictObject({
  /** Hours without a word of a node, and for it to take what it was offered. */
  silentHours: z.int().min(1).max(8784).default(48),
  /** Seconds by which a node's clock may be ahead. */
  clockSeconds: z.int().min(1).max(86_400).default(300),
  /** Days before the end of a grant, and of a CA certificate. */
  grantEndsDays: z.int().min(0).max(3650).default(90),
  caEndsDays: z.int().min(0).max(3650).default(365),
  /** Days before the end of the root's own CRL, trust statement and HTTPS certificate. */
  ownEndsDays: z.int().min(0).max(3650).default(60),
  /** Share of the total quota that is used. */
  quotaPercent: z.int().min(1).max(100).default(90),
});

export type OversightConfig = z.infer<typeof oversightSchema>;

export const rootConfigSchema = z.strictObject({
  registry: z.strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'a registry name such as registry.example.gov.vn'),
    url: z.url({ protocol: /^https$/ }),
    listen: listenSchema,
  }),
  public: z.strictObject({
    listen: listenSchema,
    urls: z.strictObject({ crl: urls, caIssuers: urls }),
  }),
  hsm: hsmConfigSchema,
  tokens: z.strictObject({ root: z.string().min(1).max(32), registry: z.string().min(1).max(32) }),
  /** The keys of root and registry come out of a key ceremony, and none is used before its record is sealed. */
  keyCeremony: z.literal(true).optional(),
  /** A PostgreSQL server in place of the file in the data directory. */
  database: databaseSchema.optional(),
  oversight: oversightSchema.prefault({}),
  backup: backupConfigSchema.optional(),
});

export type RootConfig = z.infer<typeof rootConfigSchema>;

/** What every grant is made from. */
export const grantTemplateSchema = z.strictObject({
  services: z.array(z.enum(SERVICES)).min(1),
  profiles: z.array(nameSchema).min(1),
  quota: limitsSchema.shape.quota.extend({
    perProfile: limitsSchema.shape.quota.shape.perProfile.default({}),
  }),
  validDays: z.int().min(1).max(7305),
  lease: limitsSchema.shape.lease,
  retentionYears: limitsSchema.shape.retentionYears,
  publication: publicationSchema,
  urls: z.strictObject({ crl: urls.min(1), ocsp: urls, caIssuers: urls }),
});

export type GrantTemplate = z.infer<typeof grantTemplateSchema>;

export interface RootPaths {
  readonly directory: string;
  readonly config: string;
  readonly database: string;
  readonly profiles: string;
  readonly grantTemplate: string;
  /** The eligibility policy, where there is one. */
  readonly eligibility: string;
  readonly published: string;
  readonly refusedPins: string;
  /** How far a re-reading that was cut off had come. */
  readonly verifyProgress: string;
  /** The registry's HTTPS key and certificate: a key of the transport, not of any CA. */
  readonly tlsKey: string;
  readonly tlsCertificate: string;
}

export function rootPaths(directory: string): RootPaths {
  const at = (name: string): string => join(directory, name);
  return {
    directory,
    config: at('config.yaml'),
    database: at('rootca.db'),
    profiles: at('profiles'),
    grantTemplate: at('grant-template.yaml'),
    eligibility: at('eligibility.yaml'),
    published: at('published'),
    refusedPins: at('refused-pins.json'),
    verifyProgress: at('verify-progress.json'),
    tlsKey: at('tls.key'),
    tlsCertificate: at('tls.crt'),
  };
}

/** What the configuration says of tokens, without opening anything else; `undefined` where there is none yet. */
export async function configuredTokens(
  directory: string,
): Promise<{ hsm: HsmConfig; labels: readonly string[]; refusedPins: string } | undefined> {
  const { config: file, refusedPins } = rootPaths(directory);
  if (!existsSync(file)) return undefined;
  const config = await readYamlFile(file, rootConfigSchema);
  return { hsm: config.hsm, labels: [...new Set(Object.values(config.tokens))], refusedPins };
}
