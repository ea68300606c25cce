/** A stage for ceremonies in the test's own process: SoftHSM2 tokens, a database, and people who answer as they are told. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import {
  alone,
  CeremonyError,
  folderPaths,
  keysIn,
  makeScript,
  planSchema,
  runCeremony,
  sealCeremony,
  writeScript,
  type CeremonyParty,
  type Dialogue,
  type InstalledFiles,
  type PinnedScript,
  type Sealed,
  type Stage,
} from '../../src/ceremony';
import { readYaml } from '../../src/config';
import { nodeMigrations, openStore, type NodeSchema } from '../../src/db';
import { TokenRack } from '../../src/hsm';
import type { SoftHsm, SoftHsmToken } from '../support/softhsm';
import { NODE_PLAN } from './plans';

const SOFTWARE = { name: 'subca-kit', version: '1.2.3' };
const INSTALLED: InstalledFiles = { list: 'one file\n', count: 1, sha256: '0f'.repeat(32) };

/** How the people behave; whatever is not given, they do as they are asked. */
export interface Behaviour {
  /** Answers to the questions at the steps, by the number of the question in this run; otherwise Enter. */
  readonly answers?: Readonly<Record<number, string>>;
  /** Breaks off at this question of a step. */
  readonly breakOffAt?: number;
  /** PINs of people and tokens in place of the right ones, by id or label. */
  readonly pins?: Readonly<Record<string, string>>;
  /** What of the party is otherwise. */
  readonly party?: (real: CeremonyParty) => Partial<CeremonyParty>;
  readonly installed?: InstalledFiles;
  readonly signal?: AbortSignal;
}

export class TestCeremony {
  readonly folder: string;
  readonly pinned: PinnedScript;
  readonly said: string[] = [];
  #now = Date.parse('2026-12-01T01:00:00Z');

  private constructor(
    private readonly softHsm: SoftHsm,
    private readonly tokens: Readonly<Record<string, SoftHsmToken>>,
    plan: string,
  ) {
    this.folder = mkdtempSync(join(softHsm.directory, 'ceremony-'));
    this.pinned = makeScript(readYaml(plan, planSchema, 'plan.yaml'), SOFTWARE, false);
  }

  /** New tokens `node` and `cuong` are made each time, so labels on them are free. */
  static async planned(softHsm: SoftHsm, plan = NODE_PLAN): Promise<TestCeremony> {
    const tokens = Object.fromEntries(
      ['node', 'cuong'].map((label) => {
        const unique = `${label}-${String((serial += 1))}`;
        return [label, softHsm.createToken(unique)];
      }),
    );
    const labelled = plan
      .replaceAll('label: node }', `label: ${tokens['node']?.label ?? ''} }`)
      .replaceAll('token: node,', `token: ${tokens['node']?.label ?? ''},`)
      .replaceAll('label: cuong }', `label: ${tokens['cuong']?.label ?? ''} }`);
    const ceremony = new TestCeremony(softHsm, tokens, labelled);
    await writeScript(ceremony.folder, ceremony.pinned);
    return ceremony;
  }

  get paths(): ReturnType<typeof folderPaths> {
    return folderPaths(this.folder);
  }

  tokenLabel(name: string): string {
    return this.tokens[name]?.label ?? '';
  }

  run(behaviour: Behaviour = {}): Promise<void> {
    return this.#onStage(behaviour, (stage) => runCeremony(this.paths, this.pinned, stage));
  }

  seal(behaviour: Behaviour = {}): Promise<Sealed> {
    return this.#onStage(behaviour, (stage) => sealCeremony(this.paths, this.pinned, stage));
  }

  /** Does something with the party itself. */
  async withParty<T>(work: (party: CeremonyParty) => Promise<T>): Promise<T> {
    return this.#onStage({}, ({ party }) => work(party));
  }

  async #onStage<T>(behaviour: Behaviour, work: (stage: Stage) => Promise<T>): Promise<T> {
    const { directory, module } = this.softHsm;
    const clock = (): Date => new Date((this.#now += 500));
    const refusedPins = join(this.folder, 'refused-pins.json');
    const store = await openStore<NodeSchema>({
      file: join(this.folder, 'subca.db'),
      migrations: nodeMigrations,
    });
    const token = this.tokens['node'];
    const tokens = new TokenRack(
      {
        module,
        sessions: 1,
        tokens: [{ label: token?.label ?? '', pin: { file: token?.pinFile ?? '' } }],
      },
      { directory, refusedPins, clock },
    );
    const party: CeremonyParty = {
      kind: 'node',
      name: '15-1',
      module,
      refusedPins,
      tokenOf: (role) => (role === 'ca' ? token?.label : undefined),
      standing: () => Promise.resolve(undefined),
      ...keysIn(store, tokens),
      keepRecord: () => Promise.resolve({ where: 'activation' }),
    };
    try {
      return await alone(this.paths, () =>
        work({
          party: { ...party, ...behaviour.party?.(party) },
          dialogue: this.#dialogue(behaviour),
          clock,
          signal: behaviour.signal ?? new AbortController().signal,
          installed: () => Promise.resolve(behaviour.installed ?? INSTALLED),
        }),
      );
    } finally {
      await tokens.close();
      await store.close();
    }
  }

  #dialogue({ answers = {}, breakOffAt, pins = {} }: Behaviour): Dialogue {
    let asked = 0;
    return {
      lang: 'en',
      say: (line) => this.said.push(line),
      ask: async () => {
        asked += 1;
        if (asked === breakOffAt) throw new CeremonyError('PAUSED', {});
        return answers[asked] ?? '';
      },
      secret: async (_, person) => {
        const name = person ?? 'cuong';
        return pins[name] ?? (person === undefined ? (this.tokens['cuong']?.pin ?? '') : `pin of ${person}`);
      },
    };
  }
}

let serial = 0;
