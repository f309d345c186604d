/**
 * The wire form of an encrypt job as a schema: what `parseEncryptJob` checks and
 * what docs/schemas/encrypt-job.v1.json is made from.
 *
 * JSON Schema counts code points where the contract counts bytes of UTF-8, so
 * the published schema is necessary, not sufficient. docs/job-contracts.md has
 * the exact limits.
 */

import { isReservedContextKey } from "@dekhand/runtime";
import { z } from "zod";
import type { JobsReasonCode } from "../errors.ts";
import { ENCRYPT_JOB_LIMITS as limits } from "./encrypt-job.ts";
import { plainText, wellFormed } from "./plain-text.ts";

const id = plainText({ maxBytes: limits.idBytes, code: "JOBS_ID_INVALID" });
const recordId = plainText({ maxBytes: limits.recordIdBytes, code: "JOBS_RECORD_ID_INVALID" });
const profile = plainText({ maxBytes: limits.profileBytes, code: "JOBS_PROFILE_INVALID" });
const contentType = plainText({ maxBytes: limits.contentTypeBytes, code: "JOBS_CONTENT_TYPE_INVALID" });

/** Not z.record: that drops a key named `__proto__`, and a dropped key would be missing from the record's binding. */
const context = z.custom<Record<string, string>>().superRefine((value: unknown, issues) => {
  const problem = contextProblem(value);
  if (problem) issues.addIssue({ code: "custom", message: problem.message, params: { code: problem.code } });
});

const sealed = z.strictObject({
  keyId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .meta({ description: "Names the transit key that the payload is sealed to." }),
  enc: z.string().length(44).meta({ contentEncoding: "base64", description: "HPKE's encapsulated key: 32 bytes." }),
  ciphertext: z.string().meta({ contentEncoding: "base64", description: "The sealed payload: 16 bytes more than it." }),
});

/** Everything but the payload. */
export const encryptHeaderSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal("encrypt"),
  id: id.meta({ description: "The job's own id. The same job again is a success without effect." }),
  recordId: recordId.meta({ description: "The record's id: what it is read by." }),
  profile: profile.meta({ description: "A profile of the deployment's configuration." }),
  context: context.meta({
    type: "object",
    additionalProperties: { type: "string" },
    propertyNames: {
      minLength: 1,
      pattern: '^[^"\\\\\\u0000-\\u001f\\u007f-\\u009f]*$',
      not: { pattern: "^([Dd][Ee][Kk][Hh][Aa][Nn][Dd]|[Aa][Ww][Ss]):" },
    },
    maxProperties: limits.contextKeys,
    description: "The encryption context. Bound to the record; visible, so no secrets.",
  }),
  contentType: contentType
    .optional()
    .meta({ default: "application/octet-stream", description: "Media type of the payload." }),
  revision: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: "A higher revision replaces the stored record, a lower one is done without effect." }),
});

export const encryptJobSchema = encryptHeaderSchema
  .extend({
    payload: z
      .string()
      .optional()
      .meta({ contentEncoding: "base64", description: "The payload in the clear: over SQS only." }),
    sealed: sealed.optional().meta({ description: "The payload, sealed to a public transit key." }),
  })
  .superRefine((job, issues) => {
    if ((job.payload === undefined) === (job.sealed === undefined)) {
      issues.addIssue({ code: "custom", message: "needs exactly one of payload and sealed" });
    }
  })
  .meta({
    $id: "urn:dekhand:encrypt-job:v1",
    title: "Dekhand encrypt job, version 1",
    oneOf: [{ required: ["payload"] }, { required: ["sealed"] }],
  });

export type EncryptJobWire = z.output<typeof encryptJobSchema>;

/** What JSON can write only with an escape: see parse-json.ts. */
const unfitForKey = /["\\\p{Cc}]/u;
const unfitForKeyMessage = "has a key with a quote, a backslash or a control character";

function contextProblem(value: unknown): { code: JobsReasonCode; message: string } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { code: "JOBS_CONTEXT_INVALID", message: "must be an object" };
  }
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length > limits.contextKeys) {
    return { code: "JOBS_CONTEXT_INVALID", message: `has more than ${limits.contextKeys} keys` };
  }
  let bytes = 0;
  for (const [key, item] of entries) {
    if (key === "") return { code: "JOBS_CONTEXT_INVALID", message: "has an empty key" };
    if (typeof item !== "string") return { code: "JOBS_CONTEXT_INVALID", message: "has a value that is no string" };
    if (!key.isWellFormed() || !item.isWellFormed()) return wellFormed;
    if (unfitForKey.test(key)) return { code: "JOBS_CONTEXT_INVALID", message: unfitForKeyMessage };
    if (isReservedContextKey(key))
      return { code: "JOBS_CONTEXT_RESERVED_KEY", message: "has a key in a reserved namespace" };
    bytes += Buffer.byteLength(key) + Buffer.byteLength(item);
  }
  if (bytes > limits.contextBytes) {
    return { code: "JOBS_CONTEXT_INVALID", message: `has more than ${limits.contextBytes} bytes of UTF-8` };
  }
  return undefined;
}
