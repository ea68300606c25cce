/** What the two sides say to each other: submissions and replies, the same bytes over a network and by hand. */
export { SyncError } from './errors';
export * from './reply';
export * from './submission';
