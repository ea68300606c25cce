/** The certificates that follow one: as little of them as a judge needs, however many a hostile journal has. */
import type { CertificateRecord } from './certificateRecord';
import { isReplaced } from './succession';

export class Successors {
  /** Those that may stand in its place, in the order in which they came; what was abandoned never will. */
  readonly #standing = new Map<string, CertificateRecord>();
  readonly #replacing = new Set<string>();

  /** Adds a successor, or what has become of it. */
  add(record: CertificateRecord): void {
    const { serialNumber } = record;
    if (record.status === 'abandoned') this.#standing.delete(serialNumber);
    else this.#standing.set(serialNumber, record);
    if (isReplaced([record])) this.#replacing.add(serialNumber);
    else this.#replacing.delete(serialNumber);
  }

  /** The first that was not abandoned, and one that completes a replacement, if there are any. */
  get told(): readonly CertificateRecord[] {
    const [first] = this.#standing.values();
    const [replacing] = this.#replacing;
    const told = [first, replacing === undefined ? undefined : this.#standing.get(replacing)];
    return told.filter((one) => one !== undefined);
  }
}
