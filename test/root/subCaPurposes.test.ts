/** The purposes of a sub-CA certificate: what the grant names, and never to answer for the root that issued it. */
import { join } from 'node:path';
import { TEMPLATES, readYamlFile } from '../../src/config';
import { beyondCertificate } from '../../src/root/grantEffect';
import { subCaProfile } from '../../src/root/grantDraft';
import {
  assembleOcspResponse,
  basicConstraints,
  buildOcspResponseData,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  profileSchema,
  readOcspRequest,
  type Profile,
} from '../../src/x509';
import { grantOf, makeWorld, RESPONDER, type World } from '../support/delegationFixture';
import { OpenSsl } from '../support/openssl';
import { issueSoft, SUB_CA_NAME } from '../support/softCa';

const HOUR = 3_600_000;
const openssl = new OpenSsl();

let world: World;
let template: Profile;
const responder = { ...RESPONDER, extendedKeyUsage: ['ocspSigning' as const] };

beforeAll(async () => {
  world = await makeWorld();
  template = await readYamlFile(join(TEMPLATES, 'profiles', 'sub-ca.yaml'), profileSchema);
});
afterAll(() => {
  openssl.remove();
});

function grantFor(...profiles: ReturnType<typeof grantOf>['scope']['profiles']) {
  return grantOf(world, { scope: { profiles } });
}

test('are those of the grant’s profiles but for OCSP signing', () => {
  const [individual] = grantOf(world).scope.profiles;
  expect(subCaProfile(template, grantFor(individual!, responder)).extendedKeyUsage).toEqual(
    individual!.extendedKeyUsage,
  );
});

test('are those of the template where the grant names no other: none at all would mean every one', () => {
  expect(subCaProfile(template, grantFor(responder)).extendedKeyUsage).toEqual(template.extendedKeyUsage);
});

test('no verifier takes what a sub-CA says of a certificate of its root', async () => {
  const { root, subCa } = world;
  const grant = grantFor(...grantOf(world).scope.profiles.slice(0, 1), responder);
  const { extendedKeyUsage: purposes, keyUsage: usages } = subCaProfile(template, grant);
  const certificate = await issueSoft({
    ...{ issuer: root.certificate.tbs.subject, signer: root.signer },
    ...{ subject: SUB_CA_NAME, spki: subCa.signer.spki },
    extensions: [basicConstraints({ ca: true, pathLength: 0 }), keyUsage(usages), extendedKeyUsage(purposes)],
  });
  expect(beyondCertificate(grant, certificate).filter(({ found }) => found === 'ocspSigning')).toEqual([]);
  openssl.writePem('root.pem', 'CERTIFICATE', root.certificate.der);
  openssl.writePem('sub.pem', 'CERTIFICATE', certificate.der);
  const about = ['-issuer', 'root.pem', '-cert', 'sub.pem'];
  expect(openssl.run('ocsp', '-no_nonce', ...about, '-reqout', 'request.der').status).toBe(0);
  const now = Date.now();
  const tbs = buildOcspResponseData({
    responderKeyHash: keyIdentifier(subCa.signer.spki),
    producedAt: new Date(now),
    responses: readOcspRequest(openssl.read('request.der')).certIds.map((certId) => ({
      ...{ certIdDer: certId.der, status: { kind: 'good' } as const },
      ...{ thisUpdate: new Date(now - HOUR), nextUpdate: new Date(now + HOUR) },
    })),
  });
  const { algorithm } = subCa.signer;
  const response = assembleOcspResponse(tbs, algorithm, await subCa.signer.sign(tbs), [certificate.der]);
  openssl.write('response.der', response);
  const { output } = openssl.run('ocsp', '-respin', 'response.der', '-CAfile', 'root.pem', ...about);
  expect(output).toMatch(/Response Verify Failure[^]*missing ocspsigning usage/);
});
