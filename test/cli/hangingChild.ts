/** A program of one command that signs once, on a module that may never give the signature back; for hanging.test.ts. */
import { defineCommand } from '../../src/cli/command';
import { runProgram } from '../../src/cli/run';
import { processSurroundings } from '../../src/cli/surroundings';
import { systemClock } from '../../src/clock';
import { readPin, Token } from '../../src/hsm';
import { text } from '../../src/i18n';

const phrase = text(
  () => 'sign once',
  () => 'ký một lần',
);
const [library = '', label = '', pinFile = '', waitMs = ''] = process.argv.slice(2);

async function sign(): Promise<void> {
  const readAgain = () => readPin({ file: pinFile }, { tokenLabel: label });
  const refusedPins = `${pinFile}.refused.json`;
  const options = { refusedPins, clock: systemClock, sessions: 2, waitMs: Number(waitMs) };
  const token = await Token.open({ module: library, label }, readAgain, options);
  try {
    const signer = await token.signer('rsa');
    process.stderr.write('signing\n');
    await signer.sign(Buffer.from('message'));
  } finally {
    await token.close();
  }
}

const command = defineCommand({
  path: 'sign',
  summary: phrase,
  example: ['try sign'],
  needsDirectory: false,
  handler: async () => {
    await sign();
    return { json: { signed: true }, text: () => 'signed' };
  },
});

const program = { name: 'try', summary: phrase, directoryVariable: 'TRY_DIR', entries: [command] } as const;
void runProgram(program, ['sign', '--json'], processSurroundings()).then((code) => {
  process.exit(code);
});
