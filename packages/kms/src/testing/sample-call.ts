import { KmsError } from "../errors.ts";
import type { KmsCall } from "../kms-call.ts";

/** A Decrypt as the governor makes it: nobody cancels it, and its time is never up, unless `part` says so. */
export function sampleCall<T>(send: KmsCall<T>["send"], part: Partial<KmsCall<T>> = {}): KmsCall<T> {
  return {
    operation: "Decrypt",
    region: "eu-west-1",
    priority: "interactive",
    keyId: "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    send,
    wipe: () => {},
    cancel: undefined,
    signal: new AbortController().signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    attempt: 1,
    ...part,
  };
}

/** An error as the SDK throws it for one of KMS's answers. */
export function kmsAnswers(name: string): Error {
  return Object.assign(new Error("from KMS"), { name });
}

/** A caller who may go away, or whose time may be up, when a test says so. */
export function sampleCaller() {
  const cancel = new AbortController();
  const call = new AbortController();
  return {
    part: { cancel: cancel.signal, signal: call.signal },
    cancel() {
      cancel.abort(new Error("gone"));
      call.abort(cancel.signal.reason);
    },
    timeIsUp: () => call.abort(new Error("out of time")),
  };
}

/** What a call fails with; throws if it is no KmsError. */
export async function failureOf(call: Promise<unknown>): Promise<KmsError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof KmsError)) throw new Error("no KmsError", { cause: error });
  return error;
}
