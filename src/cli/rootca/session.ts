/** Opening the root side for a command of `rootca`, and closing it whatever happens. */
import { RootCa } from '../../root';
import type { Context } from '../command';
import { partySurroundings } from '../party';

/** Opens the root side for the time of the work. */
export async function withRoot<T>(context: Context, work: (root: RootCa) => Promise<T>): Promise<T> {
  const root = await RootCa.open(context.directory, partySurroundings(context));
  try {
    return await work(root);
  } finally {
    await root.close();
  }
}
