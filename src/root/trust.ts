/** Operators, and the trust statements that name them: what is changed here takes effect with the next one signed. */
import { commonTables, readNewestDocument, retireKey, type StoredKey } from '../db';
import {
  checkExternalRoot,
  DelegationError,
  externalRootsOf,
  openTrustStatement,
  operatorKeys,
  payloadOf,
  TRUST_PAYLOAD_TYPE,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { sealEnvelope, type VerificationKey } from '../envelope';
import type { PinSource } from '../hsm';
import { sha256Hex, type Signer } from '../signer';
import { formatName, namesEqual, type Certificate } from '../x509';
import { RootError } from './errors';
import { keysByRole, makeNextKey } from './keys';
import type { RootCa } from './root';
import { journalise, keepDocument } from './rootJournal';
import { differencesOf, type TrustDifference } from './trustDifferences';

const DAY = 86_400_000;
const ROLE = 'operator-';
const REGISTRY = 'registry';

export interface Operator {
  readonly name: string;
  readonly key: StoredKey;
}

/** Those whom the next trust statement will name. */
export async function listOperators(root: RootCa): Promise<readonly Operator[]> {
  const operators: Operator[] = [];
  for (const [role, keys] of await keysByRole(root)) {
    const key = keys.at(-1);
    if (role.startsWith(ROLE) && key?.retiredAt === null)
      operators.push({ name: role.slice(ROLE.length), key });
  }
  return operators;
}

/**
 * Makes an operator's key in the operator's own token. One who was removed may come back: with a new key.
 * @throws RootError `OPERATOR_EXISTS`, `OPERATOR_TOKEN_SHARED`; HsmError
 */
export async function addOperator(root: RootCa, name: string, token: string, pin: PinSource): Promise<void> {
  for (const operator of await listOperators(root)) {
    if (operator.name === name) throw new RootError('OPERATOR_EXISTS', { name });
    if (operator.key.tokenLabel === token) {
      throw new RootError('OPERATOR_TOKEN_SHARED', { name: operator.name, token });
    }
  }
  const { root: rootToken, registry } = root.config.tokens;
  if (token === rootToken || token === registry)
    throw new RootError('OPERATOR_TOKEN_SHARED', { name: 'root', token });
  await makeNextKey(root, `${ROLE}${name}`, token, pin);
}

/** Needs no token: also for an operator who has lost theirs. @throws RootError `OPERATOR_UNKNOWN` */
export async function removeOperator(root: RootCa, name: string, reason: string): Promise<void> {
  const operators = await listOperators(root);
  const operator = operators.find((one) => one.name === name);
  const known = operators.map((one) => one.name).join(', ') || '—';
  if (operator === undefined) throw new RootError('OPERATOR_UNKNOWN', { name, known });
  const { role, spki } = operator.key;
  await root.store.transaction(async (tx) => {
    const spkiSha256 = sha256Hex(spki);
    const time = await journalise(root, tx, { type: 'key-retired', role, spkiSha256, reason });
    if (!(await retireKey(commonTables(tx), role, time)))
      throw new RootError('OPERATOR_UNKNOWN', { name, known });
  });
}

/**
 * The signer of an operator whom the trust statement in force names, by the very key it names.
 * @throws RootError `OPERATOR_NOT_TRUSTED`, `KEY_MISSING`; HsmError
 */
export async function operatorSigner(
  root: RootCa,
  trust: SignedDocument<TrustStatement>,
  name: string,
  pin: PinSource | undefined,
): Promise<Signer> {
  return root.signerOf(requireOperator(trust, name), pin);
}

/** @throws RootError `OPERATOR_NOT_TRUSTED` */
export function requireOperator({ value }: SignedDocument<TrustStatement>, name: string): VerificationKey {
  const trusted = operatorKeys(value).find((operator) => operator.name === name);
  if (trusted !== undefined) return trusted;
  const known = value.operators.map((operator) => operator.name).join(', ');
  throw new RootError('OPERATOR_NOT_TRUSTED', { name, known });
}

/**
 * Makes the next registry key on the token that the configuration names. Until a trust statement names it, the one in
 * force goes on signing receipts.
 * @throws RootError `NO_TRUST_STATEMENT`, `REGISTRY_KEY_PENDING`; HsmError
 */
export async function rekeyRegistry(
  root: RootCa,
  reason: string,
  pin: PinSource | undefined,
): Promise<StoredKey> {
  const { registry, version } = (await root.trust()).value;
  const newest = await newestRegistryKey(root);
  if (newest.spki.toString('base64') !== registry.spki)
    throw new RootError('REGISTRY_KEY_PENDING', { version });
  return makeNextKey(root, REGISTRY, root.config.tokens.registry, pin, reason);
}

/** @throws RootError `KEY_MISSING` */
async function newestRegistryKey(root: RootCa): Promise<StoredKey> {
  const newest = (await keysByRole(root)).get(REGISTRY)?.at(-1);
  if (newest === undefined) throw new RootError('KEY_MISSING', { role: REGISTRY });
  return newest;
}

export interface TrustChanges {
  /** The one in force goes on if it is not given. */
  readonly threshold?: number | undefined;
  readonly validDays: number;
  /** An external root beside those of the statement before. */
  readonly addExternal?: Certificate | undefined;
  /** SHA-256 of an external root that is not to be named any more. */
  readonly dropExternal?: string | undefined;
}

/** The next trust statement, before it is signed. */
export interface TrustDraft {
  readonly statement: TrustStatement;
  readonly current: SignedDocument<TrustStatement> | undefined;
  /** What it changes in the one in force. */
  readonly differences: readonly TrustDifference[];
}

/**
 * @throws RootError `THRESHOLD_MISSING`, `THRESHOLD_IMPOSSIBLE`, `EXTERNAL_ROOT_UNFIT`, `EXTERNAL_ROOT_UNKNOWN`,
 * `KEY_MISSING`
 */
export async function draftTrust(root: RootCa, changes: TrustChanges): Promise<TrustDraft> {
  const draft = await nextTrust(root, changes);
  const { threshold, operators } = draft.statement;
  if (threshold < 1 || threshold > operators.length) {
    throw new RootError('THRESHOLD_IMPOSSIBLE', { threshold, operators: operators.length });
  }
  return draft;
}

/** The next trust statement as it would be, whether or not its threshold can be met. */
export async function nextTrust(
  root: RootCa,
  { threshold, validDays, addExternal, dropExternal }: TrustChanges,
): Promise<TrustDraft> {
  const current = (await root.trustStatements()).at(-1);
  const wanted = threshold ?? current?.value.threshold;
  if (wanted === undefined) throw new RootError('THRESHOLD_MISSING', {});
  const certificate = await root.certificate();
  const operators = await listOperators(root);
  const registry = await newestRegistryKey(root);
  const now = root.now();
  const known = current === undefined ? [] : externalRootsOf(current.value);
  if (dropExternal !== undefined) findExternalRoot(known, dropExternal);
  const kept = known.filter(({ sha256 }) => sha256 !== dropExternal);
  if (addExternal !== undefined) requireExternalRoot(addExternal, [certificate, ...kept], now);
  const externalRoots = addExternal === undefined ? kept : [...kept, addExternal];
  const statement: TrustStatement = {
    version: (current?.value.version ?? 0) + 1,
    previous: current?.sha256 ?? null,
    issuedAt: now.toISOString(),
    validUntil: new Date(now.getTime() + validDays * DAY).toISOString(),
    rootCertificateSha256: certificate.sha256,
    operators: operators.map(({ name, key }) => ({ name, spki: key.spki.toString('base64') })),
    threshold: wanted,
    registry: { name: root.config.registry.name, spki: registry.spki.toString('base64') },
    externalRoots: externalRoots.map(({ der }) => der.toString('base64')),
  };
  return { statement, current, differences: differencesOf(current?.value, statement) };
}

/** Signs a drafted statement with the root CA key; it is in force from then on. @throws DelegationError `TRUST_SEQUENCE`; HsmError */
export async function signTrust(
  root: RootCa,
  { statement, current }: TrustDraft,
): Promise<SignedDocument<TrustStatement>> {
  const certificate = await root.certificate();
  const envelope = await sealEnvelope(TRUST_PAYLOAD_TYPE, payloadOf(statement), [await root.signer('root')]);
  // Opened as a node will open it, before it is stored.
  const opened = openTrustStatement(envelope, certificate, root.now(), current);
  const { version } = opened.value;
  const kind = 'trust-statement';
  await root.store.transaction(async (tx) => {
    // Another one may have been signed since this one was drafted and shown.
    const newest = await readNewestDocument(commonTables(tx), kind);
    if (newest?.sha256 !== current?.sha256)
      throw new DelegationError('TRUST_SEQUENCE', { found: version, expected: (newest?.version ?? 0) + 1 });
    await keepDocument(root, tx, { kind, subject: '', version, sha256: opened.sha256, bytes: envelope });
  });
  return opened;
}

/** @param others roots that are trusted beside it: verifiers keep CRLs by the name of their issuer */
function requireExternalRoot(certificate: Certificate, others: readonly Certificate[], now: Date): void {
  const { subject } = certificate.tbs;
  const problems = [...checkExternalRoot(certificate, now)];
  if (others.some((other) => namesEqual(other.tbs.subject, subject)))
    problems.push({ code: 'DUPLICATE', where: 'subject', found: formatName(subject), allowed: '1 ×' });
  if (problems.length === 0) return;
  const name = formatName(subject);
  throw new RootError('EXTERNAL_ROOT_UNFIT', { name, count: problems.length }, { problems });
}

/** @throws RootError `EXTERNAL_ROOT_UNKNOWN` */
export function findExternalRoot(known: readonly Certificate[], sha256: string): Certificate {
  const found = known.find((one) => one.sha256 === sha256);
  if (found !== undefined) return found;
  const named = known.map((one) => one.sha256).join(', ') || '—';
  throw new RootError('EXTERNAL_ROOT_UNKNOWN', { found: sha256, known: named });
}
