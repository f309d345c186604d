/** Which failures concern one wrap, and which concern all that come after it. */

import { DekhandError } from "@dekhand/errors";
import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { StoreError } from "@dekhand/store";

/**
 * What became of one wrap that could not be rewrapped; `class` is KMS's failure class,
 * `quarantined`, `unverified`, `malformed`, `store` or `refused`.
 */
export interface WrapFailure {
  readonly class: string;
  readonly code: string;
  /** For an operator; no secrets. */
  readonly message: string;
}

/**
 * Why nothing more is tried for now. No wrap is to blame, so none is recorded as failed.
 * - `pause`: somebody has to mend something (key disabled, access denied, table missing): the campaign pauses.
 * - `later`: it passes by itself (breaker open, throttling, a table that does not answer): the segment is handed back.
 */
export interface PageStop extends WrapFailure {
  readonly kind: "pause" | "later";
}

export type Trouble =
  | { readonly kind: "item"; readonly failure: WrapFailure }
  | { readonly kind: "stop"; readonly stop: PageStop }
  /** Given up, because this side wanted to end. */
  | { readonly kind: "cancelled" };

/** What a failed call means. Throws what is no error of Dekhand's: that is a fault in the code. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof DekhandError)) throw error;
  if (error instanceof KmsError) return kmsTrouble[error.failureClass](failureOf(error.failureClass, error));
  if (error instanceof StoreError) return storeTrouble(error);
  return error.retryable ? later(failureOf("later", error)) : item(failureOf("refused", error));
}

const item = (failure: WrapFailure): Trouble => ({ kind: "item", failure });
const pause = (failure: WrapFailure): Trouble => ({ kind: "stop", stop: { kind: "pause", ...failure } });
const later = (failure: WrapFailure): Trouble => ({ kind: "stop", stop: { kind: "later", ...failure } });
const cancelled = (): Trouble => ({ kind: "cancelled" });

/**
 * `transient` is told of one wrap after all its retries: were KMS away, the breaker would say `circuit-open`. So one blob
 * that KMS stumbles over does not hold up a segment for ever.
 */
const kmsTrouble: Readonly<Record<KmsFailureClass, (failure: WrapFailure) => Trouble>> = {
  throttled: later,
  transient: item,
  limit: later,
  "circuit-open": later,
  "key-unusable": pause,
  denied: pause,
  poison: item,
  cancelled,
};

function storeTrouble(error: StoreError): Trouble {
  const failure = failureOf("store", error);
  switch (error.code) {
    case "STORE_CANCELLED":
      return cancelled();
    case "STORE_DENIED":
    case "STORE_TABLE_MISSING":
      return pause(failure);
    default:
      return error.retryable ? later(failure) : item(failure);
  }
}

function failureOf(failureClass: string, { code, message }: DekhandError): WrapFailure {
  return { class: failureClass, code, message };
}

/** Several calls may fail at once for several reasons: what needs somebody outweighs what passes by itself. */
export function worseStop(known: PageStop | undefined, next: PageStop): PageStop {
  return known === undefined || (known.kind === "later" && next.kind === "pause") ? next : known;
}
