/**
 * The time in which a new wrap under a KMS key may become durable.
 *
 * A campaign that moves everything away from a key marks the key as left, waits
 * for one window from then on, and counts. Whoever makes a wrap reads the mark
 * after the window has begun: with the mark there, it asks KMS for nothing;
 * without, its wrap is durable before that count begins, or never. That holds for
 * a worker that was suspended in between, and needs nobody who is alive.
 */

import { type Clock, deadlineIn } from "@dekhand/runtime";
import { type StateStore, StoreError } from "@dekhand/store";
import { DeksError } from "./errors.ts";

/** From before GenerateDataKey until DEK and wrap are durable, in milliseconds. */
export const BIRTH_DEADLINE_MS = 30_000;

export interface WrapWindow {
  /** Milliseconds that are left of it; throws what `late` gives once there are none. */
  leftMs(): number;
}

export interface WrapWindowDeps {
  /** The state table of the key's own Region. */
  readonly state: Pick<StateStore, "leftKey">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly late: () => Error;
}

/**
 * Begins a window for one wrap under `keyArn`. Throws DEKS_KEY_LEFT (retryable: an operator mends the configuration),
 * what the reading of the mark failed with, and `late` or RUNTIME_DEADLINE_EXCEEDED where it took all the time.
 */
export async function openWrapWindow(keyArn: string, deps: WrapWindowDeps): Promise<WrapWindow> {
  const { state, clock, signal, late } = deps;
  const from = { monotonic: clock.monotonic(), now: clock.now() };

  const leftMs = () => {
    // A monotonic clock may stand still while the machine is suspended, and a wall clock may be set back.
    const passedMs = Math.max(clock.monotonic() - from.monotonic, clock.now() - from.now);
    if (passedMs >= BIRTH_DEADLINE_MS) throw late();
    return BIRTH_DEADLINE_MS - passedMs;
  };

  using limit = deadlineIn(BIRTH_DEADLINE_MS, signal);
  const mark = await state.leftKey(keyArn, { signal: limit.signal }).catch((error: unknown) => {
    throw isMalformed(error) ? unreadable(keyArn, error) : error;
  });
  if (mark) {
    const message = `campaign ${mark.campaignId} has left the KMS key that the configuration names for new wraps: name the one it went to`;
    throw new DeksError("DEKS_KEY_LEFT", message, {
      retryable: true,
      context: { keyArn, campaignId: mark.campaignId },
    });
  }
  return { leftMs };
}

/** A job must not be rejected for it: it is nothing of the job's own. */
function unreadable(keyArn: string, cause: unknown): DeksError {
  return new DeksError("DEKS_KEY_LEFT", "whether a campaign has left the KMS key cannot be read: restore its mark", {
    retryable: true,
    cause,
    context: { keyArn },
  });
}

function isMalformed(error: unknown): boolean {
  return error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED";
}
