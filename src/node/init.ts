/** Making a node: directory, configuration, database, and keys generated in the token. */
import { copyFile, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filledConfig, findOrganisation, makePrivateFolder, TEMPLATES, writeFileDurably } from '../config';
import { readKey, type DatabaseConfig } from '../db';
import { requireFits, type PinSource } from '../hsm';
import { makeKey } from '../keyring';
import { sha256Hex, type KeyAlgorithm, type SignatureAlgorithm } from '../signer';
import type { Surroundings } from '../surroundings';
import { nodeConfigSchema, nodePaths, type NodePaths } from './config';
import { NodeError } from './errors';
import { keyLabel, KEY_ROLES, SubCaNode, type KeyRole } from './node';

export interface InitOptions {
  readonly organisationCode: string;
  /** Default: the organisation's code with `-1`. */
  readonly nodeId?: string;
  readonly host: string;
  readonly module: string;
  readonly tokenLabel: string;
  /** Written into the configuration: where a running service takes the PIN from. */
  readonly pin: PinSource;
  /** Other tokens than `tokenLabel`, by what they are to hold. */
  readonly otherTokens?: Readonly<Partial<Record<'journal' | 'ocsp', OtherToken>>>;
  readonly caKey: KeyAlgorithm;
  /** What the CA key signs with, always; default: as its type usually does. */
  readonly caSignature?: SignatureAlgorithm | undefined;
  readonly registryUrl?: string;
  readonly publicPort?: number;
  /** A server in place of the file in the directory. */
  readonly database?: DatabaseConfig;
  /** The keys are not made here but at a key ceremony. */
  readonly keyCeremony?: boolean;
}

export interface OtherToken {
  readonly label: string;
  readonly pin: PinSource;
}

export interface MadeKey {
  readonly role: KeyRole;
  readonly label: string;
  readonly algorithm: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly spkiSha256: string;
}

export interface MadeNode {
  readonly nodeId: string;
  /** None where a ceremony makes them. */
  readonly keys: readonly MadeKey[];
}

/** Profiles a node begins with; the folder is the administrator's from then on. */
const NODE_PROFILES = [
  'organisation',
  'individual',
  'device',
  'title-holder',
  'officer',
  'tls-server',
  'timestamping',
  'ocsp-responder',
] as const;

/**
 * Makes a node, or finishes one whose making was cut off: the configuration is written first, each key is announced
 * in the database before the token makes it. Until there is a key, the options of the newest try are the ones that hold.
 * @throws NodeError `ALREADY_INITIALISED`; HsmError `SIGNATURE_NOT_FOR_KEY`; ConfigError, HsmError, DbError
 */
export async function initNode(
  directory: string,
  options: InitOptions,
  surroundings: Surroundings,
): Promise<MadeNode> {
  const { caKey, caSignature } = options;
  if (caSignature !== undefined) requireFits(caKey, caSignature);
  const paths = nodePaths(directory);
  const fresh = !existsSync(paths.config);
  if (fresh || !(await hasKeys(directory, surroundings))) {
    const values = await configValues(options);
    const content = await filledConfig(paths.config, 'subca.yaml', values, nodeConfigSchema);
    if (fresh) await makeFolders(paths);
    await writeFileDurably(paths.config, content, 0o600);
  }
  const node = await SubCaNode.open(directory, surroundings, options.pin);
  try {
    const byCeremony = node.config.keyCeremony === true;
    if (options.keyCeremony === true && !byCeremony)
      throw new NodeError('ALREADY_INITIALISED', { directory });
    const known = await Promise.all(KEY_ROLES.map((role) => readKey(node.read, role)));
    if (known.every((key) => key !== undefined)) throw new NodeError('ALREADY_INITIALISED', { directory });
    if (byCeremony) return { nodeId: node.config.node, keys: [] };
    const keys: MadeKey[] = [];
    for (const role of KEY_ROLES) {
      const wanted = {
        role,
        label: keyLabel(node.config.node, role, 1),
        tokenLabel: node.tokenOf(role),
        ...(role === 'ca'
          ? { algorithm: caKey, signatureAlgorithm: caSignature }
          : { algorithm: 'p-256' as const }),
      };
      const made = await makeKey(node.store, node.tokens, wanted, node.pinOf(wanted.tokenLabel));
      const { label, algorithm, signatureAlgorithm, spki } = made;
      keys.push({ role, label, algorithm, signatureAlgorithm, spkiSha256: sha256Hex(spki) });
    }
    return { nodeId: node.config.node, keys };
  } finally {
    await node.close();
  }
}

async function makeFolders({ directory, profiles, published, run }: NodePaths): Promise<void> {
  await makePrivateFolder(directory);
  for (const folder of [profiles, published, run]) {
    await mkdir(folder, { recursive: true, mode: folder === published ? 0o755 : 0o700 });
  }
  for (const profile of NODE_PROFILES) {
    const file = `${profile}.yaml`;
    await copyFile(join(TEMPLATES, 'profiles', file), join(profiles, file));
  }
}

async function hasKeys(directory: string, surroundings: Surroundings): Promise<boolean> {
  const node = await SubCaNode.open(directory, surroundings);
  try {
    const known = await Promise.all(KEY_ROLES.map((role) => readKey(node.read, role)));
    return known.some((key) => key !== undefined);
  } finally {
    await node.close();
  }
}

async function configValues(options: InitOptions): Promise<Readonly<Record<string, unknown>>> {
  const organisation = await findOrganisation(options.organisationCode);
  const { code, name, place } = organisation;
  const { module, tokenLabel, pin, host, registryUrl, publicPort, database, otherTokens = {} } = options;
  const places = Object.entries(otherTokens);
  const all = [{ label: tokenLabel, pin }, ...Object.values(otherTokens)];
  const distinct = all.filter(({ label }, at) => all.findIndex((token) => token.label === label) === at);
  return {
    organisation: { code, name, place },
    node: options.nodeId ?? `${code.toLowerCase()}-1`,
    host,
    'hsm.module': module,
    'hsm.tokens': distinct,
    token: tokenLabel,
    ...(places.length > 0 && {
      tokens: Object.fromEntries(places.map(([role, { label }]) => [role, label])),
    }),
    ...(registryUrl !== undefined && { registry: { url: registryUrl } }),
    ...(publicPort !== undefined && { 'public.port': publicPort }),
    ...(database !== undefined && { database }),
    ...(options.keyCeremony === true && { keyCeremony: true }),
  };
}
