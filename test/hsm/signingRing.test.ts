/** The memory that the main thread and a signing thread have in common, both of its sides in one thread. */
import * as fc from 'fast-check';
import { SigningRing } from '../../src/hsm/signingRing.cjs';

const SESSION = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
const KEY = Buffer.from([8, 7, 6, 5, 4, 3, 2, 1]);

function sides() {
  const memory = new SharedArrayBuffer(SigningRing.BYTES);
  return { memory, main: new SigningRing(memory), thread: new SigningRing(memory) };
}

test('both sides go round in one order, whoever is ahead, and a place is used again only after it was taken', () => {
  const { main, thread } = sides();
  const [asked, answers]: [Buffer[], Buffer[]] = [[], []];
  let [begun, taken] = [0, 0];
  const steps = {
    ask: () => {
      const input = Buffer.from(`input ${String(asked.length)}`);
      if (main.isFull) expect(asked.length - taken).toBe(32);
      else {
        main.ask(asked.length % 3, SESSION, KEY, input);
        asked.push(input);
      }
    },
    answer: () => {
      if (begun === asked.length) return;
      expect(thread.next()).toEqual({
        mechanism: begun % 3,
        session: SESSION,
        key: KEY,
        input: asked[begun],
      });
      answers.push(Buffer.from(`signature of ${String(begun)}`));
      thread.answer(answers[begun]!, begun / 8);
      begun += 1;
    },
    take: () => {
      expect(main.isAnswered).toBe(taken < begun);
      expect(main.take()).toEqual(taken < begun ? { signature: answers[taken], ms: taken / 8 } : undefined);
      taken = Math.min(taken + 1, begun);
    },
  };
  const anyStep = fc.constantFrom('ask', 'answer', 'take', 'ask', 'answer', 'take', 'ask');
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 200, maxLength: 200 }), (names) => {
      for (const name of names) {
        steps[name]();
        expect(main.unanswered).toBe(asked.length - begun);
      }
    }),
    { numRuns: 50 },
  );
  expect(taken).toBeGreaterThan(10 * 32);
});

test("an error comes back with its message and its code, a vendor's among them", () => {
  const { main, thread } = sides();
  const errors = [
    ['CKR_DEVICE_ERROR', 0x30],
    ['CKR_VENDOR_DEFINED', 0x8000_0001],
    ['Không đọc được', undefined],
  ] as const;
  for (const [message, code] of errors) {
    main.ask(0, SESSION, KEY, Buffer.alloc(32));
    thread.next();
    thread.fail(message, code);
    expect(main.take()).toEqual({ message, code });
  }
  // Of what there is no room for, no half of a letter is left.
  for (const [letter, fit] of [['x', SigningRing.RESULT_BYTES] as const, ['ọ', 170] as const]) {
    main.ask(0, SESSION, KEY, Buffer.alloc(32));
    thread.next();
    thread.fail(letter.repeat(5000), undefined);
    expect(main.take()).toEqual({ message: letter.repeat(fit), code: undefined });
  }
});

test('a signature that took hours says so', () => {
  const { main, thread } = sides();
  main.ask(0, SESSION, KEY, Buffer.alloc(32));
  thread.next();
  thread.answer(Buffer.from('signature'), 4 * 3_600_000);
  expect(main.take()).toMatchObject({ ms: 4 * 3_600_000 });
});

test('who waits is told, and one who came too late knows it', async () => {
  const { main, thread } = sides();
  main.ask(0, SESSION, KEY, Buffer.alloc(32));
  const told = main.whenAnswered();
  thread.next();
  thread.answer(Buffer.from('signature'), 0);
  await expect(told).resolves.toBe('ok');
  expect(main.whenAnswered()).toBeUndefined();
});

test('an input for which there is no room is left to be sent', () => {
  const { main, thread } = sides();
  main.ask(0, SESSION, KEY, undefined);
  expect(thread.next()).toMatchObject({ session: SESSION, key: KEY, input: undefined });
});

test('who waits to be told looks again by himself after a second', async () => {
  const { main, memory } = sides();
  main.ask(0, SESSION, KEY, Buffer.from('input'));
  const told = main.whenAnswered();
  const thread = new SigningRing(memory);
  thread.next();
  // As if the word were lost: nobody is said to wait.
  new Int32Array(memory).fill(0, 32, 33);
  thread.answer(Buffer.from('signature'), 1);
  await told;
  expect(main.take()).toMatchObject({ signature: Buffer.from('signature') });
});
