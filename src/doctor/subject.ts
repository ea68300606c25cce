/** What is examined: the parts of a party that stand already. A part that a party does not have at all is left out. */
import type { DatabasePlace } from '../db';
import type { OfficePerson, PaperKind } from '../delegation';
import type { HsmConfig } from '../hsm';

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Whether what answers there is this party's own service. */
  isOurs(): Promise<boolean>;
}

export interface Registry {
  readonly url: string;
  /** PEM of the pinned root certificate, once there is one. */
  readonly rootCertificate: string | undefined;
}

export type Alarm =
  | { readonly webhook: string }
  | { readonly mail: { readonly to: string; readonly server: string; readonly port: number } };

export interface PaperFile {
  readonly kind: PaperKind;
  readonly path: string;
}

/** Of a part that should be there and is not, `null`. */
export interface Subject {
  readonly directory: string;
  /** Whether the configuration could be read, and if not, what is wrong with it. */
  readonly configuration: 'read' | 'absent' | { readonly wrong: string };
  /** Files that nobody else may read, where they are there. */
  readonly privateFiles: readonly string[];
  readonly database: DatabasePlace;
  readonly hsm?: { readonly config: HsmConfig; readonly caToken: string };
  readonly listeners: readonly Listener[];
  /** Public names, without a port. */
  readonly hosts: readonly string[];
  readonly registry?: Registry | null;
  readonly secondDisk?: string | null;
  readonly backup?: { readonly made: string; readonly restored?: string | undefined } | null;
  readonly alarm?: Alarm | null;
  readonly personnel?: readonly OfficePerson[];
  readonly papers?: readonly PaperFile[];
}
