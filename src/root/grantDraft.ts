/** From an application and the grant template to the grant the operators will sign, and to the sub-CA's constraints. */
import { readYamlFile, findOrganisation } from '../config';
import {
  parseGrant,
  urlOfEpoch,
  type Application,
  type FirstApplication,
  type Grant,
  type OpenedApplication,
  type ProfileScope,
  type SuccessorApplication,
} from '../delegation';
import type { Problem } from '../errors';
import { signatureAlgorithmsOf, type SignatureAlgorithm } from '../signer';
import {
  ALL_IP_ADDRESSES,
  formatName,
  matchSubject,
  namesEqual,
  NO_DNS_NAME,
  type CertificationRequest,
  type Name,
  type NameConstraintsInput,
  type Profile,
  type SubjectTemplate,
  type TbsCertificate,
} from '../x509';
import { grantTemplateSchema, type GrantTemplate } from './config';
import { RootError } from './errors';
import { termsOf, type Terms } from './grantDifference';
import type { KnownNode } from './nodes';
import { readProfile } from './profiles';
import type { RootCa } from './root';
import { successionOf, type Succession } from './succession';

const DAY = 86_400_000;
/** Stands for "no e-mail address" as a permitted subtree; `.invalid` is never delegated (RFC 2606). */
const NO_EMAIL_HOST = 'none.invalid';

/** @throws RootError `APPLICATION_UNFIT` with all problems; `NODE_UNKNOWN`, `GRANT_NOT_CURRENT` */
export async function draftGrant(root: RootCa, application: OpenedApplication): Promise<Grant> {
  const { value, request } = application;
  if ('succeeds' in value) return draftSuccessor(root, value, request);
  return draftFirst(root, value, application);
}

async function draftFirst(
  root: RootCa,
  value: FirstApplication,
  application: OpenedApplication,
): Promise<Grant> {
  const { request } = application;
  const caSignature = caSignatureOf(request);
  const template: GrantTemplate = await readYamlFile(root.paths.grantTemplate, grantTemplateSchema);
  const problems = [
    ...(await checkOrganisation(value)),
    ...matchSubject(caSubjectTemplate(value), request.subject ?? [], 'request.subject'),
    ...(caSignature === undefined ? [unfitSignature(request)] : []),
    ...checkWanted('services', value.wanted.services, template.services),
    ...checkWanted('profiles', value.wanted.profiles, template.profiles),
  ];
  if (caSignature === undefined || problems.length > 0)
    throw new RootError('APPLICATION_UNFIT', { count: problems.length }, { problems });
  const now = root.now();
  const years = template.validDays / 365;
  const profiles = await Promise.all(value.wanted.profiles.map((id) => readProfile(root, id)));
  const urls = (patterns: readonly string[]): string[] =>
    patterns.map((url) => url.replace('{host}', value.host).replace('{node}', value.nodeId));
  return {
    grantId: `g-${application.sha256.slice(0, 16)}`,
    version: 1,
    previous: null,
    issuedAt: now.toISOString(),
    effectiveFrom: now.toISOString(),
    organisation: { code: value.organisation.code, name: value.organisation.name },
    nodeId: value.nodeId,
    keys: {
      caSpkiSha256: request.publicKey.spkiSha256,
      caSignature,
      journalSpki: value.journalSpki,
      epoch: value.epoch,
    },
    services: value.wanted.services,
    scope: { profiles: profiles.map((profile) => profileScope(profile, value)) },
    limits: {
      quota: {
        total: Math.min(template.quota.total, Math.ceil(value.wanted.perYear * years)),
        perDay: Math.min(template.quota.perDay, value.wanted.perYear),
        perProfile: Object.fromEntries(
          Object.entries(template.quota.perProfile).filter(([id]) => value.wanted.profiles.includes(id)),
        ),
      },
      notBefore: now.toISOString(),
      notAfter: new Date(now.getTime() + template.validDays * DAY).toISOString(),
      lease: template.lease,
      ...(template.retentionYears !== undefined && { retentionYears: template.retentionYears }),
    },
    publication: template.publication,
    urls: {
      crl: urls(template.urls.crl),
      ocsp: urls(template.urls.ocsp),
      caIssuers: urls(template.urls.caIssuers),
    },
  };
}

/** The CA key asks by the algorithm it will sign with; a subscriber's request may be signed by more than that. */
function caSignatureOf({
  publicKey,
  signatureAlgorithm,
}: CertificationRequest): SignatureAlgorithm | undefined {
  return signatureAlgorithmsOf(publicKey.algorithm).find((fitting) => fitting === signatureAlgorithm);
}

function unfitSignature({ publicKey, signatureAlgorithm }: CertificationRequest): Problem {
  const allowed = signatureAlgorithmsOf(publicKey.algorithm).join(', ');
  return { code: 'BAD_VALUE', where: 'request.signatureAlgorithm', found: signatureAlgorithm, allowed };
}

