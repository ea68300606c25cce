/** PKCS#11 libraries: loading, files that are broken or replaced, and starting anew while others are inside. */
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { HsmError, listTokens } from '../../src/hsm';
import { loadModule } from '../../src/hsm/module';
import { expectCode } from '../support/matchers';
import { makeSoftHsm } from '../support/softhsm';
import { makeFailingModule } from './failingModule';

const softHsm = makeSoftHsm();
const failing = join(softHsm.directory, 'failing.so');
softHsm.createToken('node');
makeFailingModule(failing);

afterAll(() => {
  softHsm.remove();
});

const labels = (file: string): string[] =>
  listTokens(file)
    .filter(({ flags }) => flags.initialised)
    .map(({ label }) => label);

/** Puts a file in the place of another as package managers do: what has the old one open keeps it. */
function replace(file: string, by: string): void {
  copyFileSync(by, `${file}.new`);
  renameSync(`${file}.new`, file);
}

function moduleFile(name: string, from: string): string {
  const file = join(softHsm.directory, name);
  copyFileSync(from, file);
  return file;
}

describe('a file that cannot be used', () => {
  test('is told, and taken up once it is mended', async () => {
    const file = join(softHsm.directory, 'mended.so');
    writeFileSync(file, 'not a library');
    await expectCode(() => listTokens(file), HsmError, 'MODULE_UNAVAILABLE');
    replace(file, failing);
    const error = await expectCode(() => listTokens(file), HsmError, 'MODULE_UNAVAILABLE');
    expect(error.params).toMatchObject({ module: file, reason: 'CKR_GENERAL_ERROR' });
    replace(file, softHsm.module);
    expect(labels(file)).toEqual(['node']);
  });

  test('does no harm to what was loaded from its place before, not even when that starts anew', async () => {
    const file = moduleFile('replaced.so', softHsm.module);
    const module = loadModule(file);
    replace(file, failing);
    expect(labels(file)).toEqual(['node']);
    expect(await module.restart(module.generation)).toBe(true);
    expect(labels(file)).toEqual(['node']);
    expect(loadModule(file)).toBe(module);
  });
});

describe('starting anew', () => {
  const module = loadModule(softHsm.module);

  test('waits until nobody is inside, and keeps others out', async () => {
    const finalize = jest.spyOn(module.module, 'finalize');
    const { generation } = module;
    module.enter();
    const restarting = module.restart(generation);
    expect(module.closedUntil).toBeDefined();
    await after(30);
    expect(finalize).not.toHaveBeenCalled();
    module.leave();
    expect(await restarting).toBe(true);
    expect(finalize).toHaveBeenCalledTimes(1);
    expect(module.closedUntil).toBeUndefined();
    expect(module.generation).toBe(generation + 1);
    finalize.mockRestore();
  });

  test('is not done while an operation does not end', async () => {
    const { generation } = module;
    module.enter();
    expect(await module.restart(module.generation)).toBe(false);
    expect(module.closedUntil).toBeUndefined();
    expect(module.generation).toBe(generation);
    module.leave();
  });

  test('is done once for all who ask at the same time', async () => {
    const { generation } = module;
    expect(await Promise.all(Array.from({ length: 3 }, () => module.restart(generation)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(module.generation).toBe(generation + 1);
  });

  test('that fails leaves a module that nobody may enter, until it starts again', async () => {
    const tokens = join(softHsm.directory, 'tokens');
    renameSync(tokens, `${tokens}.away`);
    try {
      const error = await expectCode(module.restart(module.generation), HsmError, 'MODULE_UNAVAILABLE');
      expect(error).toMatchObject({ category: 'unavailable', params: { reason: 'CKR_GENERAL_ERROR' } });
      expect(() => {
        module.enter();
      }).toThrow('CKR_CRYPTOKI_NOT_INITIALIZED');
    } finally {
      renameSync(`${tokens}.away`, tokens);
    }
    expect(labels(softHsm.module)).toEqual(['node']);
    module.enter();
    module.leave();
  });

  test('is noticed when somebody else did it', () => {
    const { generation } = module;
    module.start();
    expect(module.generation).toBe(generation);
    module.module.finalize();
    module.start();
    expect(module.generation).toBe(generation + 1);
  });
});
