/** The root as the party of a key ceremony: whose keys are made, its certificate, and where the sealed record is kept. */
import {
  keysIn,
  type CeremonyParty,
  type Kept,
  type Plan,
  type RehearsalStage,
  type SealedRecord,
} from '../ceremony';
import { commonTables, readDocuments } from '../db';
import type { Surroundings } from '../surroundings';
import { parseName } from '../x509';
import { makeRootCertificate, prepareRoot } from './init';
import { keyJournal } from './keys';
import { RootCa } from './root';
import { keepDocument } from './rootJournal';

export function rootCeremony(root: RootCa): CeremonyParty {
  const { config, paths } = root;
  return {
    kind: 'root',
    name: config.registry.name,
    module: config.hsm.module,
    refusedPins: paths.refusedPins,
    tokenOf: (role) => (role === 'root' || role === 'registry' ? config.tokens[role] : undefined),
    standing: () => Promise.resolve(undefined),
    ...keysIn(root.store, root.tokens, keyJournal(root)),
    certify: async (subject) =>
      (await makeRootCertificate(root, await root.signer('root'), parseName(subject))).sha256,
    keepRecord: (record) => keepRecord(root, record),
  };
}

/** A root of its own, for the time of a rehearsal. */
export async function rehearseRoot<T>(
  { module, directory }: RehearsalStage,
  plan: Plan,
  surroundings: Surroundings,
  work: (party: CeremonyParty) => Promise<T>,
): Promise<T> {
  const tokenOf = (role: string): string => plan.keys.find((key) => key.role === role)?.token ?? '';
  await prepareRoot(directory, {
    name: plan.name,
    subject: plan.certificate?.subject ?? '',
    module,
    rootToken: tokenOf('root'),
    rootPin: { prompt: true },
    registryToken: tokenOf('registry'),
    registryPin: { prompt: true },
    rootKey: 'rsa-4096',
    host: 'localhost',
    port: 8443,
    publicPort: 8081,
    keyCeremony: true,
  });
  const root = await RootCa.open(directory, surroundings);
  try {
    return await work(rootCeremony(root));
  } finally {
    await root.close();
  }
}

async function keepRecord(root: RootCa, { sha256, envelope }: SealedRecord): Promise<Kept> {
  await root.store.transaction(async (tx) => {
    const known = await readDocuments(commonTables(tx), 'ceremony');
    if (known.some((document) => document.sha256 === sha256)) return;
    const version = known.length + 1;
    await keepDocument(root, tx, { kind: 'ceremony', subject: '', version, sha256, bytes: envelope });
  });
  return { where: 'journal' };
}
