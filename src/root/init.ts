/** Making the root: directory, configuration, root and registry keys in their tokens, root certificate, HTTPS key. */
import { copyFile, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { filledConfig, makePrivateFolder, TEMPLATES, writeFileDurably } from '../config';
import { readDocuments, readKey, readNewestDocument, type DatabaseConfig, type StoredKey } from '../db';
import { requireFits, type PinSource } from '../hsm';
import { makeKey, type KeyToMake } from '../keyring';
import type { KeyAlgorithm, SignatureAlgorithm, Signer } from '../signer';
import type { Surroundings } from '../surroundings';
import {
  encodeName,
  keyIdentifier,
  parseName,
  profileExtensions,
  type Certificate,
  type Name,
} from '../x509';
import { publishRootCrl, signCertificate, wholeSeconds } from './certificates';
import { rootConfigSchema, rootPaths } from './config';
import { RootError } from './errors';
import { keyJournal, keyOf } from './keys';
import { RootCa } from './root';
import { keepDocument } from './rootJournal';
import { readProfile } from './profiles';
import { makeTlsCertificate } from './tls';

const DAY = 86_400_000;
const BACKDATING_MS = 5 * 60_000;
/** Profiles the root side begins with: its own, and those grants are made from. */
const ROOT_PROFILES = [
  'root',
  'sub-ca',
  'tls-server',
  'organisation',
  'individual',
  'device',
  'title-holder',
  'officer',
  'timestamping',
  'ocsp-responder',
] as const;

export interface RootInitOptions {
  /** Name of the registry; part of every journal's origin. */
  readonly name: string;
  /** Distinguished name of the root, e.g. `C=VN, O=…, CN=…`. */
  readonly subject: string;
  readonly module: string;
  readonly rootToken: string;
  readonly rootPin: PinSource;
  readonly registryToken: string;
  readonly registryPin: PinSource;
  readonly rootKey: KeyAlgorithm;
  /** What the root key signs with, always; default: as its type usually does. */
  readonly rootSignature?: SignatureAlgorithm | undefined;
  /** Host name or address of the registry. */
  readonly host: string;
  readonly port: number;
  readonly publicPort: number;
  /** A server in place of the file in the directory. */
  readonly database?: DatabaseConfig;
  /** The keys are not made here but at a key ceremony. */
  readonly keyCeremony?: boolean;
}

export interface MadeRoot {
  readonly certificate: Certificate;
  readonly registryUrl: string;
}

/**
 * Directory and configuration, or the options in the configuration that is there; no key.
 * @throws X509Error, ConfigError
 */
export async function prepareRoot(directory: string, options: RootInitOptions): Promise<void> {
  const paths = rootPaths(directory);
  parseName(options.subject);
  const content = await filledConfig(paths.config, 'rootca.yaml', configValues(options), rootConfigSchema);
  if (!existsSync(paths.config)) {
    await makePrivateFolder(directory);
    await mkdir(paths.profiles, { recursive: true, mode: 0o700 });
    await mkdir(paths.published, { recursive: true, mode: 0o755 });
    for (const profile of ROOT_PROFILES) {
      await copyFile(join(TEMPLATES, 'profiles', `${profile}.yaml`), join(paths.profiles, `${profile}.yaml`));
    }
    await copyFile(join(TEMPLATES, 'grant-template.yaml'), paths.grantTemplate);
  }
  await writeFileDurably(paths.config, content, 0o600);
}

/**
 * Makes a root, or finishes one whose making was cut off. Where a ceremony makes the keys, it stops before them, and
 * run again after the ceremony it finishes. Until there is a key, the options of the newest try are the ones that hold.
 * @returns undefined when the ceremony is yet to be held
 * @throws RootError `ALREADY_INITIALISED`; HsmError `SIGNATURE_NOT_FOR_KEY`; ConfigError, HsmError
 */
export async function initRoot(
  directory: string,
  options: RootInitOptions,
  surroundings: Surroundings,
): Promise<MadeRoot | undefined> {
  const { rootToken, rootKey, rootSignature } = options;
  if (rootSignature !== undefined) requireFits(rootKey, rootSignature);
  const fresh = !existsSync(rootPaths(directory).config);
  if (fresh || !(await hasKey(directory, surroundings))) await prepareRoot(directory, options);
  const root = await RootCa.open(directory, surroundings);
  try {
    const byCeremony = root.config.keyCeremony === true;
    if (existsSync(root.paths.tlsCertificate) || (options.keyCeremony === true && !byCeremony)) {
      throw new RootError('ALREADY_INITIALISED', { directory });
    }
    if (byCeremony && (await readDocuments(root.read, 'ceremony')).length === 0) return undefined;
    const make = (wanted: KeyToMake): Promise<StoredKey> =>
      makeKey(root.store, root.tokens, wanted, undefined, keyJournal(root));
    await make({ ...keyOf(root, 'root', rootToken, rootKey), signatureAlgorithm: rootSignature });
    await make(keyOf(root, 'registry', options.registryToken, 'p-256'));
    const signer = await root.signer('root');
    const certificate = await makeRootCertificate(root, signer, parseName(options.subject));
    await publishRootCrl(root, signer, certificate);
    await makeTlsCertificate(root, signer, certificate, options.host);
    return { certificate, registryUrl: root.config.registry.url };
  } finally {
    await root.close();
  }
}

async function hasKey(directory: string, surroundings: Surroundings): Promise<boolean> {
  const root = await RootCa.open(directory, surroundings);
  try {
    return (await readKey(root.read, 'root')) !== undefined;
  } finally {
    await root.close();
  }
}

function configValues(options: RootInitOptions): Readonly<Record<string, unknown>> {
  const { name, module, host, port, publicPort, rootToken, registryToken, database } = options;
  const address = isIP(host) > 0 ? host : '127.0.0.1';
  const plain = `http://${host}:${String(publicPort)}`;
  return {
    'registry.name': name,
    'registry.url': `https://${host}:${String(port)}`,
    'registry.listen': { address, port },
    'public.listen': { address, port: publicPort },
    'public.urls': { crl: [`${plain}/root.crl`], caIssuers: [`${plain}/root.crt`] },
    'hsm.module': module,
    'hsm.tokens': [
      { label: rootToken, pin: options.rootPin },
      { label: registryToken, pin: options.registryPin },
    ],
    'tokens.root': rootToken,
    'tokens.registry': registryToken,
    ...(database !== undefined && { database }),
    ...(options.keyCeremony === true && { keyCeremony: true }),
  };
}

/** The root's own certificate: signed once, and the same from then on. */
export async function makeRootCertificate(root: RootCa, signer: Signer, subject: Name): Promise<Certificate> {
  if ((await readNewestDocument(root.read, 'root-certificate')) !== undefined) return root.certificate();
  const profile = await readProfile(root, 'root');
  const begin = wholeSeconds(new Date(root.now().getTime() - BACKDATING_MS));
  const name = encodeName(subject);
  const certificate = await signCertificate(root, signer, 'root', {
    signatureAlgorithm: signer.algorithm,
    issuer: name,
    notBefore: begin,
    notAfter: new Date(begin.getTime() + profile.validity.newDays * DAY - 1000),
    subject: name,
    spki: signer.spki,
    extensions: profileExtensions(profile, {
      subjectKeyId: keyIdentifier(signer.spki),
      issuerKeyId: keyIdentifier(signer.spki),
      urls: { crl: [], ocsp: [], caIssuers: [] },
    }),
  });
  await root.store.transaction((tx) =>
    keepDocument(root, tx, {
      kind: 'root-certificate',
      subject: '',
      version: 1,
      sha256: certificate.sha256,
      bytes: certificate.der,
    }),
  );
  return certificate;
}
