/**
 * Tricks of spelling at node and root: what the node's transaction refuses is what the root finds when it comes past the
 * node all the same, word for word, since one function judges both.
 */
import { DelegationError } from '../../src/delegation';
import type { Problem } from '../../src/errors';
import { commonTables } from '../../src/db';
import { encodeEntry, serialNumberAt } from '../../src/journal';
import { examine, needsOf, readEntries, readJournal, requireWhole, Turn, whole } from '../../src/ledger';
import { readTbsCertificate, type Name } from '../../src/x509';
import { append, newStore, ORIGIN, removeStores } from '../ledger/journals';
import { leafDer } from '../support/delegationFixture';
import { SUB_CA_NAME } from '../support/softCa';
import { SoftNode } from '../support/softNode';
import { softSigner } from '../support/softSigner';

let soft: SoftNode;

beforeAll(async () => {
  soft = await SoftNode.activated();
});

afterAll(async () => {
  jest.restoreAllMocks();
  await removeStores();
  await soft.remove();
});

const PROFILE = 'individual';

/** What the node's own transaction, and the root's, say to an intent for the subject as the next entry. */
async function verdicts(
  subject: Name,
): Promise<{ readonly node: readonly Problem[]; readonly root: readonly Problem[] }> {
  const { node, journal, world } = soft;
  const { authority, origin } = await node.delegation();
  const stored = await readJournal(node.read, origin);
  const index = stored.state.size;
  const serialNumber = serialNumberAt({ epoch: 1, index }, Buffer.alloc(10, 7));
  const { spki } = softSigner('p-256');
  const tbs = readTbsCertificate(leafDer(world, { subject, spki, serialNumber, notBefore: soft.now }), 'tbs');
  const [service, request] = ['issue', 'ab'.repeat(32)] as const;
  const intent = {
    type: 'intent',
    service,
    profile: PROFILE,
    request,
    tbs: tbs.der.toString('base64'),
  } as const;

  const atNode = await journal
    .submit<readonly Problem[]>({
      needs: { spkiSha256s: [tbs.publicKey.spkiSha256] },
      profiles: [PROFILE],
      run: (turn) => {
        turn.append(intent, { tbs });
        return [];
      },
    })
    .catch((error: unknown) => {
      if (error instanceof DelegationError && error.code === 'OUTSIDE_GRANT') return error.problems;
      throw error;
    });

  const root = await newStore();
  const held = await readEntries(node.read, stored, 0, index);
  await append(root, authority, requireWhole(ORIGIN, 0, held));
  const entries = whole([encodeEntry({ ...intent, time: soft.now.toISOString() })]);
  const journalAtRoot = await readJournal(commonTables(root.read), ORIGIN);
  const db = commonTables(root.read);
  const [examined] = await examine({ db, journal: journalAtRoot, authority, entries });
  const atRoot = await root.transaction(async (tx) => {
    const db = commonTables(tx);
    const turn = await Turn.begin(
      db,
      await readJournal(db, ORIGIN),
      authority,
      needsOf([examined], authority),
    );
    return turn.judge(examined!.entry, examined?.evidence).findings.flatMap(({ problems }) => problems);
  });
  return { node: atNode, root: atRoot };
}

const name = (change: Partial<Record<'O' | 'CN', (value: string) => string>>): Name =>
  SUB_CA_NAME.map(({ type, value }) => {
    const person = type === 'CN' ? 'Nguyễn Thị Ánh' : value;
    const spell = type === 'O' || type === 'CN' ? change[type] : undefined;
    return { type, value: spell?.(person) ?? person };
  });

const TRICKS: readonly (readonly [what: string, spell: (value: string) => string])[] = [
  ['small letters', (value) => value.toLowerCase()],
  ['letters and marks apart', (value) => value.normalize('NFD')],
  ['two blanks', (value) => value.replace(' ', '  ')],
  ['a blank at the end', (value) => `${value} `],
  ['a no-break space', (value) => value.replace(' ', '\u00a0')],
  ['an ideographic space', (value) => value.replace(' ', '\u3000')],
  ['a zero-width joiner', (value) => value.replace(' ', ' \u200d')],
  ['a direction mark', (value) => `\u202e${value}`],
  ['a variation selector', (value) => `${value}\ufe00`],
  ['a tag', (value) => `${value}\u{e0061}`],
  ['a soft hyphen', (value) => value.replace(' ', '\u00ad ')],
  [
    'a full-width letter',
    (value) => value.replace(/[NC]/, (letter) => (letter === 'N' ? '\uff2e' : '\uff23')),
  ],
  ['a Cyrillic letter', (value) => value.replace(/[NC]/, (letter) => (letter === 'N' ? '\u041d' : '\u0421'))],
];

test('the permitted name is taken at both', async () => {
  expect(await verdicts(name({}))).toEqual({ node: [], root: [] });
});

test.each(TRICKS)(
  'the fixed organisation with %s is refused at both, in the same words',
  async (_, spell) => {
    const { node, root } = await verdicts(name({ O: spell }));
    expect(node.map(({ where }) => where)).toContain('subject.O');
    expect(root).toEqual(node);
  },
);

test.each(TRICKS)('the sub-CA’s name with %s is refused at both, in the same words', async (_, spell) => {
  const [own] = SUB_CA_NAME.flatMap(({ type, value }) => (type === 'CN' ? [value] : []));
  const { node, root } = await verdicts(name({ CN: () => spell(own ?? '') }));
  expect(node.length).toBeGreaterThan(0);
  expect(root).toEqual(node);
});
