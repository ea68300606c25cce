/** What the generations of a CA key call their files, addresses and certificates. */
import { commonNameOfEpoch, fileOfEpoch, urlOfEpoch } from '../../src/delegation';

test.each([
  ['subca.crl', 2, 'subca-e2.crl'],
  ['subca.crl.pem', 12, 'subca-e12.crl.pem'],
  ['crl', 2, 'crl-e2'],
  ['subca.crl', 1, 'subca.crl'],
])('the file %s of epoch %d is %s', (name, epoch, expected) => {
  expect(fileOfEpoch(name, epoch)).toBe(expected);
});

test.each([
  ['http://ca.laocai.gov.vn/subca.crl', 'http://ca.laocai.gov.vn/subca-e2.crl'],
  ['http://mirror.gov.vn:8080/pki/v1.0/laocai.crl', 'http://mirror.gov.vn:8080/pki/v1.0/laocai-e2.crl'],
  ['http://mirror.gov.vn/crl?ca=lao.cai', 'http://mirror.gov.vn/crl-e2?ca=lao.cai'],
  ['http://ca.laocai.gov.vn', 'http://ca.laocai.gov.vn/-e2'],
])('the address %s becomes %s, on the same host', (url, expected) => {
  expect(urlOfEpoch(url, 2)).toBe(expected);
  expect(urlOfEpoch(url, 1)).toBe(url);
});

test.each([
  ['http://ca.laocai.gov.vn/subca-e2.crl', 2, 3, 'http://ca.laocai.gov.vn/subca-e3.crl'],
  ['http://ca.laocai.gov.vn/subca-e12.crl', 12, 13, 'http://ca.laocai.gov.vn/subca-e13.crl'],
  // Whoever chose an address that tells no epoch, or another, finds it whole in the next.
  ['http://new.gov.vn/laocai.crl', 2, 3, 'http://new.gov.vn/laocai-e3.crl'],
  ['http://new.gov.vn/subca-e1.crl', 1, 2, 'http://new.gov.vn/subca-e1-e2.crl'],
  ['http://new.gov.vn/subca-e12.crl', 2, 3, 'http://new.gov.vn/subca-e12-e3.crl'],
])('the address %s of epoch %d becomes in epoch %d %s', (url, before, epoch, expected) => {
  expect(urlOfEpoch(url, epoch, before)).toBe(expected);
  expect(urlOfEpoch(url, before, before)).toBe(url);
});

test('a common name says the generation, and is never too long for it', () => {
  expect(commonNameOfEpoch('CA TỈNH LÀO CAI', 1)).toBe('CA TỈNH LÀO CAI');
  expect(commonNameOfEpoch('CA TỈNH LÀO CAI', 2)).toBe('CA TỈNH LÀO CAI G2');
  const long = `CA ${'Ủ'.repeat(80)}`;
  expect(commonNameOfEpoch(long, 1)).toHaveLength(64);
  expect(commonNameOfEpoch(long, 127)).toHaveLength(64);
  expect(commonNameOfEpoch(long, 127)).toMatch(/ G127$/);
});
