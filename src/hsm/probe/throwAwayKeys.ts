/** Keys made to be thrown away: under a label that names their maker, so that a later probe finds what a dead one left. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ObjectClass, type IKeyPair, type Session, type SessionObject } from 'graphene-pk11';
import { sha256Hex, type KeyAlgorithm } from '../../signer';
import { ckrOf, remedyFor } from '../ckr';
import { makePair } from '../keyGeneration';

const PREFIX = 'subca-probe-';
/** `<prefix><machine since it started>-<process>-<random>`; some tokens take no more than 40 characters. */
const LABEL = /^subca-probe-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{8}$/;
const CLASSES = [ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY, ObjectClass.SECRET_KEY] as const;

export function newLabel(): string {
  return `${PREFIX}${machine()}-${String(process.pid)}-${randomBytes(4).toString('hex')}`;
}

/** Objects that probes left: of those that ended, and of those that may still run. */
export interface Leftovers {
  readonly dead: readonly SessionObject[];
  readonly alive: readonly SessionObject[];
}

/** Looks at the label of every key on the token, and at nothing else of those that are not a probe's. */
export function findLeftovers(session: Session, own: string): Leftovers {
  const found = CLASSES.flatMap((objectClass) => objectsOf(session, { class: objectClass }))
    .map((object) => ({ object, label: labelOf(object) }))
    .filter(({ label }) => label.startsWith(PREFIX) && label !== own);
  const alive = found.filter(({ label }) => mayRun(label));
  return {
    dead: found.filter((each) => !alive.includes(each)).map(({ object }) => object),
    alive: alive.map(({ object }) => object),
  };
}

/** Destroys every key with this label. @returns how many are still there, and how many there were */
export function destroyLabelled(
  session: Session,
  label: string,
): { readonly left: number; readonly found: number } {
  const all = (): readonly SessionObject[] =>
    CLASSES.flatMap((objectClass) => objectsOf(session, { class: objectClass, label }));
  const found = all();
  for (const object of found) destroyQuietly(object);
  return { left: found.length === 0 ? 0 : all().length, found: found.length };
}

/** Whether it is gone. */
export function destroyQuietly(object: SessionObject): boolean {
  try {
    object.destroy();
    return true;
  } catch (error) {
    if (ckrOf(error) === undefined) throw error;
    return false;
  }
}

export interface MadePair {
  readonly pair: IKeyPair;
  /** False for one that ends with its session. */
  readonly kept: boolean;
}

/** A pair that ends with the session, where the token makes such; otherwise one that must be destroyed. */
export async function makeThrowAwayPair(
  session: Session,
  label: string,
  algorithm: KeyAlgorithm,
): Promise<MadePair> {
  try {
    return { pair: await makePair(session, { label, algorithm }, false), kept: false };
  } catch (error) {
    if (ckrOf(error) === undefined || remedyFor(error) !== 'give-up') throw error;
    return { pair: await makePair(session, { label, algorithm }), kept: true };
  }
}

function objectsOf(
  session: Session,
  template: { class: ObjectClass; label?: string },
): readonly SessionObject[] {
  const found = session.find(template);
  return Array.from({ length: found.length }, (_, index) => found.items(index));
}

function labelOf(object: SessionObject): string {
  try {
    return object.getAttribute('label') as string;
  } catch (error) {
    // No label, or destroyed meanwhile.
    if (ckrOf(error) === undefined) throw error;
    return '';
  }
}

/** A process of this machine that lives. One of another machine, or from before it started, is taken as dead. */
function mayRun(label: string): boolean {
  const [, where, pid] = LABEL.exec(label) ?? [];
  if (where !== machine() || pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function machine(): string {
  return sha256Hex(readFileSync('/proc/sys/kernel/random/boot_id')).slice(0, 8);
}
