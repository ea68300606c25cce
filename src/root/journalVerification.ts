/**
 * Re-reading the root's own journal: its tree, each entry by what was in force at its place, and that what the root has
 * stored is exactly what the journal tells of. Nothing signed is missing, and nothing stands beside it.
 */
import { commonTables, readDocuments, type Database, type RootSchema } from '../db';
import {
  DIRECTIVE_PAYLOAD_TYPE,
  GRANT_PAYLOAD_TYPE,
  INITIAL_STATE,
  openAcknowledgement,
  openAnswer,
  openGrant,
  openTrustStatements,
  operatorKeys,
  type SignedDocument,
  type TrustStatement,
} from '../delegation';
import { assembleEnvelope, keyId, openEnvelope, readUnverified, signaturesOf } from '../envelope';
import { decodeRootEntry, type RootEntry } from '../journal';
import { asStored, findJournal, LedgerError, verifyTree } from '../ledger';
import { sha256Hex } from '../signer';
import type { Certificate } from '../x509';
import { signaturesInForce, signersOf } from './operatorSignatures';
import { RootError } from './errors';

type EntryOf<T extends RootEntry['type']> = Extract<RootEntry, { type: T }>;

/** Kinds of documents of which only the newest is kept. */
const REPLACED = ['root-crl', 'external-crl'];

export interface VerifiedRootJournal {
  readonly origin: string;
  readonly entries: number;
  readonly rootHash: string;
}

/**
 * @param tx a snapshot
 * @param certificate the root's own
 * @throws LedgerError, RootError `STORED_DIFFERS` (category integrity) at the first thing that is not as it must be
 */
export async function verifyRootJournal(
  tx: Database<RootSchema>,
  origin: string,
  certificate: Certificate,
): Promise<VerifiedRootJournal> {
  const db = commonTables(tx);
  const journal = await findJournal(db, origin);
  if (journal === undefined) throw differs('journal of the root', 'it is missing');
  const stored = await asStored('directives', () => readStored(tx));
  const envelopes = (await readDocuments(db, 'trust-statement')).map(({ bytes }) => bytes);
  const account = new Account(stored, openTrustStatements(envelopes, certificate, undefined));
  let state = INITIAL_STATE;
  await verifyTree(db, journal, (bytes, index) => {
    try {
      const entry = decodeRootEntry(bytes);
      if (state.lastTime !== null && entry.time < state.lastTime) throw new Error('its time decreases');
      account.take(entry);
      state = { ...state, size: index + 1, lastTime: entry.time };
    } catch (cause) {
      if (cause instanceof RootError) throw cause;
      const reason = cause instanceof Error ? cause.message : 'unreadable';
      throw new LedgerError('ENTRY_DAMAGED', { origin, index, reason }, { cause });
    }
    return state;
  });
  compare(account.rows, stored.rows);
  compare(account.applicationRows(), applicationRows(stored.applications));
  return { origin, entries: state.size, rootHash: journal.rootHash.toString('hex') };
}

interface Application {
  readonly status: string;
  /** Payload of the grant. */
  readonly draft: Buffer | null;
  /** With the operators' signatures on it. */
  readonly envelope: Buffer | null;
}

/** What is stored: each row under a name, as one text that says all of it. */
type Rows = ReadonlyMap<string, string>;

interface Stored {
  readonly rows: Rows;
  readonly applications: ReadonlyMap<string, Application>;
  /** Envelopes of grants, by digest. */
  readonly grants: ReadonlyMap<string, Buffer>;
  /** Envelopes of operators' answers to applications, by digest. */
  readonly answers: ReadonlyMap<string, Buffer>;
  /** Envelopes of acknowledgements, by the number of their finding. */
  readonly acknowledgements: ReadonlyMap<number, Buffer>;
}

