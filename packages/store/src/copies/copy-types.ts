import type { StoreError } from "../errors.ts";

/**
 * - `stored`: the copy took the place of what was read.
 * - `same`: just that is there already; also where an earlier sending of the same copy, or somebody else, put it there.
 * - `conflict`: something else is there than what was read. Read the target again, then the source, and decide anew.
 */
export type Copied = "stored" | "same" | "conflict";

/** `failed`: whether the copy is there is not known, unless the error is not retryable. */
export type CopyOutcome = { readonly kind: Copied } | { readonly kind: "failed"; readonly error: StoreError };
