/** Fitting what is shown to the width of a terminal, which by itself breaks lines in the middle of words. */
import { displayWidth, wrapped } from './display';
import type { OutputStream } from './surroundings';

const RULE = /^─+(?: {2}─+)+$/;
const LABEL = /^ *\S.*?: {2,}/;
const HANGING = 4;

/** A text as it goes to a stream: in files and pipes its lines stay whole. */
export function shownOn({ isTTY, columns = 80 }: OutputStream, text: string): string {
  return isTTY === true ? fitted(text, columns) : text;
}

/**
 * Breaks each line that is too long at a blank. It goes on below where its value begins (`label:  value`, or the last
 * column of a table), or where too little room is left there, a few columns in.
 */
export function fitted(text: string, columns: number): string {
  /** Where the last column of the table begins that the line is in. */
  let last: number | undefined;
  const lines = text.split('\n');
  return lines
    .flatMap((line, at) => {
      const rule = [line, lines[at + 1] ?? ''].find((one) => RULE.test(one));
      if (rule !== undefined) last = rule.lastIndexOf(' ') + 1;
      if (line === '') last = undefined;
      if (displayWidth(line) <= columns) return [line];
      if (RULE.test(line)) return [line.slice(0, columns)];
      return last === undefined ? brokenLine(line, columns) : brokenRow(line, last, columns);
    })
    .join('\n');
}

function brokenLine(line: string, columns: number): readonly string[] {
  const label = LABEL.exec(line)?.[0] ?? '';
  if (label !== '') return hung(label, line.slice(label.length), columns);
  const indent = /^ */.exec(line)?.[0] ?? '';
  return hung(indent, line.slice(indent.length), columns);
}

function brokenRow(line: string, last: number, columns: number): readonly string[] {
  let start = 0;
  for (let width = 0; width < last && start < line.length; start += 1) {
    width = displayWidth(line.slice(0, start + 1));
  }
  return hung(line.slice(0, start), line.slice(start), columns);
}

/** The value beside its head, or below it where that leaves less than half of the room. */
function hung(head: string, value: string, columns: number): readonly string[] {
  const width = displayWidth(head);
  const beside = wrapped(value, columns - width);
  const fits = width <= columns / 2 && beside.every((part) => displayWidth(part) <= columns - width);
  if (fits) return beside.map((part, at) => (at === 0 ? head : ' '.repeat(width)) + part);
  const room = columns - HANGING;
  const below = wrapped(value, room).map((part) => ' '.repeat(HANGING) + part);
  return head.trim() === '' ? below : [head.trimEnd(), ...below];
}
