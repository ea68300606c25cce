/** Progress of long work: on standard error, on a terminal only, and not before a second has passed. */
import { SingleBar } from 'cli-progress';
import type { Lang, Phrase } from '../i18n';
import { oneLine } from './display';

export interface Task {
  /** So many more steps are done; one unless told. */
  advance(steps?: number): void;
  stop(): void;
}

export interface Progress {
  /** @param total the number of steps, where it is known */
  start(label: Phrase, total?: number): Task;
}

export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

const SILENT: Task = { advance: () => undefined, stop: () => undefined };

/**
 * @param delay milliseconds before a task shows itself
 * @returns the progress, and `end`, which takes down whatever still shows
 */
export function createProgress(
  stream: ProgressStream,
  lang: Lang,
  delay = 1000,
): Progress & { readonly end: () => void } {
  const running = new Set<Task>();
  return {
    start(label, total) {
      // Two bars would write over each other; the outermost task is the one a person waits for.
      if (stream.isTTY !== true || running.size > 0) return SILENT;
      const bar = barOf(stream, total);
      let done = 0;
      let shown = false;
      const timer = setTimeout(() => {
        shown = true;
        bar.start(total ?? 0, done, { label: oneLine(label[lang]({})) });
      }, delay);
      timer.unref();
      const task: Task = {
        advance(steps = 1) {
          done += steps;
          if (shown) bar.update(done);
        },
        stop() {
          clearTimeout(timer);
          if (shown) bar.stop();
          shown = false;
          running.delete(task);
        },
      };
      running.add(task);
      return task;
    },
    end: () => {
      for (const task of running) task.stop();
    },
  };
}

function barOf(stream: ProgressStream, total: number | undefined): SingleBar {
  return new SingleBar({
    stream,
    format: total === undefined ? '{label}  {value}' : '{label}  [{bar}]  {percentage}%  {value}/{total}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
    emptyOnZero: true,
    // Signals are the program's to handle.
    gracefulExit: false,
  });
}
