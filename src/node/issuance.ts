/** Issuance: the six steps, in their order, each durable before the next. */
import {
  allowedByLease,
  checkQuota,
  checkSuccession,
  DelegationError,
  isRevocable,
  leaseOver,
  KeyHistory,
  quotaKeys,
  type QuotaUse,
} from '../delegation';
import type { Problem } from '../errors';
import { placeOfSerialNumber, serialNumberAt, SERIAL_RANDOM_OCTETS } from '../journal';
import {
  journalledCertificate,
  readJournal,
  readKeyHolders,
  readQuota,
  readRecords,
  recordOf,
} from '../ledger';
import { verifySignatureAside, type Signer } from '../signer';
import { assembleCertificate, withSerialNumber, type TbsCertificate } from '../x509';
import { requireCaInForce } from './caStanding';
import { grantAt, type Generation } from './delegation';
import { NodeError } from './errors';
import { requireIssuing } from './issuanceState';
import { describeRequest, planIssuance, type IssuancePlan, type IssuanceRequest } from './issuancePlan';
import type { JournalWriter } from './journalWriter';
import { KeyChecks } from './keyChecks';
import { leaseStatus, logLease, type LeaseStatus } from './lease';
import { IssuanceLint } from './lint';
import { requireMirror, requireMirrored } from './mirroring';
import { caRole, type SubCaNode } from './node';
import type { NodeTurn } from './nodeTurn';
import { requireNotQuarantined, requireWholeHistory } from './quarantine';
import { profileNamed, readProfiles, type Profiles } from './profiles';

export interface IssuedCertificate {
  readonly serialNumber: string;
  readonly der: Buffer;
  /** Set when the very same request had been issued before: nothing new was made. */
  readonly existing: boolean;
}

/** What the very same request led to before: its certificate, or why it is not certified once more. */
export type EarlierOutcome = IssuedCertificate | NodeError<'CERTIFICATE_ENDED'>;

interface Reservation {
  readonly intent: number;
  readonly serialNumber: string;
  readonly tbs: TbsCertificate;
}

export class Issuer {
  /** Plans that the administrator's own linter let pass. */
  readonly #linted = new WeakSet<IssuancePlan>();

  private constructor(
    readonly node: SubCaNode,
    private readonly journal: JournalWriter,
    private readonly generation: Generation,
    private readonly profiles: Profiles,
    private readonly ca: Signer,
    private readonly keyChecks: KeyChecks,
    private readonly owner: string,
    private readonly lint: IssuanceLint,
    /** Whether certificates wait for the mirror: status answers must not depend on it. */
    private readonly mirrored: boolean,
    /** As it stood when this was opened; the reserving transaction looks again. */
    readonly lease: LeaseStatus | undefined,
  ) {}

  /**
   * @param whose for the node's own keys, the administrator's linter is not asked: status answers must not depend on it
   * @param epoch of the CA key that signs; the newest if not given, and of an older one only its own OCSP certificate
   * @throws NodeError `QUARANTINED`, `CA_CERTIFICATE_REVOKED`; LedgerError `MIRROR_UNAVAILABLE`
   */
  static async open(
    node: SubCaNode,
    journal: JournalWriter,
    whose: 'subscribers' | 'own' = 'subscribers',
    epoch?: number,
  ): Promise<Issuer> {
    await requireNotQuarantined(node);
    if (whose === 'subscribers') {
      requireMirror(node);
      await requireCaInForce(node);
      await requireWholeHistory(node);
    }
    const delegation = await node.delegation();
    if (whose === 'subscribers') requireIssuing(delegation.directives.issuance);
    const generation = delegation.generations.find((one) => one.epoch === epoch) ?? delegation;
    const profiles = await readProfiles(node.paths.profiles);
    const ca = await node.signer(caRole(generation.epoch));
    const { config, surroundings } = node;
    const external = whose === 'own' ? undefined : config.lint?.external;
    const lint = await IssuanceLint.open(external, generation.caCertificate, surroundings.logger);
    const keyChecks = await KeyChecks.open(node);
    const lease = await leaseStatus(node, generation);
    if (whose === 'subscribers') logLease(node, lease);
    const { name } = await node.life();
    const isMirrored = whose === 'subscribers';
    return new Issuer(node, journal, generation, profiles, ca, keyChecks, name, lint, isMirrored, lease);
  }

