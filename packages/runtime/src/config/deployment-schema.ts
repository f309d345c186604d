import { z } from "zod";
import { type DeploymentConfig, type Profile, type RegionEndpoints, TABLE_MODES } from "./deployment-config.ts";
import { checkRelations } from "./deployment-relations.ts";
import { fields, isUrl } from "./fields.ts";
import { keyReference, keyReferenceRegion } from "./key-reference.ts";
import { lookup } from "./lookup.ts";
import { profileName } from "./profile-name.ts";
import { quotaSchema, toQuota } from "./quota-schema.ts";
import { drillsSchema, reconcileSchema } from "./recovery-schema.ts";
import { regionName } from "./region-name.ts";
import { replicasSchema, toReplicas } from "./replica-schema.ts";
import { toWrapStores, wrapStoresSchema } from "./wrap-stores-schema.ts";

const MIB = 1_048_576;

const queueName = fields.text("1 to 64 letters, digits, '_' and '-'", /^[A-Za-z0-9_-]{1,64}$/);
const contextKey = z
  .string({ error: "a context key of 1 to 128 characters" })
  .refine((key) => key.length >= 1 && key.length <= 128 && key.isWellFormed(), {
    error: "a context key of 1 to 128 characters",
  })
  .refine((key) => !/["\\\p{Cc}]/u.test(key), {
    error: "a context key without quotes, backslashes and control characters",
  })
  .refine((key) => !isReservedContextKey(key), {
    error: "a context key that does not start with dekhand: or aws:, which are reserved",
  });

const urlExpected = "a URL that starts with http:// or https://, without user name and password";
const url = z.string({ error: urlExpected }).refine(isEndpoint, { error: urlExpected });
const endpoints = z.preprocess(
  (value, context) => {
    if (typeof value !== "string") return value;
    if (isEndpoint(value)) return { kms: value, sqs: value, dynamodb: value, serviceQuotas: value };
    context.addIssue({ code: "custom", message: urlExpected });
    return z.NEVER;
  },
  z.strictObject({
    kms: url.optional(),
    sqs: url.optional(),
    dynamodb: url.optional(),
    serviceQuotas: url.optional(),
  }),
);

const profile = z.strictObject({
  home: regionName,
  key: keyReference,
  retiring: z.array(keyReference).default([]),
  required: z.array(contextKey).default([]),
  dekScope: z.array(contextKey).default([]),
  reuse: z
    .strictObject({
      records: fields.wholeNumber({ min: 1, max: 1_000_000_000 }).default(1_000),
      bytes: fields.size({ min: 1, max: 2 ** 50 }).default(256 * MIB),
      age: fields.duration({ min: 1_000, max: 86_400_000 }).default(300_000),
    })
    .prefault({}),
  autoRewrap: fields.flag().default(false),
  replicas: replicasSchema.default({}),
});

const transit = z.strictObject({
  key: keyReference,
  retiring: z.array(keyReference).default([]),
  region: regionName.optional(),
});

/** The configuration file, as it is written. The keys and their defaults are described in docs/configuration.md. */
export const deploymentSchema = z
  .strictObject({
    prefix: fields.text(
      "1 to 40 lower-case letters, digits and '-', a letter first, no '-' last",
      /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    ),
    tables: fields.choice(TABLE_MODES).default("regional"),
    regions: z.array(regionName).min(1),
    control: regionName.optional(),
    endpoints: z.record(regionName, endpoints).default({}),
    profiles: z
      .record(profileName, profile)
      .refine((profiles) => Object.keys(profiles).length > 0, { error: "at least one profile" }),
    transit: transit.optional(),
    queues: z
      .strictObject({
        encrypt: queueName.optional(),
        rewrap: queueName.optional(),
        replicate: queueName.optional(),
        events: queueName.optional(),
      })
      .prefault({}),
    limits: z.strictObject({ payloadBytes: fields.size({ min: 1, max: 64 * MIB }).default(4 * MIB) }).prefault({}),
    quota: quotaSchema.prefault({}),
    reconcile: reconcileSchema.prefault({}),
    drills: drillsSchema.optional(),
    wrapStores: wrapStoresSchema.default({}),
  })
  // Also when single settings are wrong already: all problems are reported at once.
  .superRefine(checkRelations, { when: () => true })
  .transform((written): DeploymentConfig => {
    const firstRegion = written.regions[0] ?? "";
    const control = written.control ?? firstRegion;
    const { transit, queues, drills } = written;
    return {
      prefix: written.prefix,
      tables: written.tables,
      regions: written.regions,
      control,
      endpoints: lookup(Object.entries(written.endpoints), withoutUndefined),
      profiles: lookup(Object.entries(written.profiles), toProfile),
      ...(transit === undefined ? {} : { transit: { ...transit, region: transitRegion(transit, control) } }),
      queues: {
        encrypt: queues.encrypt ?? `${written.prefix}-encrypt`,
        rewrap: queues.rewrap ?? `${written.prefix}-rewrap`,
        replicate: queues.replicate ?? `${written.prefix}-replicate`,
        ...(queues.events === undefined ? {} : { events: queues.events }),
      },
      limits: written.limits,
      quota: toQuota(written.quota),
      reconcile: written.reconcile,
      ...(drills === undefined ? {} : { drills }),
      wrapStores: toWrapStores(written.wrapStores),
    };
  });

/** Context keys of Dekhand's own and of AWS, which no record and no profile may use. */
export function isReservedContextKey(key: string): boolean {
  return /^(dekhand|aws):/i.test(key);
}

function isEndpoint(value: string): boolean {
  return isUrl(value, ["http:", "https:"], false);
}

function toProfile(written: z.output<typeof profile>, name: string): Profile {
  const { reuse, replicas, ...rest } = written;
  const { records, bytes, age } = reuse;
  return { name, ...rest, reuse: { records, bytes, ageMs: age }, replicas: toReplicas(replicas) };
}

/** A process that is told another control Region than the file's still finds a key that the file names by its ARN. */
function transitRegion({ region, key }: z.output<typeof transit>, control: string): string {
  return region ?? keyReferenceRegion(key) ?? control;
}

function withoutUndefined({ kms, sqs, dynamodb, serviceQuotas }: z.output<typeof endpoints>): RegionEndpoints {
  return {
    ...(kms === undefined ? {} : { kms }),
    ...(sqs === undefined ? {} : { sqs }),
    ...(dynamodb === undefined ? {} : { dynamodb }),
    ...(serviceQuotas === undefined ? {} : { serviceQuotas }),
  };
}
