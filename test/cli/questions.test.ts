/** What comes from outside while a command runs: answers of a person, signals of the system. */
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prompter } from '../../src/cli/prompts';
import { failureIn, trial } from './fixture';

describe('confirmations and questions', () => {
  const answering = (answer: boolean | string | undefined) => {
    const asked: string[] = [];
    const prompter: Prompter = {
      confirm: async (question) => {
        asked.push(question);
        return answer as boolean | undefined;
      },
      ask: async (question, secret) => {
        asked.push(`${question} ${String(secret)}`);
        return answer as string | undefined;
      },
    };
    return { prompter, asked };
  };

  test('--yes confirms, and nobody is asked', async () => {
    const { prompter, asked } = answering(false);
    expect((await trial(['revoke', '4f', '--yes'], { terminal: true, prompter })).exit).toBe(0);
    expect(asked).toEqual([]);
  });

  test.each([
    [true, 0],
    [false, 3],
    [undefined, 3],
  ])('at a terminal the person decides: %p', async (answer, exit) => {
    const { prompter, asked } = answering(answer);
    expect((await trial(['revoke', '4f'], { terminal: true, prompter })).exit).toBe(exit);
    expect(asked).toEqual(['Revoke certificate 4f?']);
  });

  test.each([
    ['without a terminal', { terminal: false }],
    ['in a build', { terminal: true, env: { CI: 'true' } }],
  ])('%s nobody is asked', async (_, options) => {
    const { exit, stdout } = await trial(['revoke', '4f', '--json'], options);
    expect(exit).toBe(2);
    expect(failureIn(stdout)).toMatchObject({ code: 'CONFIRMATION_NEEDED' });
    const work = async () => ({});
    expect((await trial(['run'], { ...options, work })).exit).toBe(0);
  });

  const question = { en: () => 'PIN?', vi: () => 'Mã PIN?' };

  test('an answer comes back, a secret one unseen', async () => {
    const { prompter, asked } = answering('1234');
    const { stdout } = await trial(['run', '--json'], {
      terminal: true,
      prompter,
      work: async (context) => ({ length: (await context.ask(question, { secret: true })).length }),
    });
    expect(stdout).toBe('{"length":4}\n');
    expect(asked).toEqual(['PIN? true']);
  });

  test('a question that finds no terminal, or no answer, ends the command', async () => {
    const work = async (context: { ask(q: typeof question): Promise<string> }) => ({
      answer: await context.ask(question),
    });
    expect(failureIn((await trial(['run', '--json'], { work })).stdout).code).toBe('NOT_A_TERMINAL');
    const named = async (context: {
      ask(q: typeof question, o: { readonly option: string }): Promise<string>;
    }) => ({ answer: await context.ask(question, { option: '--pin-file' }) });
    const { messageVi } = failureIn((await trial(['run', '--json'], { work: named })).stdout);
    expect(messageVi).toContain('Hãy ghi --pin-file');
    const { prompter } = answering(undefined);
    const broken = await trial(['run', '--json'], { work, terminal: true, prompter });
    expect(failureIn(broken.stdout).code).toBe('CANCELLED');
  });
});

describe('interruption', () => {
  test.each(['SIGINT', 'SIGTERM'])('%s aborts what the handler waits for', async (signal) => {
    const signals = new EventEmitter();
    const work = async (context: { readonly signal: AbortSignal }) => {
      setImmediate(() => signals.emit(signal, signal));
      await sleep(60_000, undefined, { signal: context.signal });
      return {};
    };
    const { exit, stdout } = await trial(['run', '--json'], { signals, work });
    expect(exit).toBe(4);
    expect(failureIn(stdout)).toMatchObject({ code: 'INTERRUPTED', params: { signal } });
    expect([signals.listenerCount('SIGINT'), signals.listenerCount('SIGTERM')]).toEqual([0, 0]);
  });

  test('is no failure for a handler that ends in order', async () => {
    const signals = new EventEmitter();
    const work = async (context: { readonly signal: AbortSignal }) => {
      setImmediate(() => signals.emit('SIGTERM', 'SIGTERM'));
      await once(context.signal, 'abort');
      return { served: true };
    };
    expect(await trial(['run', '--json'], { signals, work })).toMatchObject({ exit: 0 });
  });

  test('leaves the second signal to the process', async () => {
    const signals = new EventEmitter();
    const work = async (context: { readonly signal: AbortSignal }) => {
      signals.emit('SIGINT', 'SIGINT');
      return { aborted: context.signal.aborted, listening: signals.listenerCount('SIGINT') };
    };
    expect((await trial(['run', '--json'], { signals, work })).stdout).toBe(
      '{"aborted":true,"listening":0}\n',
    );
  });
});
