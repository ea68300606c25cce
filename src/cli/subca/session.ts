/** What the commands of `subca` share: opening the node, and closing it again whatever happens. */
import {
  abandonOrphans,
  checkJournalEnds,
  crlIsDue,
  Issuer,
  JournalWriter,
  openNode,
  publishCrl,
  type SubCaNode,
} from '../../node';
import type { Context } from '../command';
import { partySurroundings } from '../party';
import { pinSource, type PinInput } from '../pin';
import { packageVersion } from '../version';

export interface Session {
  readonly node: SubCaNode;
  readonly journal: JournalWriter;
}

/** Opens the node for the time of the work. */
export async function withNode<T>(
  context: Context,
  input: Partial<PinInput>,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const pin = pinSource({ pinFile: input.pinFile, pinEnv: input.pinEnv });
  const node = await openNode(context.directory, partySurroundings(context), pin);
  try {
    return await work({ node, journal: new JournalWriter(node) });
  } finally {
    await node.close();
  }
}

/** Intents that an earlier run left behind are closed first, and their serial numbers published. */
export async function openIssuer({ node, journal }: Session): Promise<Issuer> {
  await checkJournalEnds(node);
  await abandonOrphans(node, journal);
  if (await crlIsDue(node)) await publishCrl(node, journal);
  return Issuer.open(node, journal);
}

/** How this program names itself to the root. */
export function software(): { readonly name: string; readonly version: string } {
  return { name: 'subca-kit', version: packageVersion() };
}
