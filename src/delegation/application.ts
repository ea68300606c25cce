/** The application: who asks for a delegation, with which keys, for which services; signed by the node's journal key. */
import { z } from 'zod';
import { base64Schema, instantSchema, nameSchema, parseCanonicalJson, sha256HexSchema } from '../encoding';
import { openEnvelope, payloadTypeOf, readUnverified } from '../envelope';
import { SERVICES } from '../journal';
import { readRequest, type CertificationRequest } from '../x509';
import { parsePayload, signedDocument, type SignedDocument } from './document';
import { greatestNeed, needSchema, paperSchema, personnelSchema } from './dossier';
import { domainSchema } from './grant';
import { openReadiness, type Readiness } from './readiness';

export const APPLICATION_PAYLOAD_TYPE = payloadTypeOf('application');

/** Public name of a server, with `:port` unless it is 80. */
export const publicHostSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/, 'a host name, with :port if not 80');

const applicant = {
  createdAt: instantSchema,
  organisation: z.strictObject({
    code: z.string().min(1).max(20),
    name: z.string().min(1).max(200),
    place: z.string().min(1).max(128),
  }),
  nodeId: nameSchema,
  host: publicHostSchema,
  /** PKCS#10 request of the sub-CA key, DER. */
  request: base64Schema,
  journalSpki: base64Schema,
  software: z.strictObject({ name: z.string().max(50), version: z.string().max(50) }),
};

const firstSchema = z
  .strictObject({
    ...applicant,
    epoch: z.literal(1),
    wanted: z.strictObject({
      services: z.array(z.enum(SERVICES)).min(1).max(SERVICES.length),
      profiles: z.array(nameSchema).min(1).max(30),
      emailDomains: z.array(domainSchema).max(50),
      dnsDomains: z.array(domainSchema).max(50),
      perYear: z.int().min(1).max(10_000_000),
    }),
    /** What speaks for the applicant; the eligibility policy weighs it. */
    shown: z.strictObject({
      personnel: personnelSchema,
      papers: z.array(paperSchema).max(50),
      need: needSchema.nullable(),
    }),
    /** DSSE envelope of the readiness report. */
    readiness: base64Schema,
    /** The application that was rejected and is mended by this one, and the answer it got. */
    mends: z.strictObject({ application: sha256HexSchema, answer: sha256HexSchema }).nullable(),
  })
  .refine(
    ({ wanted, shown }) => shown.need === null || greatestNeed(shown.need) === wanted.perYear,
    'perYear is not what the survey expects',
  )
  .refine(
    ({ wanted, shown }) =>
      (shown.need?.expected ?? []).every(({ profile }) => wanted.profiles.includes(profile)),
    'the survey counts a profile that is not asked for',
  );

const successorSchema = z.strictObject({
  ...applicant,
  epoch: z.int().min(2).max(0x7f),
  /** The grant in force under which the next CA key is to work; what it allows is not asked for anew. */
  succeeds: z.strictObject({ grantId: nameSchema, version: z.int().min(1), sha256: sha256HexSchema }),
  /** The next CA key before, which was lost before it was opened and never will be; whether it was certified or not. */
  replaces: z
    .strictObject({ epoch: z.int().min(2).max(0x7e), caSpkiSha256: sha256HexSchema })
    .exactOptional(),
});

/** Asks for a delegation. */
export type FirstApplication = z.infer<typeof firstSchema>;
/** Asks to have the next CA key certified under the grant there is. */
export type SuccessorApplication = z.infer<typeof successorSchema>;
export type Application = FirstApplication | SuccessorApplication;

/** Reads an application's payload alone. @throws DelegationError `DOCUMENT_MALFORMED` */
export function parseApplication(payload: Uint8Array): Application {
  const succeeds = Object.hasOwn(Object(parseCanonicalJson(payload)) as object, 'succeeds');
  return parsePayload<Application>(payload, succeeds ? successorSchema : firstSchema, 'application');
}

export interface OpenedApplication extends SignedDocument<Application> {
  readonly request: CertificationRequest;
  /** Of a first application. */
  readonly readiness: SignedDocument<Readiness> | undefined;
}

/**
 * Opens an application: the journal key it names must have signed it, and the sub-CA key its request.
 * Both prove possession, neither proves who the applicant is: that is what the operators judge.
 * @throws EnvelopeError, DelegationError `DOCUMENT_MALFORMED`, X509Error for the request
 */
export function openApplication(envelope: Uint8Array): OpenedApplication {
  const what = 'application';
  const claimed = parseApplication(readUnverified(envelope, APPLICATION_PAYLOAD_TYPE, what).payload);
  const { payload } = openEnvelope(envelope, {
    payloadType: APPLICATION_PAYLOAD_TYPE,
    keys: [{ name: claimed.nodeId, spki: Buffer.from(claimed.journalSpki, 'base64') }],
    threshold: 1,
    what,
  });
  const value = parseApplication(payload);
  const { nodeId } = value;
  const journalSpki = Buffer.from(value.journalSpki, 'base64');
  return {
    ...signedDocument(value, payload, envelope),
    request: readRequest(Buffer.from(value.request, 'base64')),
    readiness:
      'succeeds' in value
        ? undefined
        : openReadiness(Buffer.from(value.readiness, 'base64'), { nodeId, journalSpki }),
  };
}
