/** What a token answers to one attempt, where being refused is as good an answer as any. */
import { ckrOf } from '../ckr';

/** What the attempt came to, or the return value by which the token refused it. */
export function answerTo<T>(attempt: () => T): T | string {
  try {
    return attempt();
  } catch (error) {
    const ckr = ckrOf(error);
    if (ckr === undefined) throw error;
    return ckr;
  }
}

/** As `answerTo`, for what takes time. */
export async function answerToAsync<T>(attempt: () => Promise<T>): Promise<T | string> {
  try {
    return await attempt();
  } catch (error) {
    const ckr = ckrOf(error);
    if (ckr === undefined) throw error;
    return ckr;
  }
}
