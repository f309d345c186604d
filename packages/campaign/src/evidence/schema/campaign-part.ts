/** The campaign itself: what it was to do, how it was set, and everything that happened to it. */

import { CAMPAIGN_KINDS, CAMPAIGN_STATUSES } from "@dekhand/store";
import { z } from "zod";
import { PROBES } from "../../settings.ts";
import { act, count, list, place, shape, texts, time } from "./fields.ts";

const status = z.enum(CAMPAIGN_STATUSES);
const controls = shape({ share: z.number().exactOptional() });

const target = shape({
  ...place,
  sources: list(z.string()),
  keyArn: z.string(),
  material: z.string().exactOptional(),
  rotatedAt: time.exactOptional(),
  /** Wraps that are copies of another Region's: by profile, which; and whether those are all. */
  follows: shape({ homes: texts, all: z.boolean() }).exactOptional(),
});

export const campaignPart = shape({
  id: z.string(),
  kind: z.enum(CAMPAIGN_KINDS),
  status,
  pausedFrom: status.exactOptional(),
  targets: list(target),
  settings: texts,
  controls,
  facts: texts,
  locks: list(z.string()),
  createdAt: time,
  createdBy: z.string(),
  version: count,
});

export const historyPart = list(
  shape({ seq: count, from: status.exactOptional(), to: status, ...act, controls: controls.exactOptional() }),
);

export const timesPart = shape({
  createdAt: time,
  /** Its preflight began. */
  startedAt: time.exactOptional(),
  /** It was completed, cancelled, or failed. */
  endedAt: time.exactOptional(),
  /** From start to end. */
  durationMs: count.exactOptional(),
});

/** What verification was asked for. */
export const verificationPart = shape({ probeBy: z.enum(PROBES), sample: z.number() });
