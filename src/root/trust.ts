/** Operators and the trust statement that names them. */
import { commonTables, readKeys, storeDocument, type StoredKey } from '../db';
import {
  checkExternalRoot,
  externalRootsOf,
  openTrustStatement,
  payloadOf,
  TRUST_PAYLOAD_TYPE,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { sealEnvelope } from '../envelope';
import type { PinSource } from '../hsm';
import { makeKey } from '../keyring';
import { formatName, namesEqual, type Certificate } from '../x509';
import { RootError } from './errors';
import { keyOf } from './init';
import type { RootCa } from './root';

const DAY = 86_400_000;
const ROLE = 'operator-';

export interface Operator {
  readonly name: string;
  readonly key: StoredKey;
}

export async function listOperators(root: RootCa): Promise<readonly Operator[]> {
  const keys = await readKeys(root.read);
  return keys
    .filter(({ role }) => role.startsWith(ROLE))
    .map((key) => ({ name: key.role.slice(ROLE.length), key }));
}

/** Makes an operator's key in the operator's own token. @throws RootError `OPERATOR_EXISTS`, `OPERATOR_TOKEN_SHARED` */
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
  await makeKey(root.store, root.tokens, keyOf(root, `${ROLE}${name}`, token, 'p-256'), pin);
}

export interface TrustChanges {
  readonly threshold: number;
  readonly validDays: number;
  /** An external root beside those of the statement before. */
  readonly addExternal?: Certificate | undefined;
  /** SHA-256 of an external root that is not to be named any more. */
  readonly dropExternal?: string | undefined;
}

/**
 * Signs the next trust statement with the root CA key.
 * @throws RootError `THRESHOLD_IMPOSSIBLE`, `EXTERNAL_ROOT_UNFIT`, `EXTERNAL_ROOT_UNKNOWN`
 */
export async function signTrust(
  root: RootCa,
  { threshold, validDays, addExternal, dropExternal }: TrustChanges,
): Promise<SignedDocument<TrustStatement>> {
  const operators = await listOperators(root);
  if (threshold < 1 || threshold > operators.length) {
    throw new RootError('THRESHOLD_IMPOSSIBLE', { threshold, operators: operators.length });
  }
  const certificate = await root.certificate();
  const current = (await root.trustStatements()).at(-1);
  const registry = (await readKeys(root.read)).find(({ role }) => role === 'registry');
  if (registry === undefined) throw new RootError('KEY_MISSING', { role: 'registry' });
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
    threshold,
    registry: { name: root.config.registry.name, spki: registry.spki.toString('base64') },
    externalRoots: externalRoots.map(({ der }) => der.toString('base64')),
  };
  const signer = await root.signer('root');
  const envelope = await sealEnvelope(TRUST_PAYLOAD_TYPE, payloadOf(statement), [signer]);
  // Opened as a node will open it, before it is stored.
  const opened = openTrustStatement(envelope, certificate, now, current);
  const { version } = opened.value;
  await root.store.transaction((tx) =>
    storeDocument(
      commonTables(tx),
      { kind: 'trust-statement', subject: '', version, sha256: opened.sha256, bytes: envelope },
      now,
    ),
  );
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
