/** What a worker found out about one target, as it stands with the campaign. */

import { z } from "zod";

/**
 * - `key`: the key exists, is enabled and is a symmetric encryption key.
 * - `store`: the store can be read.
 * - `re-encrypt`: the worker may re-encrypt from that key to the target.
 */
export interface PreflightCheck {
  readonly check: "key" | "store" | "re-encrypt";
  readonly key?: string | undefined;
  readonly ok: boolean;
  readonly code?: string | undefined;
  /** For an operator; where it is not ok. */
  readonly message?: string | undefined;
}

export interface PreflightFindings {
  readonly store: string;
  readonly region: string;
  /** Into how many segments its wraps are split, of those that the campaign wants. */
  readonly segments: number;
  readonly checks: readonly PreflightCheck[];
}

/** The name of the document that holds the findings of that segment. */
export function preflightDocument(segment: number): string {
  return `preflight-${segment}`;
}

const schema = z.object({
  store: z.string(),
  region: z.string(),
  segments: z.int().min(1),
  checks: z.array(
    z.object({
      check: z.enum(["key", "store", "re-encrypt"]),
      key: z.string().optional(),
      ok: z.boolean(),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
});

/** Undefined for what is no findings. */
export function readFindings(document: string): PreflightFindings | undefined {
  try {
    return schema.parse(JSON.parse(document));
  } catch {
    return undefined;
  }
}