  /**
   * Steps 1 and 2: profile, subject, extensions, validity, the grant's verdict on all but the quota, and that of the
   * lint. Nothing is spent yet.
   * @throws NodeError `LEASE_OVER`, `CA_KEY_SUCCEEDED`, `LINT_FAILED`, `KEY_OF_NODE`, `KEY_KNOWN_WEAK`, `WEAK_KEYS_UNREADABLE`, and those of `planIssuance`
   */
  plan(profile: string, asked: IssuanceRequest): IssuancePlan {
    if (asked.ownKey !== true) {
      this.keyChecks.requireSubscribersKey(asked.request.publicKey);
      this.#requireMayIssue(asked);
    }
    const plan = planIssuance(this.generation, profileNamed(this.profiles, profile), asked, this.node.now());
    this.lint.check(plan.tbs.der, profile);
    return plan;
  }

  #requireMayIssue({ service }: IssuanceRequest): void {
    if (this.generation.authority.sealedAt !== undefined) throw new NodeError('CA_KEY_SUCCEEDED', {});
    const now = this.node.now().toISOString();
    if (this.lease === undefined || allowedByLease(this.lease, service, now)) return;
    const { problems } = leaseOver(this.lease, service, now);
    throw new NodeError('LEASE_OVER', {}, { problems });
  }

  /**
   * Has the administrator's own linter judge a plan, if there is one, and once only: a batch asks for every row before
   * it issues the first.
   * @throws NodeError `LINTER_REFUSED`, `LINTER_TIMED_OUT`, `LINTER_UNUSABLE`
   */
  async lintOutside(plan: IssuancePlan): Promise<void> {
    if (this.#linted.has(plan)) return;
    await this.lint.checkOutside(plan.tbs);
    this.#linted.add(plan);
  }

  /** The `request` that a plan for the same would have; nothing is judged. */
  requestOf(profile: string, asked: IssuanceRequest): string {
    const grant = grantAt(this.generation, this.node.now());
    return describeRequest(grant, profileNamed(this.profiles, profile), asked).request;
  }

  /** What the grant says to one more certificate of the profile. */
  checkQuota(profile: string, used: QuotaUse): readonly Problem[] {
    return checkQuota(grantAt(this.generation, this.node.now()), profile, used);
  }

  /** What is counted under the grant now, for planning; the reserving transaction counts again. */
  async quotaUse(profile: string): Promise<QuotaUse> {
    const keys = quotaKeys(this.generation.grant.value.grantId, profile, this.node.now());
    const journal = await this.node.read
      .selectFrom('journals')
      .select('id')
      .where('origin', '=', this.generation.origin)
      .executeTakeFirst();
    const used = await readQuota(this.node.read, journal?.id ?? 0, Object.values(keys));
    const count = (key: string): number => used.get(key) ?? 0;
    return { total: count(keys.total), day: count(keys.day), profile: count(keys.profile) };
  }

  /**
   * What equal plans led to before, by the plans' `request`, whichever CA key signed: the certificate in force, which a
   * command that was cut off after step 5 hands out when it is run again; or an error that names the one that was
   * revoked or suspended since, because who repeats an old batch does not mean to undo that.
   */
  async findEarlier(
    plans: readonly Pick<IssuancePlan, 'request'>[],
  ): Promise<ReadonlyMap<string, EarlierOutcome>> {
    const requests = [...new Set(plans.map(({ request }) => request))];
    const found = new Map<string, EarlierOutcome>();
    for (const { origin } of (await this.node.delegation()).generations) {
      const { id } = await readJournal(this.node.read, origin);
      for (const record of await readRecords(this.node.read, id, 'request', requests)) {
        const { request, serialNumber, issuedIndex, status, statusTime, notAfter } = record;
        if (status === 'issued' && Date.parse(notAfter) > this.node.now().getTime()) {
          const der = await readIssued(this.node, id, serialNumber);
          await this.#requireMirrored(origin, issuedIndex ?? 0);
          found.set(request, { serialNumber, der, existing: true });
        } else if ((status === 'revoked' || status === 'suspended') && !found.has(request)) {
          const params = { serialNumber, status, since: statusTime };
          found.set(request, new NodeError('CERTIFICATE_ENDED', params));
        }
      }
    }
    return found;
  }

  /** What the node's journals say of the plans' keys now, by SHA-256; the reserving transaction looks again. */
  async keyHistories(plans: readonly IssuancePlan[]): Promise<Map<string, KeyHistory>> {
    const histories = new Map(plans.map(({ tbs }) => [tbs.publicKey.spkiSha256, new KeyHistory()]));
    for (const { origin } of (await this.node.delegation()).generations) {
      const { id } = await readJournal(this.node.read, origin);
      for (const record of await readKeyHolders(this.node.read, id, [...histories.keys()])) {
        histories.get(record.spkiSha256)?.add(record);
      }
    }
    return histories;
  }

  /**
   * Steps 3 to 5.
   * @throws DelegationError `OUTSIDE_GRANT` when the grant refuses after all; HsmError when the token does: the
   * certificate is abandoned then; NodeError `TBS_CHANGED`, `SIGNATURE_WRONG`, `KEY_REUSED`, `KEY_COMPROMISED`,
   * `CA_KEY_SUCCEEDED`, `ISSUANCE_SUSPENDED`, `ISSUANCE_WITHDRAWN`, and those of `lintOutside`; LedgerError
   * `MIRROR_UNAVAILABLE`
   */
  async issue(plan: IssuancePlan): Promise<IssuedCertificate> {
    plan.spend();
    const { epoch } = this.generation;
    await this.lintOutside(plan);
    const predecessors = plan.succession === undefined ? [] : [plan.succession.serialNumber];
    // 3. Reserve: index, serial number, quota and the complete TBS bytes, in one durable transaction.
    const reservation = await this.journal.submit<Reservation>({
      epoch,
      needs: { spkiSha256s: [plan.tbs.publicKey.spkiSha256], predecessors },
      profiles: [plan.profile],
      run: (turn) => this.#reserve(turn, plan),
    });
    // 4. Sign what was judged and linted, and trust the token's answer only after checking it.
    const signature = await this.#sign(reservation, plan);
    // 5. Record. Only after this commit, and when the mirror has it, may anyone see the certificate; in it, what was
    // replaced is revoked.
    const earlier = earlierEpoch(plan, epoch);
    const issued = await this.journal.submit({
      epoch,
      needs: { intents: [reservation.intent], predecessors },
      run: (turn) => {
        const fields = { intent: reservation.intent, signature: signature.toString('base64') };
        const index = turn.append({ type: 'issued', ...fields }, { signatureValid: true });
        turn.settle(reservation.intent);
        if (earlier === undefined) revokeReplaced(turn, plan);
        return index;
      },
      ...(earlier !== undefined && {
        after: {
          epoch: earlier,
          needs: { predecessors },
          run: (turn) => {
            revokeReplaced(turn, plan);
          },
        },
      }),
    });
    await this.#requireMirrored(this.generation.origin, issued);
    const der = assembleCertificate(reservation.tbs.der, this.ca.algorithm, signature);
    return { serialNumber: reservation.serialNumber, der, existing: false };
  }

  async #requireMirrored(origin: string, index: number): Promise<void> {
    if (this.mirrored) await requireMirrored(this.node, origin, index);
  }

  #reserve(turn: NodeTurn, plan: IssuancePlan): Reservation {
    const intent = turn.size;
    const place = { epoch: turn.authority.epoch, index: intent };
    const serialNumber = serialNumberAt(place, this.node.surroundings.random(SERIAL_RANDOM_OCTETS));
    const tbs = withSerialNumber(plan.tbs, serialNumber);
    const { service, profile, request, succession } = plan;
    const follows = succession && { predecessor: succession.serialNumber };
    requirePlanned(tbs, plan);
    requireInForceStill(turn, plan);
    turn.append(
      { type: 'intent', service, profile, request, ...follows, tbs: tbs.der.toString('base64') },
      { tbs },
    );
    turn.reserve(intent, this.owner);
    return { intent, serialNumber, tbs };
  }

  async #sign({ intent, serialNumber, tbs }: Reservation, plan: IssuancePlan): Promise<Buffer> {
    try {
      requirePlanned(tbs, plan);
      // What is signed must not be lost with this disk.
      await this.#requireMirrored(this.generation.origin, intent);
      const signature = await this.ca.sign(tbs.der);
      const { key } = this.generation.caCertificate.tbs.publicKey;
      if (await verifySignatureAside(this.ca.algorithm, key, tbs.der, signature)) return signature;
      throw new NodeError('SIGNATURE_WRONG', { serialNumber });
    } catch (error) {
      // Unless it had changed, it may have been signed: its serial number must go on the CRL.
      await abandon(this.journal, this.generation.epoch, intent);
      throw error;
    }
  }
}

