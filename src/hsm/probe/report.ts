/** The report on a device: what it says of itself, what was tried on it, and how each attempt ended. Stored as JSON. */
import { z } from 'zod';
import { instantSchema, sha256HexSchema } from '../../encoding';
import { KEY_ALGORITHMS } from '../../signer';

/** `fail`: not fit to hold keys that people rely on; `not-supported`: a thing this product can do without. */
export const CHECK_RESULTS = ['pass', 'warning', 'fail', 'not-supported'] as const;
export type CheckResult = (typeof CHECK_RESULTS)[number];

const told = z.string().max(500);
const rate = z.number().min(0);

const checkSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** Which of several: a key type, a mechanism; empty where there is but one. */
  subject: z.string().max(100),
  result: z.enum(CHECK_RESULTS),
  /** Data, no sentences: PKCS#11 names, numbers. */
  found: told,
  expected: told,
});

export const deviceReportSchema = z.strictObject({
  version: z.literal(1),
  startedAt: instantSchema,
  endedAt: instantSchema,
  software: z.strictObject({ name: told, version: told }),
  module: z.strictObject({
    path: told,
    sha256: sha256HexSchema,
    manufacturer: told,
    description: told,
    version: told,
    cryptoki: told,
  }),
  token: z.strictObject({
    label: told,
    serial: told,
    manufacturer: told,
    model: told,
    firmware: told,
    hardware: told,
    /** CK_TOKEN_INFO flags by name. */
    flags: z.record(z.string().max(60), z.boolean()),
  }),
  certification: z.strictObject({
    /** Known to be a program. That it is not known proves nothing. */
    software: z.boolean(),
    /** The paper that speaks of this kind of device, where one was given. */
    certified: z.strictObject({ scheme: told, number: told }).nullable(),
    required: z.boolean(),
  }),
  /** What was asked for. */
  demands: z.strictObject({ sessions: z.int().min(1), keys: z.array(z.enum(KEY_ALGORITHMS)).max(5) }),
  /** Of those this product could use, the ones the token offers. */
  mechanisms: z
    .array(
      z.strictObject({
        name: told,
        minKeySize: z.number(),
        maxKeySize: z.number(),
        flags: z.array(told).max(40),
      }),
    )
    .max(40),
  /** Throw-away keys, as the token described them; null where it did not tell. */
  keys: z
    .array(
      z.strictObject({
        algorithm: z.enum(KEY_ALGORITHMS),
        seconds: rate,
        attributes: z.record(z.string().max(60), z.boolean().nullable()),
      }),
    )
    .max(5),
  throughput: z
    .array(
      z.strictObject({
        algorithm: z.enum(KEY_ALGORITHMS),
        mechanism: told,
        sessions: z.int().min(1),
        perSecond: rate,
      }),
    )
    .max(20),
  checks: z.array(checkSchema).max(500),
  verdict: z.enum(['pass', 'fail']),
});

export type DeviceReport = z.infer<typeof deviceReportSchema>;
export type DeviceCheck = DeviceReport['checks'][number];

/** How many checks ended in each way. */
export function countResults(
  checks: readonly Pick<DeviceCheck, 'result'>[],
): Readonly<Record<CheckResult, number>> {
  const count = (result: CheckResult): number => checks.filter((check) => check.result === result).length;
  return {
    pass: count('pass'),
    warning: count('warning'),
    fail: count('fail'),
    'not-supported': count('not-supported'),
  };
}
