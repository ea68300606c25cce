/**
 * Every lie a node can tell, by accident or on purpose, and who catches it.
 *
 *   node ──── sync ───► root       what the root catches: fork, entries outside the grant, serial numbers, hidden certificates
 *   node ◄── receipt ── root       what the node catches: an old copy of itself, a database that was touched
 *
 * Each test begins with the same synced node and root, copied back into place.
 */
import { writeFileSync } from 'node:fs';
import { decodeReplies, encodeReply } from '../../src/sync';
import { encodePem, type Name } from '../../src/x509';
import { holdings } from '../support/holdings';
import { RawDatabase, type Value } from '../support/rawDatabase';
import { nodeHoldings } from '../support/refusal';
import { RogueNode, serialNumberNaming } from '../support/rogue';
import { World, type Ran } from '../support/world';

let world: World;
/** Entries that node and root have in common. */
let shared: number;
let serialNumber: string;

beforeAll(async () => {
  world = await World.activated();
  world.csr('good', '/CN=SỞ NỘI VỤ');
  serialNumber = await issue('SỞ NỘI VỤ');
  await world.subcaOk('revoke', await issue('SỞ TÀI CHÍNH'), '--reason', 'superseded', '--yes');
  await world.withRegistry(async () => {
    shared = (await world.subcaOk('sync'))['size'] as number;
  });
  world.copy('node', 'node.saved');
  world.copy('root', 'root.saved');
});

beforeEach(() => {
  world.copy('node.saved', 'node');
  world.copy('root.saved', 'root');
});

afterAll(() => {
  world.remove();
});

const request = (csr: string, name: string): readonly string[] => [
  ...['issue', '--profile', 'organisation', '--csr', csr, '--subject', `CN=${name}`],
];

async function issue(name: string): Promise<string> {
  return (await world.subcaOk(...request(await world.newCsr(), name)))['serialNumber'] as string;
}

const tryToIssue = (): Ran => world.subca(...request('good.csr', 'SỞ CÔNG THƯƠNG'));

const rootHoldings = (): Promise<Readonly<Record<string, string>>> =>
  holdings(world.path('root'), 'rootca.db');

interface Finding {
  readonly code: string;
  readonly entryIndex: number | null;
  readonly problems: readonly { readonly where: string; readonly found: string; readonly allowed: string }[];
  readonly evidence: { readonly submitted: string; readonly held: string } | null;
}

async function findings(): Promise<readonly Finding[]> {
  return (await world.rootcaOk('findings'))['findings'] as readonly Finding[];
}

const ended = ({ code, json }: Ran): readonly unknown[] => [code, json.error?.code];

async function tamper(sql: string, ...parameters: readonly Value[]): Promise<void> {
  const db = await RawDatabase.open(world.path('node', 'subca.db'));
  try {
    await db.rows(sql, ...parameters);
  } finally {
    await db.close();
  }
}

