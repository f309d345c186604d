/** Schemas of fields that several kinds of job have. */

import { z } from "zod";

/** A UUIDv7 in its canonical spelling, as DEK ids are. */
export const uuidV7 = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** The shape only: which Regions there are is the configuration's to say. */
export const regionName = z
  .string()
  .max(64)
  .regex(/^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$/);
