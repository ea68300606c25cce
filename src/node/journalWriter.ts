/**
 * The node's one way to its journals. Proposals that wait together share a durable transaction (group commit); each is
 * run against the journal's true state inside it, and resolved only after the commit.
 */
import { commonTables, type Database, type NodeSchema } from '../db';
import { quotaKeys, type Authority } from '../delegation';
import type { Needs } from '../ledger';
import { generationOf, type Generation } from './delegation';
import type { SubCaNode } from './node';
import { PendingTurn, type NodeTurn } from './nodeTurn';

/** Proposals in one transaction: bounds how long other processes wait for their turn. */
const MAX_PROPOSALS = 256;
export interface Proposal<T> {
  /** Whose journal is meant; that of the newest CA key if not given. */
  readonly epoch?: number;
  readonly needs: Partial<Needs>;
  /** Profiles whose counters will be asked for. */
  readonly profiles?: readonly string[];
  /** Runs synchronously; what it throws refuses this proposal alone. */
  readonly run: (turn: NodeTurn) => T;
  /** What follows from it in the journal of an earlier CA key, in the same transaction. */
  readonly after?: Aftermath;
}

/** Done to an earlier journal if its proposal was taken; what it throws undoes the whole transaction. */
export interface Aftermath {
  readonly epoch: number;
  readonly needs: Partial<Needs>;
  readonly run: (turn: NodeTurn) => void;
}

interface Waiting {
  readonly proposal: Proposal<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Outcome {
  readonly settle: () => void;
  readonly after?: Aftermath | undefined;
}

export class JournalWriter {
  readonly #queue: Waiting[] = [];
  #draining = false;

  constructor(private readonly node: SubCaNode) {}

  /** @throws what the proposal throws, or DbError when the transaction failed: then nothing was written */
  submit<T>(proposal: Proposal<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ proposal, resolve: resolve as (result: unknown) => void, reject });
      if (!this.#draining) void this.#drain();
    });
  }

  /** The generation whose journal a serial number names. @returns `undefined` if it is of none here */
  async generationOf(serialNumber: string): Promise<Generation | undefined> {
    return generationOf(await this.node.delegation(), serialNumber);
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_PROPOSALS);
      try {
        const outcomes = await this.node.store.transaction((tx) => this.#runAll(tx, batch));
        for (const { settle } of outcomes) settle();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#draining = false;
  }

  async #runAll(tx: Database<NodeSchema>, batch: readonly Waiting[]): Promise<readonly Outcome[]> {
    // Read in the transaction: another process may have taken a newer grant or the next CA key.
    const delegation = await this.node.delegation(commonTables(tx));
    const epochOf = ({ proposal }: Waiting): number => proposal.epoch ?? delegation.epoch;
    for (const epoch of batch.map(epochOf)) {
      if (delegation.generations.every((one) => one.epoch !== epoch))
        throw new Error(`asked to write to epoch ${String(epoch)}, which never began`);
    }
    const outcomes: Outcome[] = [];
    // Newest first: what follows from an entry is written after it.
    for (const generation of [...delegation.generations].reverse()) {
      const own = batch.filter((waiting) => epochOf(waiting) === generation.epoch);
      const after = outcomes.flatMap((outcome) => outcome.after ?? []);
      const due = after.filter(({ epoch }) => epoch === generation.epoch);
      if (own.length + due.length > 0) outcomes.push(...(await this.#runAt(tx, generation, own, due)));
    }
    return outcomes;
  }

  async #runAt(
    tx: Database<NodeSchema>,
    generation: Generation,
    batch: readonly Waiting[],
    due: readonly Aftermath[],
  ): Promise<readonly Outcome[]> {
    const proposals = [...batch.map(({ proposal }) => proposal), ...due];
    const turn = await PendingTurn.begin(this.node, tx, generation, (time) =>
      needsOf(proposals, generation.authority, time),
    );
    for (const { run } of due) run(turn);
    const outcomes = batch.map(({ proposal, resolve, reject }): Outcome => {
      const { size } = turn;
      try {
        const result = proposal.run(turn);
        return {
          after: proposal.after,
          settle: () => {
            resolve(result);
          },
        };
      } catch (error) {
        // What it has written already must not stand alone: then nothing of this transaction is done.
        if (turn.size !== size) throw error;
        return {
          settle: () => {
            reject(error);
          },
        };
      }
    });
    await turn.commit();
    return outcomes;
  }
}

function needsOf(
  proposals: readonly Pick<Proposal<unknown>, 'needs' | 'profiles'>[],
  authority: Authority,
  time: Date,
): Needs {
  const profiles = new Set(proposals.flatMap((one) => one.profiles ?? []));
  const grantIds = new Set([...authority.grants.values()].map(({ value }) => value.grantId));
  return {
    serialNumbers: proposals.flatMap(({ needs }) => needs.serialNumbers ?? []),
    intents: proposals.flatMap(({ needs }) => needs.intents ?? []),
    spkiSha256s: proposals.flatMap(({ needs }) => needs.spkiSha256s ?? []),
    predecessors: proposals.flatMap(({ needs }) => needs.predecessors ?? []),
    quotaKeys: [...grantIds].flatMap((id) =>
      [...profiles].flatMap((profile) => Object.values(quotaKeys(id, profile, time))),
    ),
  };
}
