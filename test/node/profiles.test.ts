/** The node's profiles, as they lie in its folder. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, TEMPLATES } from '../../src/config';
import { readProfiles } from '../../src/node/profiles';
import { expectCode } from '../support/matchers';

const SHIPPED = join(TEMPLATES, 'profiles');
const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a copy that was kept beside a profile does not take its place unseen', async () => {
  cpSync(SHIPPED, folder, { recursive: true });
  writeFileSync(join(folder, 'README'), 'not a profile');
  expect([...(await readProfiles(folder)).keys()]).toContain('individual');
  cpSync(join(SHIPPED, 'individual.yaml'), join(folder, 'individual-old.yaml'));
  const error = await expectCode(() => readProfiles(folder), ConfigError, 'CONFIG_INVALID');
  expect(error.problems).toEqual([
    { code: 'DUPLICATE', where: 'id', found: 'individual: individual-old.yaml', allowed: '1 ×' },
  ]);
  expect(error.params).toMatchObject({ file: join(folder, 'individual.yaml') });
});
