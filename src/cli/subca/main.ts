/** The program `subca`: the delegated body's node. */
import type { Program } from '../command';
import type { ExitCode } from '../exit';
import { runProgram } from '../run';
import { processSurroundings, type Surroundings } from '../surroundings';
import { cliTexts } from '../../i18n/messages/cli';
import { commands } from './commands';

const subca: Program = {
  name: 'subca',
  summary: cliTexts.subcaSummary,
  directoryVariable: 'SUBCA_DIR',
  entries: commands,
};

/** Runs one command line (without the interpreter's and the program's own name) and gives its exit code. */
export function run(
  argv: readonly string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<ExitCode> {
  return runProgram(subca, argv, surroundings);
}
