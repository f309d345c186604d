import type { CallOptions } from "../dynamodb/call-options.ts";
import { cancelled } from "../dynamodb/request.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import type { StoreError } from "../errors.ts";
import type { HeadDraft } from "./record-items.ts";
import type { PutOutcome, RecordWrite } from "./record-types.ts";
import type { HeadState } from "./revision-rules.ts";

/** A record on its way into the table. */
export interface Candidate {
  /** Its place in the input. */
  readonly index: number;
  readonly record: RecordWrite;
  readonly draft: HeadDraft;
  /** The stored head that it is to replace; undefined while none is known. */
  readonly head: HeadState | undefined;
}

export type Settle = (candidate: Candidate, outcome: PutOutcome) => void;

export function failedPut(
  error: unknown,
  { signal }: CallOptions,
): { readonly kind: "failed"; readonly error: StoreError } {
  return { kind: "failed", error: signal?.aborted ? cancelled(signal) : storeFailure(error, "put") };
}
