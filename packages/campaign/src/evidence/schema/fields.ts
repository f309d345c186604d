/** What the parts of the evidence document are put together from. */

import { z } from "zod";

/** Nothing beside the named fields: what a check passes over must not be there. */
export function shape<T extends z.core.$ZodLooseShape>(fields: T) {
  return z.strictObject(fields).readonly();
}

export function list<T extends z.ZodType>(entry: T) {
  return z.array(entry).readonly();
}

export const count = z.int().min(0);

/** Whole numbers by name. */
export const counts = z.record(z.string(), count).readonly();

export const texts = z.record(z.string(), z.string()).readonly();

/** ISO 8601. */
export const time = z.string();

/** One store in one Region. */
export const place = { store: z.string(), region: z.string() };

export const act = { at: time, actor: z.string(), reason: z.string() };
