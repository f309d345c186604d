import type { Dek } from "@dekhand/envelope";
import type { Clock } from "@dekhand/runtime";
import { type DekLease, shareDek } from "./shared-dek.ts";

/** A shared DEK with a hard lifetime, counted from when it came into memory. At its end it is retired by itself. */
export interface TimedDek {
  /** Undefined once retired or at the end of the lifetime: the caller looks for another DEK. */
  lease(): DekLease | undefined;
  /** Milliseconds of the lifetime that are left; 0 once retired. */
  readonly leftMs: number;
  retire(): void;
}

export function createTimedDek(dek: Dek, lifetimeMs: number, clock: Pick<Clock, "monotonic">): TimedDek {
  const shared = shareDek(dek);
  const endsAt = clock.monotonic() + lifetimeMs;
  let retired = false;

  const leftMs = () => (retired ? 0 : Math.max(0, endsAt - clock.monotonic()));
  const retire = () => {
    retired = true;
    clearTimeout(expiry);
    shared.retire();
  };
  // Wipes an idle DEK on time; `lease` looks at the clock itself. Unref'd: a cached key keeps no process alive.
  const expiry = setTimeout(retire, lifetimeMs).unref();

  return {
    lease() {
      if (leftMs() > 0) return shared.lease();
      retire();
      return undefined;
    },
    get leftMs() {
      return leftMs();
    },
    retire,
  };
}
