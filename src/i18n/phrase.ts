/** A sentence that needs nothing more to be said. */
import type { NoParams, Text } from './text';

/** A text without parameters, or one whose parameters are already in it (`filled`). Said by `phrase[lang]({})`. */
export type Phrase = Text<NoParams>;

/** Puts the parameters into a text, and leaves the choice of language for later. */
export function filled<P>(text: Text<P>, params: P): Phrase {
  return { en: () => text.en(params), vi: () => text.vi(params) };
}