async function readStored(tx: Database<RootSchema>): Promise<Stored> {
  const documents = await tx
    .selectFrom('documents')
    .select(['kind', 'subject', 'version', 'sha256'])
    .execute();
  const bytesOf = async (kind: 'grant' | 'answer'): Promise<ReadonlyMap<string, Buffer>> => {
    const query = tx.selectFrom('documents').select(['sha256', 'bytes']).where('kind', '=', kind);
    return new Map((await query.execute()).map(({ sha256, bytes }) => [sha256, bytes]));
  };
  const certificates = await tx
    .selectFrom('rootCertificates')
    .select(['serialNumber', 'purpose', 'tbs', 'der', 'revokedAt', 'revocationReason'])
    .execute();
  const keys = await tx.selectFrom('keys').select(['role', 'tokenSerial', 'spki', 'retiredAt']).execute();
  const findings = await tx
    .selectFrom('findings')
    .select(['id', 'acknowledgement'])
    .where('acknowledgement', 'is not', null)
    .execute();
  const acknowledgements = findings.flatMap(({ id, acknowledgement }) =>
    acknowledgement === null ? [] : [{ id, acknowledgement }],
  );
  const nodes = await tx
    .selectFrom('nodes')
    .innerJoin('journals', 'journals.id', 'nodes.journal')
    .select(['nodes.nodeId', 'nodes.epoch', 'nodes.removedBefore', 'journals.origin'])
    .execute();
  const directives = await tx
    .selectFrom('directives')
    .select(['nodeId', 'sequence', 'envelope'])
    .where('envelope', 'is not', null)
    .execute();
  const applications = await tx
    .selectFrom('applications')
    .select(['id', 'status', 'draft', 'envelope'])
    .execute();
  return {
    rows: new Map([
      ...documents.map(documentRow),
      ...directives.map(({ nodeId, sequence, envelope }) => {
        const sha256 = sha256Hex(
          readUnverified(envelope ?? Buffer.alloc(0), DIRECTIVE_PAYLOAD_TYPE, 'directive').payload,
        );
        return documentRow({ kind: 'directive', subject: nodeId, version: sequence, sha256 });
      }),
      ...nodes.map(({ nodeId, epoch }) => nodeRow(nodeId, epoch)),
      ...nodes.flatMap(({ origin, removedBefore }) =>
        removedBefore === 0 ? [] : [removalRow(origin, removedBefore)],
      ),
      ...certificates.map(({ serialNumber, purpose, tbs, der }) =>
        certificateRow(serialNumber, [purpose, sha256Hex(tbs)], der && sha256Hex(der)),
      ),
      ...certificates.flatMap(({ serialNumber, revokedAt, revocationReason }) =>
        revokedAt === null ? [] : [revocationRow(serialNumber, revokedAt, revocationReason ?? '')],
      ),
      ...acknowledgements.map(({ id, acknowledgement }) =>
        acknowledgementRow(id, sha256Hex(acknowledgement)),
      ),
      // One without a public half was announced, and not made.
      ...keys.flatMap(({ role, tokenSerial, spki, retiredAt }) =>
        spki === null ? [] : [keyRow(role, [tokenSerial, sha256Hex(spki)], retiredAt)],
      ),
    ]),
    applications: new Map(applications.map(({ id, ...row }) => [id, row])),
    grants: await bytesOf('grant'),
    answers: await bytesOf('answer'),
    acknowledgements: new Map(acknowledgements.map(({ id, acknowledgement }) => [id, acknowledgement])),
  };
}

type Row = readonly [name: string, text: string];

function documentRow({ kind, subject, version, sha256 }: Omit<EntryOf<'document'>, 'type' | 'time'>): Row {
  return REPLACED.includes(kind)
    ? [`${kind} ${subject}`, `${String(version)} ${sha256}`]
    : [`${kind} ${subject} ${String(version)}`, sha256];
}

function nodeRow(nodeId: string, epoch: number): Row {
  return [`node ${nodeId} ${String(epoch)}`, ''];
}

function removalRow(origin: string, before: number): Row {
  return [`removal from ${origin}`, `before ${String(before)}`];
}

function certificateRow(serialNumber: string, intent: readonly string[], sha256: string | null): Row {
  return [`certificate ${serialNumber}`, [...intent, sha256 ?? 'unfinished'].join(' ')];
}

function revocationRow(serialNumber: string, revokedAt: string, reason: string): Row {
  return [`revocation ${serialNumber}`, `${revokedAt} ${reason}`];
}

