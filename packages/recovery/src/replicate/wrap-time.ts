import { BIRTH_DEADLINE_MS } from "@dekhand/deks";
import { type Clock, deadlineExceeded } from "@dekhand/runtime";

/** The time in which wraps that are read or made from now on are written, or never: see wrap-window.ts of @dekhand/deks. */
export interface WrapTime {
  /** Milliseconds that are left. Throws RUNTIME_DEADLINE_EXCEEDED once there are none. */
  leftMs(): number;
}

export function startWrapTime(clock: Clock): WrapTime {
  const from = { monotonic: clock.monotonic(), now: clock.now() };
  return {
    leftMs() {
      // A monotonic clock may stand still while the machine is suspended, and a wall clock may be set back.
      const passedMs = Math.max(clock.monotonic() - from.monotonic, clock.now() - from.now);
      if (passedMs >= BIRTH_DEADLINE_MS) throw deadlineExceeded(BIRTH_DEADLINE_MS);
      return BIRTH_DEADLINE_MS - passedMs;
    },
  };
}
