/** Devices: certified only where the plan's paper and the device agree; software never is, whatever it says. */
import { CeremonyError, type Plan } from '../../src/ceremony';
import { judgeDevice } from '../../src/ceremony/devices';
import { isSoftwareToken } from '../../src/hsm';
import { expectCode } from '../support/matchers';

const flags = {
  initialised: true,
  userPinInitialised: true,
  userPinCountLow: false,
  userPinFinalTry: false,
  userPinLocked: false,
  userPinToBeChanged: false,
  writeProtected: false,
  loginRequired: true,
  protectedAuthenticationPath: false,
  randomGenerator: true,
  clockOnToken: false,
  errorState: false,
};
const BOX = {
  label: 'hsm',
  serial: '42',
  manufacturer: 'Maker',
  model: 'Box 7',
  firmware: '7.3',
  hardware: '1.0',
  flags,
};
const SOFT = { ...BOX, manufacturer: 'SoftHSM project', model: 'SoftHSM v2' };
const paper = { scheme: 'FIPS 140-2 level 3', number: '1234', manufacturer: 'Maker', model: 'Box 7' };
const policy = (certifiedHsm: 'required' | 'recorded'): Plan['policy'] => ({ certifiedHsm });

test('the device the paper speaks of is certified', () => {
  for (const certified of [paper, { ...paper, firmware: '7.3' }]) {
    expect(judgeDevice(BOX, { certified }, policy('required'))).toMatchObject({
      kind: 'device',
      serial: '42',
      software: false,
      certified: { scheme: 'FIPS 140-2 level 3', number: '1234' },
      flags,
    });
  }
});

describe.each([
  ['another manufacturer', BOX, { ...paper, manufacturer: 'Other' }],
  ['another model', BOX, { ...paper, model: 'Box 8' }],
  ['another firmware', BOX, { ...paper, firmware: '7.4' }],
  ['no paper', BOX, undefined],
  ['software', SOFT, undefined],
  ['software whose paper names it', SOFT, { ...paper, manufacturer: 'SoftHSM project', model: 'SoftHSM v2' }],
])('%s', (_, facts, certified) => {
  const planned = certified === undefined ? {} : { certified };

  test('is recorded as not certified', () => {
    const device = judgeDevice(facts, planned, policy('recorded'));
    expect(device).toMatchObject({ certified: null, software: facts === SOFT });
  });

  test('is refused where a certified one is demanded', async () => {
    await expectCode(
      () => judgeDevice(facts, planned, policy('required')),
      CeremonyError,
      'DEVICE_NOT_CERTIFIED',
    );
  });
});

test.each([
  ['SoftHSM project', 'SoftHSM v2', true],
  ['Mozilla Foundation', 'NSS 3', true],
  ['IBM', 'Soft Token', true],
  ['Kryoptic', 'v1', true],
  ['SafeNet', 'Luna K7', false],
  ['nCipher Corp. Ltd', '', false],
  ['Utimaco IS GmbH', 'CryptoServer', false],
])('%s %s: software %s', (manufacturer, model, software) => {
  expect(isSoftwareToken({ manufacturer, model })).toBe(software);
});
