/** The people of a ceremony at its terminal: they read what is asked, and answer. */
import type { Terminal } from './terminal';
import { CTRL_C, ENTER } from './terminal';

const STEP = /Step (\d+) of \d+ ·/g;

/** A question that waits for its answer; one that is answered or broken off gets another sign. */
const WAITING = /◆ {2}([^\n]+)/;
const ANSWERED = /[◇■] {2}/;

export interface People {
  /** The PIN of the custodians without a token. */
  readonly pin: string;
  /** The same, where each has their own: by the question, which names the person. */
  readonly pinOf?: (question: string) => string;
  /** The PIN of the custodian's token. */
  readonly tokenPin: string;
  /** What is done at a step's last question before Enter; once. */
  readonly at?: Readonly<Record<number, (terminal: Terminal) => Promise<void> | void>>;
  /** What is done when the program asks to make something at a step, before Enter. */
  readonly before?: Readonly<Record<number, (terminal: Terminal) => Promise<void> | void>>;
}

/** Answers every question until the command ends. @returns its exit code */
export async function conduct(terminal: Terminal, people: People): Promise<number | null> {
  const atEnd = new Map(Object.entries(people.at ?? {}));
  const atStart = new Map(Object.entries(people.before ?? {}));
  try {
    for (;;) {
      const question = await terminal.see(WAITING);
      if (question === undefined) return await terminal.end();
      const deeds = question.startsWith('Enter: the program does it now') ? atStart : atEnd;
      if (question.startsWith('Enter: ')) {
        const step = Array.from(terminal.screen.matchAll(STEP)).at(-1)?.[1] ?? '';
        const deed = deeds.get(step);
        deeds.delete(step);
        if (deed === undefined) terminal.type(ENTER);
        else await deed(terminal);
      } else {
        const pin = question.includes('PIN of the token')
          ? people.tokenPin
          : (people.pinOf?.(question) ?? people.pin);
        terminal.type(`${pin}${ENTER}`);
      }
      await terminal.see(ANSWERED);
    }
  } catch (error) {
    await terminal.kill();
    throw error;
  }
}

/** Types a deviation; the question comes again after it. */
export function note(text: string): (terminal: Terminal) => void {
  return (terminal) => {
    terminal.type(`${text}${ENTER}`);
  };
}

export function breakOff(terminal: Terminal): void {
  terminal.type(CTRL_C);
}
