/**
 * The wire form of a replicate job as a schema: what `parseReplicateJob` checks
 * and what docs/schemas/replicate-job.v1.json is made from.
 */

import { z } from "zod";
import { ENCRYPT_JOB_LIMITS } from "./encrypt-job.ts";
import { regionName, uuidV7 } from "./id-schemas.ts";
import { plainText } from "./plain-text.ts";
import { REPLICATE_JOB_LIMITS as limits } from "./replicate-job.ts";

export const replicateJobSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal("replicate"),
    id: plainText({ maxBytes: ENCRYPT_JOB_LIMITS.idBytes, code: "JOBS_ID_INVALID" }).meta({
      description: "The job's own id. The same job again is a success without effect.",
    }),
    region: regionName.meta({ description: "The replica Region." }),
    debtId: uuidV7.optional().meta({ description: "The debt item that is paid by it: a UUIDv7 in lower case." }),
    dekIds: z.array(uuidV7).max(limits.dekIds).meta({ description: "DEKs to copy: UUIDv7s in lower case." }),
    recordIds: z
      .array(plainText({ maxBytes: ENCRYPT_JOB_LIMITS.recordIdBytes, code: "JOBS_RECORD_ID_INVALID" }))
      .max(limits.recordIds)
      .meta({ description: "Records to copy." }),
  })
  .superRefine((job, issues) => {
    if (job.dekIds.length + job.recordIds.length === 0) {
      issues.addIssue({ code: "custom", message: "needs at least one DEK or record" });
    }
  })
  .meta({
    $id: "urn:dekhand:replicate-job:v1",
    title: "Dekhand replicate job, version 1",
    anyOf: [{ properties: { dekIds: { minItems: 1 } } }, { properties: { recordIds: { minItems: 1 } } }],
  });
