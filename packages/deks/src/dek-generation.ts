import type { Dek } from "@dekhand/envelope";
import type { Clock, Profile } from "@dekhand/runtime";
import type { DekLease } from "./shared-dek.ts";
import { createTimedDek } from "./timed-dek.ts";

/** One durable DEK in use for sealing, and how much use of it is left. */
export interface DekGeneration {
  /** A lease for one record of `bytes` plaintext bytes. Undefined, and retired, when that is beyond the DEK's limits. */
  take(bytes: number): DekLease | undefined;
  /** How many more records of `bytes` plaintext bytes each it takes; a fresh one takes at least one of any size. */
  room(bytes: number): number;
  /** Milliseconds until it has reached its age; 0 once retired. */
  readonly leftMs: number;
  retire(): void;
}

export function createGeneration(dek: Dek, reuse: Profile["reuse"], clock: Pick<Clock, "monotonic">): DekGeneration {
  const timed = createTimedDek(dek, reuse.ageMs, clock);
  let records = 0;
  let bytes = 0;

  const room = (size: number) =>
    records === 0 ? roomOf(reuse, size) : Math.min(reuse.records - records, fits(reuse.bytes - bytes, size));

  return {
    take(size) {
      if (room(size) < 1) {
        timed.retire();
        return undefined;
      }
      const lease = timed.lease();
      if (lease) {
        records += 1;
        bytes += size;
      }
      return lease;
    },
    room: (size) => (timed.leftMs > 0 ? room(size) : 0),
    get leftMs() {
      return timed.leftMs;
    },
    retire: timed.retire,
  };
}

/** How many records of `size` plaintext bytes each one DEK seals. */
export function roomOf(reuse: Profile["reuse"], size: number): number {
  return Math.min(reuse.records, Math.max(1, fits(reuse.bytes, size)));
}

function fits(bytes: number, size: number): number {
  return size === 0 ? Number.POSITIVE_INFINITY : Math.floor(bytes / size);
}
