import type { z } from "zod";
import { JOBS_REASON_CODES, type JobsReasonCode } from "../errors.ts";

/** The reason code for a schema's first issue. Messages name fields and limits, never values. */
export function schemaReason(error: z.ZodError): { readonly code: JobsReasonCode; readonly message: string } {
  const issue = error.issues.toSorted((a, b) => rank(a) - rank(b))[0];
  if (!issue) return { code: "JOBS_SCHEMA_INVALID", message: "the job does not follow the contract" };
  const field = String(issue.path[0] ?? "");
  // An unrecognised key is data: it is counted, not named.
  if (issue.code === "unrecognized_keys") {
    return { code: "JOBS_SCHEMA_INVALID", message: "the job has a field that the contract does not have" };
  }
  const code = customCode(issue) ?? fieldCodes.get(field) ?? "JOBS_SCHEMA_INVALID";
  return { code, message: `${field || "the job"} ${describe(issue)}` };
}

const fieldCodes: ReadonlyMap<string, JobsReasonCode> = new Map<string, JobsReasonCode>([
  ["version", "JOBS_VERSION_UNKNOWN"],
  ["kind", "JOBS_KIND_UNKNOWN"],
  ["id", "JOBS_ID_INVALID"],
  ["recordId", "JOBS_RECORD_ID_INVALID"],
  ["profile", "JOBS_PROFILE_INVALID"],
  ["context", "JOBS_CONTEXT_INVALID"],
  ["contentType", "JOBS_CONTENT_TYPE_INVALID"],
  ["revision", "JOBS_REVISION_INVALID"],
  ["payload", "JOBS_PAYLOAD_BASE64"],
  ["sealed", "JOBS_SEALED_INVALID"],
  ["dekId", "JOBS_DEK_ID_INVALID"],
  ["dekIds", "JOBS_DEK_ID_INVALID"],
  ["recordIds", "JOBS_RECORD_ID_INVALID"],
  ["debtId", "JOBS_DEBT_ID_INVALID"],
  ["region", "JOBS_REGION_INVALID"],
  ["campaignId", "JOBS_CAMPAIGN_ID_INVALID"],
  ["segment", "JOBS_SEGMENT_INVALID"],
]);

/** Ill-formed text first: it may be why another check failed. Unknown fields last: a named field says more. */
function rank(issue: z.core.$ZodIssue): number {
  if (customCode(issue) === "JOBS_TEXT_ILL_FORMED") return 0;
  return issue.code === "unrecognized_keys" || issue.path.length === 0 ? 2 : 1;
}

function customCode(issue: z.core.$ZodIssue): JobsReasonCode | undefined {
  const code: unknown = issue.code === "custom" ? issue.params?.code : undefined;
  return JOBS_REASON_CODES.find((known) => known === code);
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ["int", "a whole number"],
  ["object", "an object"],
  ["array", "an array"],
]);

/** zod's own texts may quote what they got; these do not. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "custom":
      return issue.message;
    case "too_small":
      if (issue.origin !== "string") return `must be at least ${issue.minimum}`;
      return issue.minimum === 1 ? "is empty" : "is too short";
    case "too_big":
      if (issue.origin === "array") return `has more than ${issue.maximum} entries`;
      return issue.origin === "string" ? "is too long" : `must be at most ${issue.maximum}`;
    case "invalid_type":
      return `must be ${typeNames.get(issue.expected) ?? `a ${issue.expected}`}`;
    case "invalid_format":
      return issue.format === "regex" ? "has characters that it may not have" : "is malformed";
    default:
      return "is not what the contract says";
  }
}
