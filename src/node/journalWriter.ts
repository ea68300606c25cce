/**
 * The node's one way to its journals. Proposals that wait together share a durable transaction (group commit); each is
 * run against the journal's true state inside it, and resolved only after the commit, when the mirror has followed it.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';
import { commonTables, type Database, type NodeSchema } from '../db';
import { quotaKeys, type Authority } from '../delegation';
import type { Needs } from '../ledger';
import { generationOf, type Generation } from './delegation';
import { followMirror } from './mirroring';
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
  /** Runs synchronously, once more if another proposal of the transaction fails; what it throws refuses this one alone. */
  readonly run: (turn: NodeTurn) => T;
  /** What follows from it in the journal of an earlier CA key, in the same transaction. */
  readonly after?: Aftermath;
}

/** Done to an earlier journal if its proposal was taken; what it throws refuses both. */
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
  readonly waiting: Waiting;
  readonly settle: () => void;
  readonly after?: Aftermath | undefined;
}

/** An aftermath, and whose it is. */
interface Due {
  readonly waiting: Waiting;
  readonly after: Aftermath;
}

/** Who failed after its first entry was written: that must not stand alone, so the transaction is undone. */
class HalfDone extends Error {
  constructor(
    readonly waiting: Waiting,
    override readonly cause: unknown,
  ) {
    super('half done');
  }
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
    // Callers that go on together, such as those of the last transaction, are to be written together.
    await othersTurn();
    let batch: readonly Waiting[] = [];
    while (batch.length > 0 || this.#queue.length > 0) {
      if (batch.length === 0) batch = this.#queue.splice(0, MAX_PROPOSALS);
      try {
        const outcomes = await this.node.store.transaction((tx) => this.#runAll(tx, batch));
        await followMirror(this.node);
        batch = [];
        for (const { settle } of outcomes) settle();
      } catch (error) {
        const refused = error instanceof HalfDone ? [error.waiting] : batch;
        // Those who shared its transaction have their turn again, without it.
        batch = batch.filter((waiting) => !refused.includes(waiting));
        for (const { reject } of refused) reject(error instanceof HalfDone ? error.cause : error);
      }
      await othersTurn();
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
      const due = outcomes.flatMap(({ waiting, after }) =>
        after?.epoch === generation.epoch ? [{ waiting, after }] : [],
      );
      if (own.length + due.length > 0) outcomes.push(...(await this.#runAt(tx, generation, own, due)));
    }
    return outcomes;
  }

  async #runAt(
    tx: Database<NodeSchema>,
    generation: Generation,
    batch: readonly Waiting[],
    due: readonly Due[],
  ): Promise<readonly Outcome[]> {
    const proposals = [...batch.map(({ proposal }) => proposal), ...due.map(({ after }) => after)];
    const turn = await PendingTurn.begin(this.node, tx, generation, (time) =>
      needsOf(proposals, generation.authority, time),
    );
    for (const { waiting, after } of due) {
      try {
        after.run(turn);
      } catch (error) {
        throw new HalfDone(waiting, error);
      }
    }
    const outcomes = batch.map((waiting): Outcome => {
      const { proposal, resolve, reject } = waiting;
      const { size } = turn;
      try {
        const result = proposal.run(turn);
        return {
          waiting,
          after: proposal.after,
          settle: () => {
            resolve(result);
          },
        };
      } catch (error) {
        if (turn.size !== size) throw new HalfDone(waiting, error);
        return {
          waiting,
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
