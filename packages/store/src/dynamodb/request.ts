import { StoreError } from "../errors.ts";
import type { CallOptions } from "./call-options.ts";
import { storeFailure } from "./store-failure.ts";

/** Runs one SDK call: throws the signal's reason when that was aborted, a StoreError for every other failure. */
export async function request<T>(
  operation: string,
  { signal }: CallOptions,
  send: (http: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await send(signal ? { abortSignal: signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw storeFailure(error, operation);
  }
}

/** The failure of a write whose signal was aborted. */
export function cancelled(signal: AbortSignal): StoreError {
  return new StoreError("STORE_CANCELLED", "the write was given up", { retryable: true, cause: signal.reason });
}
