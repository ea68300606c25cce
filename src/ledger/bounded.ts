/**
 * What a turn has to know of keys and predecessors: a few records of each, chosen in the database, however many a hostile
 * journal has of them.
 */
import type { CertificateRecord } from '../delegation';
import { inChunks, ofChunk, readRecords, type LedgerDatabase } from './rows';

/** Octets of an instant as a record has it: `2026-01-31T07:00:00.000Z`. */
const INSTANT = 24;

/**
 * Of each key's certificates what a `KeyHistory` remembers, in the order in which it must be told: the first, the first
 * of another subject, and the one that told first that the key was exposed.
 * @param before only intents before this index count
 */
export async function readKeyHolders(
  db: LedgerDatabase,
  journal: number,
  spkiSha256s: readonly string[],
  before = Number.MAX_SAFE_INTEGER,
): Promise<readonly CertificateRecord[]> {
  const holders: CertificateRecord[] = [];
  for (const keys of inChunks(spkiSha256s)) {
    const ofKeys = db
      .selectFrom('certificates as own')
      .where('own.journal', '=', journal)
      .where('own.spkiSha256', 'in', keys)
      .where('own.intentIndex', '<', before)
      .groupBy('own.spkiSha256');
    const found = await ofChunk(db, 'first holders', keys, [journal, ...keys, before], () =>
      ofKeys.select((row) => row.fn.min('own.intentIndex').as('first')),
    );
    const firsts = found.map(({ first }) => first);
    if (firsts.length === 0) continue;
    const others = await ofKeys
      .innerJoin('certificates as first', (join) =>
        join
          .onRef('first.journal', '=', 'own.journal')
          .onRef('first.spkiSha256', '=', 'own.spkiSha256')
          .onRef('first.subjectSha256', '!=', 'own.subjectSha256'),
      )
      .where('first.intentIndex', 'in', firsts)
      .select((row) => row.fn.min('own.intentIndex').as('other'))
      .execute();
    const exposed = await ofKeys
      .where('own.exposureTime', 'is not', null)
      .select((row) =>
        row.fn.min<string>(row(row.ref('own.exposureTime'), '||', row.ref('own.serialNumber'))).as('told'),
      )
      .execute();
    const serialNumbers = exposed.map(({ told }) => told.slice(INSTANT));
    holders.push(
      ...(await readRecords(db, journal, 'intentIndex', firsts)),
      ...(await readRecords(
        db,
        journal,
        'intentIndex',
        others.map(({ other }) => other),
      )),
      ...(await readRecords(db, journal, 'serialNumber', serialNumbers)),
    );
  }
  return holders;
}

/**
 * Of each predecessor's successors what `Successors` tells: the first that was not abandoned, and the first that
 * completes a replacement.
 * @param which indexes of intents that are known already; or only what was signed before an index
 */
export async function readSuccessorsTold(
  db: LedgerDatabase,
  journal: number,
  predecessors: readonly string[],
  which: { readonly except: readonly number[] } | { readonly signedBefore: number },
): Promise<readonly CertificateRecord[]> {
  const told: CertificateRecord[] = [];
  for (const some of inChunks(predecessors)) {
    const rows = await db
      .selectFrom('certificates')
      .where('journal', '=', journal)
      .where('predecessor', 'in', some)
      .where('status', '!=', 'abandoned')
      .where((row) =>
        'except' in which
          ? row('intentIndex', 'not in', which.except)
          : row('issuedIndex', '<', which.signedBefore),
      )
      .groupBy('predecessor')
      .select(({ fn, eb }) => [
        fn.min<number>('intentIndex').as('standing'),
        fn
          .min<number | null>(
            eb
              .case()
              .when(eb.and([eb('status', '=', 'issued'), eb('service', '!=', 'renew')]))
              .then(eb.ref('intentIndex'))
              .end(),
          )
          .as('replacing'),
      ])
      .execute();
    const indexes = rows.flatMap(({ standing, replacing }) =>
      replacing === null || replacing === standing ? [standing] : [standing, replacing],
    );
    told.push(...(await readRecords(db, journal, 'intentIndex', indexes)));
  }
  return told;
}
