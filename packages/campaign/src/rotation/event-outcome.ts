import { describeError } from "@dekhand/errors";
import type { KeyRotationEvent, Outcome } from "@dekhand/jobs";
import { fullJitterDelay } from "@dekhand/runtime";
import type { Looked } from "./look-at-keys.ts";

/** Deliveries after which an event is let go: the poll finds whatever it told of. Fewer than a queue's receives. */
const maxAttempts = 6;

/** What becomes of an event whose key was looked at. */
export function eventOutcome(event: KeyRotationEvent, attempt: number, { handled, failed }: Looked): Outcome {
  const [failure] = failed;
  if (failure) return again(attempt, describeError(failure.error).code);
  // KMS takes its time to tell all its hosts.
  const lags = handled.some(
    ({ key }) =>
      key.keyId === event.keyId &&
      event.previousMaterial !== undefined &&
      key.regional.some(({ material }) => material === event.previousMaterial),
  );
  return lags ? again(attempt, "material-not-yet-current") : { kind: "done", note: "looked" };
}

function again(attempt: number, reason: string): Outcome {
  if (attempt >= maxAttempts) return { kind: "done", note: "left-to-poll" };
  return { kind: "retry", afterMs: 5_000 + fullJitterDelay(attempt, { baseMs: 15_000, capMs: 10 * 60_000 }), reason };
}