describe('a node put back to an old copy of itself', () => {
  test('rollback: the node learns that the root is ahead and issues nothing more; nobody is accused', async () => {
    await world.withRegistry(async () => {
      await issue('SỞ Y TẾ');
      const { size } = await world.subcaOk('sync');
      world.copy('node.saved', 'node');
      const before = await nodeHoldings(world);
      for (let again = 0; again < 2; again += 1) {
        const ran = world.subca('sync');
        expect(ended(ran)).toEqual([5, 'ROOT_AHEAD']);
        expect(ran.json.error?.params).toEqual({ root: size, own: shared });
      }
      expect(ended(tryToIssue())).toEqual([5, 'QUARANTINED']);
      const noted = expect.stringMatching(/^1 rows/) as unknown;
      expect(await nodeHoldings(world)).toEqual({ ...before, 'table quarantine': noted });
    });
    expect(await findings()).toEqual([]);
    await world.rootcaOk('verify');
  });

  test.each([
    ['fork: grown again to the same size', 1],
    ['rollback, then growth: beyond that size', 2],
  ])('%s, it meets its own signature', async (_, certificates) => {
    await world.withRegistry(async () => {
      await issue('SỞ Y TẾ');
      const { size } = await world.subcaOk('sync');
      world.copy('node.saved', 'node');
      for (let at = 0; at < certificates; at += 1) await issue(`SỞ XÂY DỰNG ${String(at)}`);
      for (let again = 0; again < 2; again += 1) {
        expect(ended(world.subca('sync'))).toEqual([5, 'ROOT_FORK']);
      }
      expect(ended(tryToIssue())).toEqual([5, 'QUARANTINED']);
      // What protects those who rely on certificates goes on.
      await world.subcaOk('suspend', serialNumber);
      const [fork, ...others] = await findings();
      expect(others).toEqual([]);
      expect(fork).toMatchObject({ code: 'FORK', entryIndex: null });
      // Both heads as the node signed them.
      const lines = (note = ''): readonly string[] => note.split('\n');
      const [submitted, held] = [lines(fork?.evidence?.submitted), lines(fork?.evidence?.held)];
      expect(submitted[0]).toBe(held[0]);
      expect(Number(held[1])).toBe(size);
      expect(Number(submitted[1])).toBe(shared + 2 * certificates);
      expect(submitted[2]).not.toBe(held[2]);
      expect([submitted[4], held[4]]).toEqual([expect.stringMatching(/^— /), expect.stringMatching(/^— /)]);
      expect(await world.rootcaOk('node', 'list')).toMatchObject({ nodes: [{ entries: size, findings: 1 }] });
    });
  });

  test('fork, by file: the import ends with 5, and so does the import of its reply', async () => {
    await issue('SỞ Y TẾ');
    await world.subcaOk('sync', 'export', 'honest.submission');
    await world.rootcaOk('import', 'honest.submission', '--out', 'honest.reply');
    world.copy('node.saved', 'node');
    await issue('SỞ XÂY DỰNG');
    await world.subcaOk('sync', 'export', 'forked.submission');
    for (let again = 0; again < 2; again += 1) {
      expect(world.rootca('import', 'forked.submission', '--out', 'forked.reply')).toMatchObject({
        code: 5,
        json: { entries: 0, findings: 1, problem: { code: 'fork' } },
      });
    }
    expect(await findings()).toHaveLength(1);
    expect(ended(world.subca('sync', 'import', 'forked.reply'))).toEqual([5, 'ROOT_FORK']);
    expect(ended(world.subca('sync', 'import', 'honest.reply'))).toEqual([5, 'ROOT_FORK']);
  });

  test('replay: with its receipts lost, everything is sent again, and nothing changes', async () => {
    await tamper('DELETE FROM receipts');
    await world.withRegistry(async () => {
      const before = await world.rootcaOk('node', 'show', '15-1');
      expect(await world.subcaOk('sync')).toMatchObject({ size: shared, findings: 0 });
      const after = await world.rootcaOk('node', 'show', '15-1');
      const untimed = (shown: unknown): string =>
        JSON.stringify(shown, (name, value: unknown) =>
          ['lastContact', 'silentSeconds'].includes(name) ? '' : value,
        );
      expect(untimed(after)).toBe(untimed(before));
    });
    await world.subcaOk('verify');
  });
});

