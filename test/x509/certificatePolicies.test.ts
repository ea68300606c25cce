/** Certificate policies: each comes back as it was put in, and what breaks their form is refused. */
import { der, OID } from '../../src/asn1';
import { certificatePolicies, X509Error } from '../../src/x509';
import { expectCode } from '../support/matchers';
import { decode, raw, refuses } from './extensionForms';

describe('certificatePolicies', () => {
  test('come back with and without a CPS', () => {
    const policies = [{ oid: '2.16.704.1.1.1.1.1', cps: 'http://ca.example.vn/cps' }, { oid: '1.2.3' }];
    expect(decode(certificatePolicies(policies)).policies).toEqual(policies);
  });
  test('a CPS outside ASCII is not written', async () => {
    await expectCode(
      () => certificatePolicies([{ oid: '1.2.3', cps: 'http://quy-chế.vn' }]),
      X509Error,
      'NAME_VALUE_NOT_ENCODABLE',
    );
  });
  test('come back with a user notice, in any language', () => {
    const notice = 'Chỉ dùng cho công vụ. For official use only.';
    const policies = [
      { oid: '1.2.3', notice },
      { oid: '1.2.4', cps: 'http://a.vn/cps', notice },
    ];
    expect(decode(certificatePolicies(policies)).policies).toEqual(policies);
  });
  const policyWith = (...qualifiers: readonly Buffer[]): Buffer =>
    raw(OID.certificatePolicies, der.sequence(der.sequence(der.oid('1.2.3'), der.sequence(...qualifiers))));
  const noticeOf = (...members: readonly Buffer[]): Buffer =>
    der.sequence(der.oid(OID.userNotice), der.sequence(...members));
  const text = der.utf8String('lời nhắn');
  const reference = der.sequence(der.utf8String('A'), der.sequence(der.integer(1)));
  test.each([
    ['beside a reference', noticeOf(reference, text), { oid: '1.2.3', notice: 'lời nhắn' }],
    ['by reference alone', noticeOf(reference), { oid: '1.2.3' }],
    ['of nothing', noticeOf(), { oid: '1.2.3' }],
    ['in an older string type', noticeOf(der.implicitPrimitive(0, Buffer.from('x'))), { oid: '1.2.3' }],
  ])('a foreign notice %s', (_, notice, policy) => {
    expect(decode(policyWith(notice)).policies).toEqual([policy]);
  });
  const cps = der.sequence(der.oid(OID.cps), der.ia5String('http://a.vn'));
  refuses({
    'no policy': raw(OID.certificatePolicies, der.sequence()),
    'a policy twice': raw(
      OID.certificatePolicies,
      der.sequence(der.sequence(der.oid('1.2.3')), der.sequence(der.oid('1.2.3'))),
    ),
    'two CPS URLs': raw(
      OID.certificatePolicies,
      der.sequence(der.sequence(der.oid('1.2.3'), der.sequence(cps, cps))),
    ),
    'two notices': policyWith(noticeOf(text), noticeOf(text)),
    'a notice that is no sequence': policyWith(der.sequence(der.oid(OID.userNotice), text)),
    'a third member': raw(
      OID.certificatePolicies,
      der.sequence(der.sequence(der.oid('1.2.3'), der.sequence(cps), der.nullValue())),
    ),
    'a qualifier of three members': raw(
      OID.certificatePolicies,
      der.sequence(
        der.sequence(
          der.oid('1.2.3'),
          der.sequence(der.sequence(der.oid(OID.cps), der.ia5String('http://a.vn'), der.nullValue())),
        ),
      ),
    ),
    'no qualifier in the list': raw(
      OID.certificatePolicies,
      der.sequence(der.sequence(der.oid('1.2.3'), der.sequence())),
    ),
  });
});
