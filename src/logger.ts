/** Structured logs on stderr; no PIN, key or personal number is ever passed to it. */
import { destination, pino, type Logger } from 'pino';

export type { Logger };

/** @param level one of pino's levels; `silent` turns logging off */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
}
