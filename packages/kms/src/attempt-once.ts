import { classifyFailure } from "./classify-failure.ts";
import { KmsError } from "./errors.ts";
import type { CallPipe, KmsCall } from "./kms-call.ts";

/**
 * The innermost step: one HTTP request, its failure classified. It ends at once when the signal aborts, even where the
 * SDK does not (while it looks for credentials); an answer that still comes is wiped.
 */
export const attemptOnce: CallPipe = async (call) => {
  try {
    return await unlessAborted(call);
  } catch (error) {
    throw call.signal.aborted ? abandoned(call, call.attempt) : failed(call, error);
  }
};

/** The error of a call that its caller cancelled, or whose time was up. */
export function abandoned<T>(call: KmsCall<T>, attempts: number): KmsError {
  const { operation, region } = call;
  const cancelled = call.cancel?.aborted ?? false;
  const failureClass = cancelled ? "cancelled" : "transient";
  const reason = cancelled ? "Cancelled" : "DeadlineExceeded";
  return new KmsError({ failureClass, operation, region, reason, attempts, cause: call.signal.reason });
}

/** The error of a call whose time was up before its turn in the share came. */
export function shareExhausted<T>(call: KmsCall<T>, attempts: number): KmsError {
  const { operation, region, signal } = call;
  const reason = "ShareExhausted";
  return new KmsError({ failureClass: "throttled", operation, region, reason, attempts, cause: signal.reason });
}

function failed<T>({ operation, region, attempt }: KmsCall<T>, cause: unknown): KmsError {
  return new KmsError({ ...classifyFailure(cause), operation, region, attempts: attempt, cause });
}

function unlessAborted<T>({ send, wipe, signal }: KmsCall<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    send(signal).then(
      (answer) => {
        signal.removeEventListener("abort", onAbort);
        if (signal.aborted) wipe(answer);
        resolve(answer);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}
