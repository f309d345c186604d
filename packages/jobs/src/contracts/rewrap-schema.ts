/**
 * The wire forms of a rewrap job as schemas: what `parseRewrapJob` checks and
 * what docs/schemas/rewrap-job.v1.json is made from. Every field is ASCII or
 * counted in bytes, as in the encrypt job's schema.
 */

import { z } from "zod";
import { ENCRYPT_JOB_LIMITS } from "./encrypt-job.ts";
import { regionName, uuidV7 } from "./id-schemas.ts";
import { plainText } from "./plain-text.ts";
import { REWRAP_JOB_LIMITS as limits } from "./rewrap-job.ts";

const idCharacters = /^[A-Za-z0-9_-]+$/;

const head = {
  version: z.literal(1),
  kind: z.literal("rewrap"),
  id: plainText({ maxBytes: ENCRYPT_JOB_LIMITS.idBytes, code: "JOBS_ID_INVALID" }).meta({
    description: "The job's own id. The same job again is a success without effect.",
  }),
};

export const rewrapDekSchema = z.strictObject({
  ...head,
  dekId: uuidV7.meta({ description: "The DEK: a UUIDv7 in lower case." }),
  region: regionName.meta({ description: "The Region whose wrap of it is meant." }),
});

export const rewrapSegmentSchema = z.strictObject({
  ...head,
  campaignId: z
    .string()
    .max(limits.campaignIdLength)
    .regex(idCharacters)
    .meta({ description: "The campaign, as the campaigns table has it." }),
  segment: z.int().min(1).max(limits.segment).meta({ description: "Which of its segments, counted from 1." }),
});

/** For publication; the parser takes the one that the job's fields name, so that its reason is exact. */
export const rewrapJobSchema = z.union([rewrapDekSchema, rewrapSegmentSchema]).meta({
  $id: "urn:dekhand:rewrap-job:v1",
  title: "Dekhand rewrap job, version 1",
});
