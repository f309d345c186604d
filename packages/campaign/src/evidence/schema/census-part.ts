/** Wraps counted by what they say, before the campaign and at its end. */

import { z } from "zod";
import { count, counts, list, place, shape, time } from "./fields.ts";

/** How far the segments are that counted something. */
export const progressFields = {
  ...place,
  segments: count,
  done: count,
  /** Every segment is there, and done: nothing is missing in what was counted. */
  whole: z.boolean(),
  /** Of the newest checkpoint. */
  lastAt: time.exactOptional(),
};

const tallyFields = {
  groups: list(
    shape({
      keyArn: z.string().exactOptional(),
      material: z.string().exactOptional(),
      /** They say that this campaign swapped them. */
      swapped: z.boolean(),
      count,
    }),
  ),
  unlisted: count,
  malformed: count,
};

export const censusPart = list(shape({ ...progressFields, ...tallyFields }));

export const closingCensusPart = list(
  shape({
    ...progressFields,
    sweep: count,
    ...tallyFields,
    /** What verification made of them, by the names of `VERIFY_COUNTS`. */
    judged: counts,
  }),
);
