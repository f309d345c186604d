/**
 * The evidence document, version 1: what docs/evidence.md describes, what
 * `collectEvidence` makes and what `checkEvidence` accepts.
 */

import { z } from "zod";
import { campaignPart, historyPart, timesPart, verificationPart } from "./campaign-part.ts";
import { censusPart, closingCensusPart } from "./census-part.ts";
import { list, shape, time } from "./fields.ts";
import { integrityPart } from "./integrity-part.ts";
import { canaryPart, failuresPart, preflightPart, progressPart } from "./work-part.ts";

export const EVIDENCE_FORMAT = "dekhand-campaign-evidence";
export const EVIDENCE_VERSION = 1;

export const evidenceSchema = shape({
  format: z.literal(EVIDENCE_FORMAT),
  version: z.literal(EVIDENCE_VERSION),
  /** Conclusions in words, from the numbers below. */
  statement: list(z.string()),
  software: shape({ name: z.string(), version: z.string() }),
  collectedAt: time,
  campaign: campaignPart,
  times: timesPart,
  /** Absent: the campaign's settings are not ones that this version can use. */
  verification: verificationPart.exactOptional(),
  census: shape({ before: censusPart, closing: closingCensusPart }),
  preflight: preflightPart,
  canary: canaryPart,
  progress: progressPart,
  failures: failuresPart,
  /** Items of segments that this version cannot read: what they counted is missing above. */
  unreadableSegments: list(z.string()),
  history: historyPart,
  integrity: integrityPart,
});

export type Evidence = z.infer<typeof evidenceSchema>;

/** What is hashed. */
export type EvidenceContent = Omit<Evidence, "integrity">;

/** What the statement is made from. */
export type EvidenceFacts = Omit<EvidenceContent, "statement">;
export type CensusEvidence = Evidence["census"]["before"][number];
export type ClosingCensus = Evidence["census"]["closing"][number];