/** What is journalled, and what is signed, is what was judged and linted. @throws NodeError `TBS_CHANGED` */
function requirePlanned(tbs: TbsCertificate, plan: IssuancePlan): void {
  if (!plan.isOf(tbs)) throw new NodeError('TBS_CHANGED', { serialNumber: tbs.serialNumber });
}

/** The epoch whose journal tells of the predecessor to be revoked. @returns `undefined` if it is the present one, or none */
function earlierEpoch({ succession, replacing }: IssuancePlan, epoch: number): number | undefined {
  if (succession === undefined || replacing === undefined) return undefined;
  const own = placeOfSerialNumber(succession.serialNumber)?.epoch;
  return own === epoch ? undefined : own;
}

/**
 * The judge holds a successor to what every journal knows for certain of a predecessor of an earlier CA key; here it is
 * known as it stands, on hold or not.
 * @throws DelegationError `OUTSIDE_GRANT`
 */
function requireInForceStill(turn: NodeTurn, { service, profile, tbs, succession }: IssuancePlan): void {
  if (succession === undefined) return;
  const { serialNumber } = succession;
  const predecessor = turn.lookups.earlier.bySerialNumber(serialNumber);
  if (predecessor === undefined) return;
  const successor = { service, profile, tbs, time: turn.time };
  const problems = checkSuccession(successor, { serialNumber, predecessor, successors: [] });
  if (problems.length > 0)
    throw new DelegationError('OUTSIDE_GRANT', { violations: problems.length }, { problems });
}