describe('a database touched by somebody else', () => {
  test('altered entry, before it was sent: the node finds it, and signs no head over it', async () => {
    await issue('SỞ Y TẾ');
    await tamper(
      "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), 'issued', 'Issued') AS BLOB) WHERE idx = (SELECT max(idx) FROM entries)",
    );
    const before = await rootHoldings();
    expect(ended(world.subca('verify'))).toEqual([5, 'ENTRY_DAMAGED']);
    expect(ended(world.subca('sync', 'export', 'touched.submission'))).toEqual([5, 'TREE_DAMAGED']);
    await world.withRegistry(() => {
      expect(ended(world.subca('sync'))).toEqual([5, 'TREE_DAMAGED']);
    });
    expect(await rootHoldings()).toEqual(before);
    // Those who rely on certificates are told of revocations all the same.
    await world.subcaOk('revoke', serialNumber, '--reason', 'superseded', '--yes');
  });

  test('gap: an entry gone', async () => {
    await issue('SỞ Y TẾ');
    await tamper('DELETE FROM entries WHERE idx = (SELECT max(idx) FROM entries)');
    expect(ended(world.subca('verify'))).toEqual([5, 'ENTRY_MISSING']);
    expect(ended(world.subca('sync', 'export', 'never.submission'))).toEqual([5, 'ENTRY_MISSING']);
  });

  test('reorder: two entries in each other’s place', async () => {
    await issue('SỞ Y TẾ');
    const last = shared + 1;
    await tamper('UPDATE entries SET idx = -1 WHERE idx = ?', last);
    await tamper('UPDATE entries SET idx = ? WHERE idx = ?', last, last - 1);
    await tamper('UPDATE entries SET idx = ? WHERE idx = -1', last - 1);
    expect(ended(world.subca('verify'))).toEqual([5, 'RULE_BROKEN']);
    await world.withRegistry(() => {
      expect(ended(world.subca('sync'))).toEqual([5, 'TREE_DAMAGED']);
    });
    expect(await findings()).toEqual([]);
  });

  test.each([
    ['a certificate’s status', "UPDATE certificates SET status = 'issued' WHERE status = 'revoked'"],
    ['a certificate’s name', "UPDATE certificates SET subject = 'CN=Ai đó' WHERE status = 'revoked'"],
    ['the quota', 'UPDATE quota SET used = used - 1'],
  ])('%s altered: subca verify says so', async (_, sql) => {
    await tamper(sql);
    expect(ended(world.subca('verify'))).toEqual([5, 'RECORD_DIFFERS']);
  });

  test('an old CRL in the place of the new one', async () => {
    world.copy('node/published/subca.crl', 'old.crl');
    await world.subcaOk('suspend', serialNumber);
    world.copy('old.crl', 'node/published/subca.crl');
    expect(ended(world.subca('verify'))).toEqual([5, 'PUBLISHED_DIFFERS']);
    await world.subcaOk('crl', 'publish');
    await world.subcaOk('verify');
  });
});

describe('a node that signs what it may not', () => {
  const ELSEWHERE: Name = [
    { type: 'C', value: 'VN' },
    { type: 'L', value: 'Lâm Đồng' },
    { type: 'O', value: 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG' },
    { type: 'CN', value: 'SỞ NỘI VỤ' },
  ];

  /** Syncs a rogue node. @returns what the root then holds against it */
  async function caught(): Promise<readonly Finding[]> {
    return world.withRegistry(async () => {
      const synced = world.subca('sync');
      const found = await findings();
      expect(synced.code).toBe(5);
      expect(synced.json).toMatchObject({ findings: found.length });
      expect(await world.rootcaOk('node', 'list')).toMatchObject({ nodes: [{ findings: found.length }] });
      // The root has kept what it found: its own holdings are in order.
      const verified = world.rootca('verify');
      expect(verified.code).toBe(5);
      expect(verified.json).toMatchObject({ nodes: [{ findings: found.length }] });
      expect(ended(world.subca('verify'))).toEqual([5, 'RULE_BROKEN']);
      return found;
    });
  }

  test('outside the grant: the root keeps entry and field', async () => {
    const { intent } = await RogueNode.work(world, 'good.csr', (rogue) =>
      rogue.issue({ subject: ELSEWHERE }),
    );
    const found = await caught();
    expect(found).toMatchObject([
      {
        code: 'OUT_OF_SCOPE',
        entryIndex: intent,
        problems: [
          { where: 'subject.L', found: 'Lâm Đồng', allowed: 'Lào Cai' },
          {
            where: 'subject.O',
            found: 'ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG',
            allowed: 'ỦY BAN NHÂN DÂN TỈNH LÀO CAI',
          },
        ],
      },
    ]);
  });

  test('serial twice', async () => {
    const [first, second] = await RogueNode.work(world, 'good.csr', async (rogue) => {
      const one = await rogue.issue();
      return [one, await rogue.issue({ serialNumber: () => one.serialNumber })] as const;
    });
    const found = await caught();
    expect(found.every(({ entryIndex }) => (entryIndex ?? 0) >= second.intent)).toBe(true);
    expect(found).toContainEqual(
      expect.objectContaining({
        code: 'SERIAL_DUPLICATE',
        entryIndex: second.intent,
        problems: [expect.objectContaining({ where: 'serialNumber', found: first.serialNumber })],
      }),
    );
  });

  test('a serial number that names another place', async () => {
    const { intent, serialNumber: misplaced } = await RogueNode.work(world, 'good.csr', (rogue) =>
      rogue.issue({ serialNumber: (index) => serialNumberNaming(index + 1000) }),
    );
    expect(await caught()).toMatchObject([
      {
        code: 'SERIAL_MISPLACED',
        entryIndex: intent,
        problems: [{ where: 'serialNumber', found: misplaced }],
      },
    ]);
  });

  test('hidden certificate: wherever it turns up, its serial number gives it away', async () => {
    const [hidden, ahead, known] = await RogueNode.work(world, 'good.csr', async (rogue) => [
      await rogue.hide(3),
      await rogue.hide(shared + 2),
      (await rogue.issue()).der,
    ]);
    const inspect = (der: Buffer): Ran => {
      writeFileSync(world.path('found.crt'), encodePem('CERTIFICATE', der));
      return world.rootca('inspect', 'found.crt');
    };
    expect(inspect(hidden)).toMatchObject({ code: 5, json: { verdict: 'hidden', node: '15-1', index: 3 } });
    expect(inspect(ahead)).toMatchObject({ code: 0, json: { verdict: 'not-synced', index: shared + 2 } });
    expect(inspect(known)).toMatchObject({ code: 0, json: { verdict: 'not-synced', index: shared } });
    await issue('SỞ Y TẾ');
    await world.withRegistry(() => world.subcaOk('sync'));
    expect(inspect(ahead)).toMatchObject({ code: 5, json: { verdict: 'hidden', index: shared + 2 } });
    expect(inspect(known)).toMatchObject({ code: 0, json: { verdict: 'recorded', status: 'issued' } });
    world.openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'own.key',
      '-out',
      'own.crt',
      '-subj',
      '/CN=Ai đó',
    );
    expect(await world.rootcaOk('inspect', 'own.crt')).toMatchObject({ verdict: 'foreign' });
  });
});

