/** What was done on the way, and what failed. */

import { FAILURE_STATES } from "@dekhand/store";
import { z } from "zod";
import { progressFields } from "./census-part.ts";
import { act, count, counts, list, place, shape, time } from "./fields.ts";

const check = shape({
  check: z.string(),
  key: z.string().exactOptional(),
  ok: z.boolean(),
  code: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

export const preflightPart = list(
  shape({
    segment: count,
    ...place,
    done: z.boolean(),
    /** Absent: there are no findings, or none that can be read. */
    checks: list(check).exactOptional(),
  }),
);

export const canaryPart = list(shape({ ...progressFields, counts }));

/** Totals of one sweep's segments in one phase. They tell progress only. */
export const progressPart = list(
  shape({ sweep: count, phase: z.enum(["rewrap", "retry", "follow", "reseal"]), ...progressFields, counts }),
);

const failure = shape({
  ...place,
  id: z.string(),
  class: z.string(),
  code: z.string(),
  message: z.string(),
  at: time,
  state: z.enum(FAILURE_STATES),
  attempts: count,
  firstAt: time,
  skipped: shape(act).exactOptional(),
});

export const failuresPart = shape({
  counts: shape({ open: count, skipped: count, resolved: count, unreadable: count }),
  /** Those that are open first. */
  unresolved: list(failure),
  /** Unresolved ones beyond those listed, without those that cannot be read. */
  leftOut: count,
});
