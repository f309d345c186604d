import { z } from "zod";
import { fields } from "./fields.ts";

const every = fields.duration({ min: 60_000, max: 30 * 86_400_000 });

/** `reconcile` of the configuration file, as it is written. */
export const reconcileSchema = z
  .strictObject({
    every: every.default(6 * 3_600_000),
    probe: fields.fraction({ min: 0, max: 1 }).default(0.01),
    pagesPerSecond: fields.wholeNumber({ min: 1, max: 10_000 }).default(5),
  })
  .transform(({ every: everyMs, ...rest }) => ({ everyMs, ...rest }));

/** `drills` of the configuration file, as it is written. */
export const drillsSchema = z
  .strictObject({
    every: every.default(86_400_000),
    sample: fields.wholeNumber({ min: 1, max: 1_000_000_000 }).default(1_000),
  })
  .transform(({ every: everyMs, ...rest }) => ({ everyMs, ...rest }));
