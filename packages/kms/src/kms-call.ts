/**
 * A KMS call on its way through the governor, and the layers it passes.
 *
 * Each layer knows only the next one: outermost the deadline, then retries,
 * then (once per HTTP attempt) meters, and innermost the attempt itself.
 */
import type { KmsOperation } from "./errors.ts";

export interface KmsCall<T> {
  readonly operation: KmsOperation;
  readonly region: string;
  /** Sends one HTTP request. */
  readonly send: (signal: AbortSignal) => Promise<T>;
  /** Wipes what is secret in an answer that nobody takes any more. */
  readonly wipe: (answer: T) => void;
  /** The caller's. */
  readonly cancel: AbortSignal | undefined;
  /** Aborts on `cancel` and when the time is up. */
  readonly signal: AbortSignal;
  /** On the monotonic clock. */
  readonly deadlineAt: number;
  /** Number of the HTTP attempt, from 1. */
  readonly attempt: number;
}

/** Carries a call to its answer; rejects with KmsError and nothing else. */
export type CallPipe = <T>(call: KmsCall<T>) => Promise<T>;
export type CallLayer = (next: CallPipe) => CallPipe;