function acknowledgementRow(finding: number, sha256: string): Row {
  return [`acknowledgement of finding ${String(finding)}`, sha256];
}

function keyRow(role: string, made: readonly string[], retiredAt: string | null): Row {
  return [`key ${role}`, [...made, retiredAt ?? 'in use'].join(' ')];
}

/** What the entries say must be stored. */
class Account {
  readonly rows = new Map<string, string>();
  readonly #applications = new Map<string, Application>();
  readonly #intents = new Map<string, readonly string[]>();
  readonly #keys = new Map<string, readonly string[]>();
  readonly #statements: ReadonlyMap<string, SignedDocument<TrustStatement>>;
  /** The trust statement in force at this place. */
  #trust: SignedDocument<TrustStatement> | undefined;

  constructor(
    private readonly stored: Stored,
    statements: readonly SignedDocument<TrustStatement>[],
  ) {
    this.#statements = new Map(statements.map((one) => [one.sha256, one]));
  }

  applicationRows(): Rows {
    return applicationRows(this.#applications);
  }

  /** @throws Error for an entry that cannot stand where it does; RootError for what it tells of, if that is gone */
  take(entry: RootEntry): void {
    switch (entry.type) {
      case 'document':
        this.#document(entry);
        break;
      case 'intent': {
        const intent = [entry.purpose, entry.tbsSha256];
        this.#intents.set(entry.serialNumber, intent);
        this.#add(certificateRow(entry.serialNumber, intent, null));
        break;
      }
      case 'certificate':
        this.#replace(
          certificateRow(entry.serialNumber, known(this.#intents, entry.serialNumber), entry.sha256),
        );
        break;
      case 'certificate-revoked':
        known(this.#intents, entry.serialNumber);
        this.#add(revocationRow(entry.serialNumber, entry.time, entry.reason));
        break;
      case 'acknowledged':
        this.#acknowledged(entry);
        break;
      case 'key': {
        const made = [entry.tokenSerial, entry.spkiSha256];
        this.#keys.set(entry.role, made);
        this.#add(keyRow(entry.role, made, null));
        break;
      }
      case 'removal':
        this.#replace(removalRow(entry.origin, entry.before));
        break;
      case 'key-retired':
        this.#retired(entry);
        break;
      case 'approved':
        this.#approved(entry);
        break;
      case 'rejected': {
        const application = this.#open(entry.application);
        this.#answered(entry);
        this.#applications.set(entry.application, { ...application, status: 'rejected' });
      }
    }
  }

  #retired({ role, spkiSha256, time }: EntryOf<'key-retired'>): void {
    const made = known(this.#keys, role);
    if (!made.includes(spkiSha256)) throw new Error(`key ${role} is another one`);
    this.#replace(keyRow(role, made, time));
  }

  #document(entry: EntryOf<'document'>): void {
    const { kind, subject, version, sha256 } = entry;
    const row = documentRow(entry);
    if (REPLACED.includes(kind)) this.rows.set(...row);
    else this.#add(row);
    if (kind === 'trust-statement') {
      this.#trust = this.#statements.get(sha256);
      if (this.#trust === undefined) throw differs(row[0], 'it is not the one the journal tells of');
    }
    if (kind === 'ca-certificate') this.#add(nodeRow(subject, version));
    if (kind === 'application')
      this.#applications.set(subject, { status: 'pending', draft: null, envelope: null });
    if (kind === 'grant') this.#granted(row[0], sha256);
  }

  /** Signed by enough operators of the statement that was in force when it was made. */
  #granted(what: string, sha256: string): void {
    const envelope = this.stored.grants.get(sha256);
    if (envelope === undefined) throw differs(what, 'it is not the one the journal tells of');
    openGrant(envelope, this.#inForce().value);
    for (const [id, application] of this.#applications)
      if (application.draft !== null && sha256Hex(application.draft) === sha256)
        this.#applications.set(id, { ...application, status: 'granted' });
  }

  /** A decision is what its operator, of the statement that was in force, has signed as the answer. */
  #answered(entry: EntryOf<'approved' | 'rejected'>): void {
    const envelope = this.stored.answers.get(entry.answer);
    if (envelope === undefined)
      throw differs(`answer ${entry.answer}`, 'it is gone, though the journal tells of it');
    const trust = this.#inForce();
    const { value } = openAnswer(envelope, trust.value.rootCertificateSha256);
    const same =
      value.decision === entry.type &&
      value.operator === entry.operator &&
      value.application.sha256 === entry.application &&
      value.trustStatement === trust.envelope.toString('base64') &&
      (entry.type === 'approved' || value.reason === entry.reason);
    if (!same) throw differs(`answer ${entry.answer}`, 'it is not what the journal tells of');
  }

  #approved(entry: EntryOf<'approved'>): void {
    const { application: id, operator, grant, spkiSha256, signature } = entry;
    const before = this.#open(id);
    this.#answered(entry);
    const draft = this.stored.applications.get(id)?.draft;
    if (!draft || sha256Hex(draft) !== grant)
      throw differs(`application ${id}`, 'its grant is not the one that was approved');
    const trust = this.#inForce().value;
    const key = operatorKeys(trust).find(({ name, spki }) => name === operator && keyId(spki) === spkiSha256);
    if (key === undefined) throw new Error(`${operator} was no operator then`);
    const added = { keyId: spkiSha256, signature: Buffer.from(signature, 'base64') };
    openEnvelope(assembleEnvelope(GRANT_PAYLOAD_TYPE, draft, [added]), {
      payloadType: GRANT_PAYLOAD_TYPE,
      keys: [key],
      threshold: 1,
      what: 'approval',
    });
    const counted = signaturesInForce({ payloadType: GRANT_PAYLOAD_TYPE, envelope: before.envelope }, trust);
    const signatures = [...(counted === undefined ? [] : signaturesOf(counted.envelope)), added];
    const envelope = assembleEnvelope(GRANT_PAYLOAD_TYPE, draft, signatures);
    const by = signersOf({ payloadType: GRANT_PAYLOAD_TYPE, envelope }, trust);
    const status = by.length >= trust.threshold ? 'approved' : 'pending';
    this.#applications.set(id, { status, draft, envelope });
  }

  /** By an operator of the statement that was in force. */
  #acknowledged({ finding, sha256 }: EntryOf<'acknowledged'>): void {
    const row = acknowledgementRow(finding, sha256);
    this.#add(row);
    const envelope = this.stored.acknowledgements.get(finding);
    if (envelope === undefined) throw differs(row[0], 'it is gone, though the journal tells of it');
    openAcknowledgement(envelope, [this.#inForce()]);
  }

  /** An application that can be decided on. */
  #open(id: string): Application {
    const application = known(this.#applications, id);
    if (application.status === 'pending' || application.status === 'approved') return application;
    throw new Error(`${id} was ${application.status} already`);
  }

  #inForce(): SignedDocument<TrustStatement> {
    if (this.#trust === undefined) throw new Error('no trust statement was in force');
    return this.#trust;
  }

  #add([name, text]: Row): void {
    if (this.rows.has(name)) throw new Error(`${name} is told of twice`);
    this.rows.set(name, text);
  }

  #replace([name, text]: Row): void {
    if (this.rows.get(name) === text) throw new Error(`${name} is told of twice`);
    this.rows.set(name, text);
  }
}

function known<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new Error(`nothing was told of ${name} before`);
  return value;
}

function applicationRows(applications: ReadonlyMap<string, Application>): Rows {
  const digest = (bytes: Buffer | null): string => (bytes === null ? '—' : sha256Hex(bytes));
  return new Map(
    [...applications].map(([id, { status, draft, envelope }]) => [
      `application ${id}`,
      [status, digest(draft), digest(envelope)].join(' '),
    ]),
  );
}

/** @throws RootError `STORED_DIFFERS` */
function compare(told: Rows, stored: Rows): void {
  for (const [name, text] of told) {
    const found = stored.get(name);
    if (found === undefined) throw differs(name, 'it is gone, though the journal tells of it');
    if (found !== text) throw differs(name, 'it is not what the journal tells of');
  }
  for (const name of stored.keys())
    if (!told.has(name)) throw differs(name, 'the journal does not tell of it');
}

function differs(what: string, reason: string): RootError {
  return new RootError('STORED_DIFFERS', { what, reason });
}
