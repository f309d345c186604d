import { DekhandError } from "@dekhand/errors";
import type { Ids, ReplicateFailure, ReplicateResult } from "./replicate-types.ts";

/**
 * What became of one DEK or record.
 *
 * - `gone`: home has none of that id.
 * - `unwanted`: its profile has no such replica Region.
 * - `ahead`: the target has a newer one.
 * - `elsewhere`: another Region is its home.
 */
export type Outcome = { readonly kind: "arrived" | "gone" | "unwanted" | "ahead" | "elsewhere" } | Failed;

export interface Failed {
  readonly kind: "failed";
  readonly code: string;
  readonly retryable: boolean;
}

/** Anything but a DekhandError is a fault of ours and thrown on. */
export function failedWith(error: unknown): Failed {
  if (!(error instanceof DekhandError)) throw error;
  return { kind: "failed", code: error.code, retryable: error.retryable };
}

export type Outcomes = ReadonlyMap<string, Outcome>;

export function toResult(deks: Outcomes, records: Outcomes): ReplicateResult {
  const idsOf = (...kinds: readonly Outcome["kind"][]): Ids => ({
    dekIds: those(deks, kinds),
    recordIds: those(records, kinds),
  });
  return {
    arrived: idsOf("arrived"),
    gone: idsOf("gone", "unwanted"),
    ahead: idsOf("ahead"),
    elsewhere: idsOf("elsewhere"),
    failed: [...failures("dek", deks), ...failures("record", records)],
  };
}

function those(outcomes: Outcomes, kinds: readonly Outcome["kind"][]): string[] {
  return [...outcomes].flatMap(([id, { kind }]) => (kinds.includes(kind) ? [id] : []));
}

function failures(kind: ReplicateFailure["kind"], outcomes: Outcomes): ReplicateFailure[] {
  return [...outcomes].flatMap(([id, outcome]) =>
    outcome.kind === "failed" ? [{ kind, id, code: outcome.code, retryable: outcome.retryable }] : [],
  );
}
