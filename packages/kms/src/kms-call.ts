/**
 * A KMS call on its way through the governor, and the layers it passes.
 *
 * Each layer knows only the next one: outermost coalescing, then retries, then
 * (once per HTTP attempt) admission, breaker and meters, and innermost the
 * attempt itself.
 */
import type { Flights } from "./coalesce.ts";
import type { KmsOperation } from "./errors.ts";

/**
 * Who goes first where calls have to wait, from first to last:
 * - `interactive`: somebody waits for it (encrypting, reading);
 * - `replicate`: copies to other Regions;
 * - `campaign`: bulk work that has time.
 */
export type KmsPriority = (typeof KMS_PRIORITIES)[number];
export const KMS_PRIORITIES = ["interactive", "replicate", "campaign"] as const;

export function byPriority<T>(make: (priority: KmsPriority) => T): Readonly<Record<KmsPriority, T>> {
  return { interactive: make("interactive"), replicate: make("replicate"), campaign: make("campaign") };
}

export interface KmsCall<T> {
  readonly operation: KmsOperation;
  readonly region: string;
  readonly priority: KmsPriority;
  /** The key as the request names it: its custom key store, if it has one, has a quota of its own. */
  readonly keyId: string;
  /** Sends one HTTP request. */
  readonly send: (signal: AbortSignal) => Promise<T>;
  /** Wipes what is secret in an answer that nobody takes any more. */
  readonly wipe: (answer: T) => void;
  /** The caller's. */
  readonly cancel: AbortSignal | undefined;
  /** Aborts on `cancel` and when the time is up. */
  readonly signal: AbortSignal;
  /** On the monotonic clock. A shared call's moves while others board or leave: read it where it is needed, keep no copy. */
  readonly deadlineAt: number;
  /** Number of the HTTP attempt, from 1. */
  readonly attempt: number;
  /** Where the call shares a request with equal ones (coalesce.ts); without it, it goes alone. */
  readonly flight?: { readonly key: string; readonly among: Flights<T> };
}

/** Carries a call to its answer; rejects with KmsError and nothing else. */
export type CallPipe = <T>(call: KmsCall<T>) => Promise<T>;
export type CallLayer = (next: CallPipe) => CallPipe;
