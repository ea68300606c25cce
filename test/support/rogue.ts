/**
 * A node that breaks its own rules: over its real keys, tokens and database, but past the judge that would have
 * stopped it. It runs in the test's own process.
 */
import { randomBytes } from 'node:crypto';
import { runInThisContext } from 'node:vm';
import { Module } from 'graphene-pk11';
import { der, readDer, readSequence } from '../../src/asn1';
import { commonTables } from '../../src/db';
import {
  encodeEntry,
  serialNumberAt,
  SERIAL_RANDOM_OCTETS,
  type Entry,
  type IssuingService,
} from '../../src/journal';
import { examine, needsOf, readJournal, Turn, whole } from '../../src/ledger';
import { createLogger } from '../../src/logger';
import { SubCaNode } from '../../src/node';
import { planIssuance } from '../../src/node/issuancePlan';
import { caRole } from '../../src/node/node';
import { profileNamed, readProfiles } from '../../src/node/profiles';
import type { Signer } from '../../src/signer';
import { assembleCertificate, encodeName, readRequest, type Name } from '../../src/x509';
import { softHsmModule, type World } from './world';

const PROFILE = 'organisation';

export interface RogueCertificate {
  readonly intent: number;
  readonly serialNumber: string;
  readonly der: Buffer;
}

export class RogueNode {
  private constructor(
    private readonly node: SubCaNode,
    private readonly epoch: number,
    private readonly ca: Signer,
    /** A certificate within the grant, DER TBSCertificate. */
    private readonly template: Buffer,
  ) {}

  /**
   * Opens the world's node for the time of the work.
   * @param csr a request fit for the profile `organisation`
   * @param epoch of the CA key that signs
   */
  static async work<T>(
    world: World,
    csr: string,
    work: (rogue: RogueNode) => Promise<T>,
    epoch = 1,
  ): Promise<T> {
    useTokensOf(world);
    const node = await SubCaNode.open(world.path('node'), {
      clock: () => new Date(),
      logger: createLogger('silent'),
      random: randomBytes,
    });
    try {
      const { generations } = await node.delegation();
      const profile = profileNamed(await readProfiles(node.paths.profiles), PROFILE);
      const request = readRequest(world.read(csr));
      const asked = { service: 'issue', request, subject: [] } as const;
      // Past the issuer, which would not plan for a key that has been succeeded.
      const plan = planIssuance(
        generations.find((one) => one.epoch === epoch)!,
        profile,
        asked,
        node.now(),
      );
      return await work(new RogueNode(node, epoch, await node.signer(caRole(epoch)), plan.tbs.der));
    } finally {
      await node.close();
    }
  }

  /** Signs a certificate, and journals it whatever the judge says. */
  async issue(
    changes: {
      readonly subject?: Name;
      readonly serialNumber?: (index: number, epoch: number) => string;
      readonly service?: IssuingService;
      readonly predecessor?: string;
    } = {},
  ): Promise<RogueCertificate> {
    const { generations } = await this.node.delegation();
    const { origin, authority } = generations.find(({ epoch }) => epoch === this.epoch)!;
    return this.node.store.transaction(async (tx) => {
      const db = commonTables(tx);
      const journal = await readJournal(db, origin);
      const intent = journal.state.size;
      const serialNumber = (changes.serialNumber ?? serialNumberNaming)(intent, this.epoch);
      const { tbs, signature, der } = await this.#sign(serialNumber, changes.subject);
      const time = new Date().toISOString();
      const request = randomBytes(32).toString('hex');
      const { service = 'issue', predecessor } = changes;
      const follows = predecessor === undefined ? {} : { predecessor };
      const entries: readonly Entry[] = [
        {
          type: 'intent',
          time,
          service,
          profile: PROFILE,
          request,
          ...follows,
          tbs: tbs.toString('base64'),
        },
        { type: 'issued', time, intent, signature: signature.toString('base64') },
      ];
      const stored = whole(entries.map(encodeEntry));
      const examined = await examine({ db, journal, authority, entries: stored });
      const turn = await Turn.begin(db, journal, authority, needsOf(examined, authority));
      stored.forEach((one, at) => turn.takeHeld(one, examined[at]));
      await turn.commit();
      return { intent, serialNumber, der };
    });
  }

  /** Signs a certificate and tells nobody. @param index the journal place its serial number names */
  async hide(index: number): Promise<Buffer> {
    return (await this.#sign(serialNumberNaming(index, this.epoch))).der;
  }

  async #sign(
    serialNumber: string,
    subject?: Name,
  ): Promise<{ readonly tbs: Buffer; readonly signature: Buffer; readonly der: Buffer }> {
    // version, serialNumber, signature, issuer, validity, subject, …
    const members = readSequence(readDer(this.template, { what: 'tbs' }), 'tbs').map((member) => member.der);
    members[1] = der.unsignedInteger(Buffer.from(serialNumber, 'hex'));
    if (subject !== undefined) members[5] = encodeName(subject);
    const tbs = der.sequence(...members);
    const signature = await this.ca.sign(tbs);
    return { tbs, signature, der: assembleCertificate(tbs, this.ca.algorithm, signature) };
  }
}

/** A serial number of the form the node gives out. */
export function serialNumberNaming(index: number, epoch = 1): string {
  return serialNumberAt({ epoch, index }, randomBytes(SERIAL_RANDOM_OCTETS));
}

/**
 * Directs this process's own SoftHSM to the world's tokens. The library reads the real process's environment, of which
 * Jest gives a test file a copy, and only when it is initialised: so whoever used it before is finalised.
 */
function useTokensOf(world: World): void {
  const conf = world.path('softhsm2.conf');
  (runInThisContext('process') as NodeJS.Process).env['SOFTHSM2_CONF'] = conf;
  process.env['SOFTHSM2_CONF'] = conf;
  try {
    Module.load(softHsmModule()).finalize();
  } catch (error) {
    if (!(error as Error).message.includes('CKR_CRYPTOKI_NOT_INITIALIZED')) throw error;
  }
}