describe('what is kept back', () => {
  /** Both operators order it. */
  async function order(what: string): Promise<void> {
    const as = (name: string): readonly string[] => [
      ...['--operator', name, '--pin-file', world.path('pins', name), '--yes'],
    ];
    await world.rootcaOk('directive', what, '15-1', '--because', 'Theo kết luận kiểm tra', ...as('an'));
    await world.rootcaOk('directive', 'approve', '15-1', ...as('binh'));
  }

  test('silent node: after the hours that the root allows, it is told without being asked', async () => {
    const conditions = async (): Promise<unknown> => (await world.rootcaOk('findings'))['conditions'];
    expect(await conditions()).toEqual([]);
    const root = await RawDatabase.open(world.path('root', 'rootca.db'));
    await root.rows('UPDATE nodes SET lastContact = ?', new Date(Date.now() - 30 * 86_400_000).toISOString());
    await root.close();
    expect(await conditions()).toContainEqual(expect.objectContaining({ code: 'SILENT', node: '15-1' }));
    await world.withRegistry(() => world.subcaOk('sync'));
    expect(await conditions()).toEqual([]);
  });

  test('old or shortened directive list: the node takes none of it, and stops issuing', async () => {
    await order('suspend-issuance');
    await order('resume-issuance');
    await world.subcaOk('sync', 'export', 'a.submission');
    await world.rootcaOk('import', 'a.submission', '--out', 'a.reply');
    const [reply] = decodeReplies(world.read('a.reply'));
    const shortened = { ...reply!, directives: reply!.directives.slice(1) };
    writeFileSync(world.path('shortened.reply'), encodeReply(shortened));
    expect(ended(world.subca('sync', 'import', 'shortened.reply'))).toEqual([5, 'DIRECTIVE_SEQUENCE']);
    expect(ended(tryToIssue())).toEqual([5, 'QUARANTINED']);
    // The old list is the same receipt: only a later word of the root lifts it.
    expect(await world.subcaOk('sync', 'import', 'a.reply')).toMatchObject({ findings: 0 });
    expect(ended(tryToIssue())).toEqual([5, 'QUARANTINED']);
    await world.withRegistry(() => world.subcaOk('sync'));
    expect(tryToIssue().code).toBe(0);
  });
});
