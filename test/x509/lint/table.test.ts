/** The table of checks: good certificates of every profile pass; each check catches a certificate broken for it. */
import { lintCheckTexts } from '../../../src/i18n/messages/lint';
import { der, OID } from '../../../src/asn1';
import { SIGNATURE_ALGORITHMS } from '../../../src/signer';
import {
  lint,
  LINT_CHECKS,
  lintIssuerOf,
  lintProblems,
  signatureAlgorithmIdentifier,
  X509Error,
} from '../../../src/x509';
import { expectCode } from '../../support/matchers';
import { encodeTree } from '../../support/derTree';
import { BROKEN_BODY } from './brokenBody';
import { BROKEN_EXTENSIONS } from './brokenExtensions';
import { goodTbs, issuerOf, makeCas, profileNamed, PROFILES, signed, Tbs } from './certificates';

const BROKEN = [...BROKEN_BODY, ...BROKEN_EXTENSIONS];

beforeAll(makeCas);

describe('a good certificate passes without a word', () => {
  test.each(PROFILES)('%s', async (id) => {
    const profile = profileNamed(id);
    const keys = (['p-256', 'rsa-2048'] as const).filter((key) => profile.keyAlgorithms.includes(key));
    // The root's key is the CA's own in these tests.
    for (const key of keys.length > 0 ? keys : (['p-256'] as const)) {
      const tbs = goodTbs(profile, key);
      expect(lint(tbs, 'TBSCertificate', issuerOf(profile))).toEqual([]);
      const whole = await signed(tbs, profile);
      expect(lint(whole, 'Certificate', issuerOf(profile))).toEqual([]);
      // Without its issuer, the issuer's name is looked into as well.
      expect(lint(whole, 'Certificate')).toEqual([]);
    }
  });
});

describe('a broken one is caught by the check it is broken for', () => {
  test.each(BROKEN.map((one, at) => [`${one.check} (${String(at)})`, one] as const))('%s', (_, one) => {
    const profile = profileNamed(one.profile ?? 'individual');
    const tbs = new Tbs(goodTbs(profile, one.key));
    const bytes = one.change(tbs) ?? tbs.bytes;
    const found = lint(bytes, 'TBSCertificate', issuerOf(profile)).filter(({ check }) => check === one.check);
    expect(found).not.toEqual([]);
    for (const { severity, where, found: what, allowed } of found) {
      expect(severity).toBe(LINT_CHECKS[one.check].severity);
      expect([where, what, allowed].every((text) => text !== '' && text.length < 1_000)).toBe(true);
    }
  });

  test('signature-algorithms-equal, of a whole certificate', async () => {
    const profile = profileNamed('individual');
    const whole = new Tbs(await signed(goodTbs(profile), profile));
    whole.set(1, der.sequence(der.oid(OID.ecdsaWithSha384)));
    const found = lint(whole.bytes, 'Certificate', issuerOf(profile));
    expect(found.map(({ check }) => check)).toEqual(['signature-algorithms-equal']);
  });

  test('structure, of a whole certificate', () => {
    const tbs = goodTbs(profileNamed('individual'));
    for (const whole of [der.sequence(tbs), der.sequence(tbs, der.sequence(), der.nullValue())]) {
      expect(lint(whole, 'Certificate').map(({ check }) => check)).toEqual(['structure']);
    }
  });

  test('every check of the table has such a certificate', () => {
    const caught = new Set([...BROKEN.map(({ check }) => check), 'signature-algorithms-equal']);
    expect(Object.keys(LINT_CHECKS).filter((id) => !caught.has(id))).toEqual([]);
    expect(caught.size).toBeGreaterThanOrEqual(100);
  });
});

test('most rules are broken one at a time: nothing else is said of the certificate', () => {
  const alone = BROKEN.filter((one) => {
    const profile = profileNamed(one.profile ?? 'individual');
    const tbs = new Tbs(goodTbs(profile, one.key));
    const found = lint(one.change(tbs) ?? tbs.bytes, 'TBSCertificate', issuerOf(profile));
    return new Set(found.map(({ check }) => check)).size === 1;
  });
  expect(alone.length / BROKEN.length).toBeGreaterThan(0.5);
});

test('one entry for one text, with a source', () => {
  expect(Object.keys(LINT_CHECKS).sort()).toEqual(Object.keys(lintCheckTexts).sort());
  expect(Object.values(LINT_CHECKS).every(({ source }) => source.length > 3)).toBe(true);
});

test('findings become problems that name their check and its source', () => {
  const profile = profileNamed('individual');
  const tbs = new Tbs(goodTbs(profile));
  tbs.set(1, der.integer(0));
  const problems = lintProblems(lint(tbs.bytes, 'TBSCertificate', issuerOf(profile)));
  expect(problems).toContainEqual({
    code: 'LINT',
    where: 'serialNumber [serial-number-positive]',
    found: '0',
    allowed: '> 0 (RFC 5280, 4.1.2.2)',
  });
});

test('the RSASSA-PSS identifiers of RFC 4055 are known, with SHA-256, SHA-384 and SHA-512', () => {
  const profile = profileNamed('individual');
  for (const [arc, salt] of [
    [1, 32],
    [2, 48],
    [3, 64],
  ] as const) {
    const hash = der.sequence(der.oid(`2.16.840.1.101.3.4.2.${String(arc)}`), der.nullValue());
    const mgf1 = der.sequence(der.oid('1.2.840.113549.1.1.8'), hash);
    const parameters = [der.explicit(0, hash), der.explicit(1, mgf1), der.explicit(2, der.integer(salt))];
    const tbs = new Tbs(goodTbs(profile));
    tbs.set(2, der.sequence(der.oid('1.2.840.113549.1.1.10'), der.sequence(...parameters)));
    expect(lint(tbs.bytes, 'TBSCertificate', issuerOf(profile))).toEqual([]);
  }
});

test.each(SIGNATURE_ALGORITHMS)('the identifier written for %s is one the lint knows', (algorithm) => {
  const profile = profileNamed('individual');
  const tbs = new Tbs(goodTbs(profile));
  tbs.set(2, signatureAlgorithmIdentifier(algorithm));
  expect(lint(tbs.bytes, 'TBSCertificate', issuerOf(profile))).toEqual([]);
});

test('an issuer that cannot be read is refused', async () => {
  await expectCode(() => lintIssuerOf(Buffer.from('3000', 'hex')), X509Error, 'CERTIFICATE_MALFORMED');
});

test('surgery alone changes nothing', () => {
  for (const id of PROFILES) {
    const tbs = goodTbs(profileNamed(id));
    expect(encodeTree(new Tbs(tbs).tree)).toEqual(tbs);
  }
});
