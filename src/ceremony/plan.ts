/** The one file a ceremony is planned from: who takes part, which tokens, which keys, under which policy. */
import { z } from 'zod';
import {
  KEY_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
  signatureAlgorithmOf,
  type SignatureAlgorithm,
} from '../signer';
import { parseName } from '../x509';
import { contradictions } from './contradictions';
import { FIRST_KEYS, isKeyRole, PARTY_KINDS, PERSON_ROLES } from './roles';

/** On paper and screen: no control characters, no text that turns the reading direction, one way to write a letter. */
const shown = (longest: number) =>
  z
    .string()
    .normalize('NFC')
    .regex(/^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u, 'text on one line')
    .max(longest);

const identifier = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'a-z, 0-9 and -, at most 20, a letter first');
const tokenLabel = shown(32);
const tokenSerial = z.string().min(1).max(16);

const personSchema = z.strictObject({
  id: identifier,
  name: shown(80),
  position: shown(120).optional(),
  role: z.enum(PERSON_ROLES),
  /** A custodian's own token; one without it chooses a PIN at the ceremony. */
  token: z
    .strictObject({
      label: tokenLabel,
      serial: tokenSerial.optional(),
      /** Where it is not reached through the party's own module. */
      module: z.string().min(1).max(500).optional(),
    })
    .optional(),
});

/** A certification that exists on paper; the device must show that it is the one the paper speaks of. */
const certificationSchema = z.strictObject({
  scheme: shown(80),
  number: shown(80),
  manufacturer: shown(64),
  model: shown(64),
  firmware: shown(16).optional(),
});

const planShape = z.strictObject({
  title: shown(160),
  party: z.enum(PARTY_KINDS),
  /** The node's name, or the registry's. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'the name in config.yaml'),
  place: shown(160),
  date: z.iso.date('a day such as 2026-12-31'),
  people: z.array(personSchema).min(1).max(24),
  tokens: z
    .array(
      z.strictObject({
        label: tokenLabel,
        serial: tokenSerial.optional(),
        certified: certificationSchema.optional(),
      }),
    )
    .min(1)
    .max(10),
  keys: z
    .array(
      z.strictObject({
        /** Of a node that works already, its next CA key alone. */
        role: z.string().refine(isKeyRole, `${FIRST_KEYS.join(' | ')} | ca-e2 | ca-e3 | …`),
        algorithm: z.enum(KEY_ALGORITHMS),
        /** What it will sign with, always; default: as its type usually does. */
        signature: z.enum(SIGNATURE_ALGORITHMS).optional(),
        token: tokenLabel,
        label: shown(64),
      }),
    )
    .min(1)
    .max(5),
  policy: z.strictObject({
    /** required: a token without proof of certification ends the ceremony; recorded: it is written down as what it is. */
    certifiedHsm: z.enum(['required', 'recorded']),
    /** Each token is probed before a key is made; required: one that is not fit ends the ceremony. Without it, none is. */
    deviceProbe: z.enum(['required', 'recorded']).optional(),
  }),
  /** Of the root only: its own certificate is signed at the ceremony. */
  certificate: z
    .strictObject({ subject: shown(400).refine(isName, 'a name such as C=VN, O=…, CN=…') })
    .optional(),
});

function isName(subject: string): boolean {
  try {
    return parseName(subject).length > 0;
  } catch {
    return false;
  }
}

export type Plan = z.infer<typeof planShape>;
export type Person = Plan['people'][number];
export type PlannedKey = Plan['keys'][number];
export type PlannedToken = Plan['tokens'][number];

/** Members in the order of the schema whatever their order in the file, and every contradiction beside every misspelling. */
export const planSchema: z.ZodType<Plan> = planShape.superRefine(
  (plan, context) => {
    for (const { path, allowed } of contradictions(plan)) {
      context.addIssue({ code: 'custom', path: [...path], message: allowed });
    }
  },
  // Also where the shape is broken already: all that is wrong is told at once.
  { when: () => true },
);

/** What a planned key will sign with. */
export function signatureOf({ algorithm, signature }: PlannedKey): SignatureAlgorithm {
  return signature ?? signatureAlgorithmOf(algorithm);
}

/** The people who must authenticate. */
export function custodiansOf(plan: Plan): readonly Person[] {
  return plan.people.filter(({ role }) => role === 'key-custodian');
}