/**
 * The same grant for the next CA key: only the key changes and where its files are, and what operators have drafted to
 * change with it.
 */
async function draftSuccessor(
  root: RootCa,
  value: SuccessorApplication,
  request: CertificationRequest,
): Promise<Grant> {
  const succession = await successionOf(root, value);
  const { follows, newest, generations } = succession;
  // What operators allowed last, be it for a key that is given up now.
  const latest = newest.grant.value;
  const now = root.now();
  const caSignature = caSignatureOf(request);
  const problems = [
    ...(await checkOrganisation(value)),
    ...matchSubject(caSubjectTemplate(value), request.subject ?? [], 'request.subject'),
    ...(caSignature === undefined ? [unfitSignature(request)] : []),
    ...checkSuccession(succession, value, now),
    ...generations.flatMap(({ authority }) => checkNewKey(authority.caCertificate.tbs, request)),
  ];
  if (caSignature === undefined || problems.length > 0)
    throw new RootError('APPLICATION_UNFIT', { count: problems.length }, { problems });
  const terms = (await termsForNextKey(root, value.nodeId, newest.grant.sha256)) ?? termsOf(latest);
  // Where the files of that key are, by the operators' last word on it; those of the next one lie beside them.
  const { urls } = terms;
  const moved = (before: readonly string[]): string[] =>
    before.map((url) => urlOfEpoch(url, value.epoch, latest.keys.epoch));
  return {
    ...latest,
    ...terms,
    version: latest.version + 1,
    previous: follows.grant.sha256,
    issuedAt: now.toISOString(),
    effectiveFrom: now.toISOString(),
    keys: { ...latest.keys, caSpkiSha256: request.publicKey.spkiSha256, caSignature, epoch: value.epoch },
    urls: { ...urls, crl: moved(urls.crl), caIssuers: moved(urls.caIssuers) },
  };
}

/** What is drafted to change with the next CA key, if it follows the newest version. */
async function termsForNextKey(root: RootCa, node: string, previous: string): Promise<Terms | undefined> {
  const row = await root.store.read
    .selectFrom('grantDrafts')
    .select('draft')
    .where('nodeId', '=', node)
    .where('withNextKey', '=', 1)
    .executeTakeFirst();
  const draft = row && parseGrant(row.draft);
  return draft?.previous === previous ? termsOf(draft) : undefined;
}

function checkSuccession(
  { follows, replaced, newest }: Succession,
  value: SuccessorApplication,
  now: Date,
): readonly Problem[] {
  const { keys, organisation, grantId, version } = follows.grant.value;
  const { limits } = newest.grant.value;
  const { replaces } = value;
  const expected: readonly (readonly [string, string, string])[] = [
    ['organisation.code', value.organisation.code, organisation.code],
    ['succeeds.grantId', value.succeeds.grantId, grantId],
    ['succeeds.version', String(value.succeeds.version), String(version)],
    ['epoch', String(value.epoch), String((replaces?.epoch ?? keys.epoch) + 1)],
    ['journalSpki', value.journalSpki, keys.journalSpki],
  ];
  const problems: Problem[] = expected
    .filter(([, found, wanted]) => found !== wanted)
    .map(([where, found, allowed]) => ({ code: 'BAD_VALUE', where, found, allowed }));
  if (replaces !== undefined) problems.push(...checkReplaced(replaces, replaced.at(-1)));
  if (Date.parse(limits.notAfter) <= now.getTime()) {
    const allowed = 'a grant that has not ended';
    problems.push({ code: 'OUTSIDE_GRANT', where: 'succeeds', found: limits.notAfter, allowed });
  }
  return problems;
}

/** The key said to be lost is the last that was certified, or one made after it that never was. */
function checkReplaced(
  { epoch, caSpkiSha256 }: NonNullable<SuccessorApplication['replaces']>,
  lost: KnownNode | undefined,
): readonly Problem[] {
  if (lost === undefined || epoch > lost.epoch) return [];
  const allowed = `${lost.epoch} ${lost.grant.value.keys.caSpkiSha256}`;
  const found = `${epoch} ${caSpkiSha256}`;
  return found === allowed ? [] : [{ code: 'BAD_VALUE', where: 'replaces', found, allowed }];
}

/** Neither the key nor the name of an earlier CA certificate: verifiers keep CRLs by the name of their issuer. */
function checkNewKey(earlier: TbsCertificate, request: CertificationRequest): readonly Problem[] {
  const problems: Problem[] = [];
  const { spkiSha256 } = request.publicKey;
  if (earlier.publicKey.spkiSha256 === spkiSha256)
    problems.push({ code: 'DUPLICATE', where: 'request.publicKey', found: spkiSha256, allowed: '1 ×' });
  const subject = request.subject ?? [];
  if (namesEqual(earlier.subject, subject))
    problems.push({
      code: 'DUPLICATE',
      where: 'request.subject',
      found: formatName(subject),
      allowed: '1 ×',
    });
  return problems;
}

