/** Progress shows itself on a terminal, after a while, and goes away. */
import { createProgress } from '../../src/cli/progress';
import { Captured } from './fixture';

const label = { en: () => 'Signing {bar}\u001b', vi: () => 'Đang ký' };

/** cli-progress asks a terminal for more than a plain stream has. */
class Terminal extends Captured {
  override isTTY = true;
  cursorTo = () => true;
  clearLine = () => true;
  moveCursor = () => true;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('shows itself after the delay, counts, and stops', () => {
  const terminal = new Terminal();
  const task = createProgress(terminal, 'en').start(label, 4);
  task.advance();
  jest.advanceTimersByTime(999);
  expect(terminal.written).toBe('');
  jest.advanceTimersByTime(1);
  expect(terminal.written).toContain('Signing');
  expect(terminal.written).toContain('1/4');
  task.advance(2);
  jest.advanceTimersByTime(500);
  expect(terminal.written).toContain('3/4');
  task.stop();
  const { length } = terminal.written;
  jest.advanceTimersByTime(5000);
  expect(terminal.written).toHaveLength(length);
});

test('counts where the end is not known', () => {
  const terminal = new Terminal();
  const task = createProgress(terminal, 'vi').start(label);
  task.advance(12);
  jest.advanceTimersByTime(1500);
  expect(terminal.written).toMatch(/Đang ký {2}12/);
  task.stop();
});

test('short work shows nothing', () => {
  const terminal = new Terminal();
  createProgress(terminal, 'en').start(label, 4).stop();
  jest.advanceTimersByTime(5000);
  expect(terminal.written).toBe('');
});

test('without a terminal nothing shows', () => {
  const stream = new Captured();
  const task = createProgress(stream, 'en').start(label, 4);
  task.advance();
  jest.advanceTimersByTime(5000);
  task.stop();
  expect(stream.written).toBe('');
});

test('a task within a task leaves the line to the outer one', () => {
  const terminal = new Terminal();
  const progress = createProgress(terminal, 'vi');
  progress.start(label, 2);
  const inner = progress.start({ en: () => 'inner', vi: () => 'bên trong' }, 2);
  jest.advanceTimersByTime(2000);
  inner.advance();
  inner.stop();
  progress.end();
  expect(terminal.written).toContain('Đang ký');
  expect(terminal.written).not.toContain('bên trong');
  expect(jest.getTimerCount()).toBe(0);
});