/** Revokes the predecessor, unless somebody did in the meantime and nothing more is to be told. */
function revokeReplaced(turn: NodeTurn, { succession, replacing }: IssuancePlan): void {
  if (succession === undefined || replacing === undefined) return;
  const { serialNumber } = succession;
  const record = turn.lookups.bySerialNumber(serialNumber);
  if (record === undefined || !isRevocable(record, replacing.reason)) return;
  turn.append({ type: 'revoked', serialNumber, ...replacing });
}

/** Closes an intent that will never be signed, unless it is closed already: taking the next CA key closes them all. */
export async function abandon(journal: JournalWriter, epoch: number, intent: number): Promise<void> {
  await journal.submit({
    epoch,
    needs: { intents: [intent] },
    run: (turn) => {
      if (turn.lookups.byIntent(intent)?.status !== 'reserved') return;
      turn.append({ type: 'abandoned', intent });
      turn.settle(intent);
    },
  });
}

/**
 * The certificate with this serial number, put together from its two journal entries.
 * @throws NodeError `CERTIFICATE_UNKNOWN` also for an intent that was never signed
 */
export async function readIssued(node: SubCaNode, journal: number, serialNumber: string): Promise<Buffer> {
  const row = await node.read
    .selectFrom('certificates')
    .selectAll()
    .where('journal', '=', journal)
    .where('serialNumber', '=', serialNumber)
    .executeTakeFirst();
  const record = row && recordOf(row);
  const issuedIndex = record?.issuedIndex ?? null;
  if (record === undefined || issuedIndex === null)
    throw new NodeError('CERTIFICATE_UNKNOWN', { serialNumber });
  const der = await journalledCertificate(node.read, journal, record.intentIndex, issuedIndex);
  if (der !== undefined) return der;
  throw new NodeError('PUBLISHED_DIFFERS', { what: serialNumber, reason: 'its journal entries are damaged' });
}