async function checkOrganisation({ organisation }: Application): Promise<readonly Problem[]> {
  const known = await findOrganisation(organisation.code);
  return (['name', 'place'] as const)
    .filter((field) => known[field] !== organisation[field])
    .map((field) => ({
      code: 'BAD_VALUE',
      where: `organisation.${field}`,
      found: organisation[field],
      allowed: known[field],
    }));
}

function checkWanted(
  where: string,
  wanted: readonly string[],
  allowed: readonly string[],
): readonly Problem[] {
  return wanted
    .filter((one) => !allowed.includes(one))
    .map((found) => ({
      code: 'OUTSIDE_GRANT',
      where: `wanted.${where}`,
      found,
      allowed: allowed.join(', '),
    }));
}

/** What every name under the delegation begins with. */
function namePrefix({ organisation }: Application): Name {
  return [
    { type: 'C', value: 'VN' },
    { type: 'L', value: organisation.place },
    { type: 'O', value: organisation.name.toLocaleUpperCase('vi') },
  ];
}

function caSubjectTemplate(application: Application): SubjectTemplate {
  const fixed = namePrefix(application).map(({ type, value }) => ({ type, values: [value], min: 1, max: 1 }));
  return [...fixed, { type: 'CN', min: 1, max: 1 }];
}

/** A profile narrowed to the organisation: its fixed names, and the domains the operators see and approve. */
function profileScope(profile: Profile, application: FirstApplication): ProfileScope {
  const prefix = namePrefix(application);
  const none = { permitted: [], excluded: [] };
  const emails = profile.subjectAltName.email !== 'none' || profile.subject.some(({ type }) => type === 'E');
  const hosts = profile.subjectAltName.dns !== 'none';
  return {
    id: profile.id,
    subject: profile.subject.map(({ type, values, min, max, ...rules }) => {
      const fixed = prefix.find((attribute) => attribute.type === type);
      // Its one value is the organisation's: no rule on what else might stand there is left.
      if (fixed !== undefined) return { type, values: [fixed.value], min: 1, max: 1 };
      return { type, ...(values && { values: [...values] }), min, max, ...rules };
    }),
    email: emails ? { permitted: [...application.wanted.emailDomains], excluded: [] } : none,
    dns: hosts ? { permitted: [...application.wanted.dnsDomains], excluded: [] } : none,
    ip: none,
    keyAlgorithms: [...profile.keyAlgorithms],
    keyUsage: [...profile.keyUsage],
    extendedKeyUsage: [...profile.extendedKeyUsage],
    policies: profile.policies.map(({ oid }) => oid),
    maxValidityDays: profile.validity.newDays,
    maxRenewedDays: profile.validity.renewedDays ?? 0,
    keyStorage: profile.keyStorage,
  };
}

/** What X.509 can carry of a grant: the names common to every profile, and the forms nobody may use. */
export function constraintsOf(grant: Grant): NameConstraintsInput {
  const { profiles } = grant.scope;
  const emails = new Set(profiles.flatMap(({ email }) => email.permitted));
  const hosts = new Set(profiles.flatMap(({ dns }) => dns.permitted));
  return {
    permitted: {
      directory: [commonPrefix(profiles)],
      email: emails.size > 0 ? [...emails] : [NO_EMAIL_HOST],
      dns: hosts.size > 0 ? [...hosts] : [NO_DNS_NAME],
    },
    excluded: { ip: [...ALL_IP_ADDRESSES] },
  };
}

function commonPrefix(profiles: readonly ProfileScope[]): Name {
  const prefix: { type: Name[number]['type']; value: string }[] = [];
  for (const { type, values = [] } of profiles[0]?.subject ?? []) {
    const [value] = values;
    const at = prefix.length;
    const everywhere = profiles.every(({ subject }) => {
      const place = subject[at];
      return place?.type === type && place.min === 1 && place.max === 1 && place.values?.join('\0') === value;
    });
    if (value === undefined || !everywhere) break;
    prefix.push({ type, value });
  }
  return prefix;
}

/**
 * The sub-CA profile bounded by its grant: no purpose and no policy that the grant does not name. OCSP signing is not
 * handed on: whom a CA certifies for that speaks for this very CA (RFC 6960, section 4.2.2.2), so that a sub-CA could
 * declare its own certificate, or another's, good after the root revoked it. What it certifies itself needs no leave.
 */
export function subCaProfile(profile: Profile, grant: Grant): Profile {
  const usages = new Set(grant.scope.profiles.flatMap(({ extendedKeyUsage }) => extendedKeyUsage));
  usages.delete('ocspSigning');
  const oids = new Set(grant.scope.profiles.flatMap(({ policies }) => policies));
  return {
    ...profile,
    // Without the extension, every purpose would be allowed.
    extendedKeyUsage: usages.size > 0 ? [...usages] : profile.extendedKeyUsage,
    policies: [...oids].map((oid) => profile.policies.find((policy) => policy.oid === oid) ?? { oid }),
  };
}
