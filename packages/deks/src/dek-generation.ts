import type { Dek } from "@dekhand/envelope";
import type { Clock, Profile } from "@dekhand/runtime";
import { type DekLease, shareDek } from "./shared-dek.ts";

/** One durable DEK in use for sealing, and how much use of it is left. */
export interface DekGeneration {
  /** A lease for one record of `bytes` plaintext bytes, or undefined when that is beyond the DEK's limits. */
  take(bytes: number): DekLease | undefined;
  /** Whether it has neither come to its end nor been retired. */
  readonly usable: boolean;
  /** Whether so little is left (a fifth of any limit) that the next DEK should be on its way. */
  readonly ageing: boolean;
  retire(): void;
}

/** The part of a limit at which the next DEK is asked for. */
const refreshAt = 0.8;

export function createGeneration(dek: Dek, reuse: Profile["reuse"], clock: Pick<Clock, "monotonic">): DekGeneration {
  const shared = shareDek(dek);
  const bornAt = clock.monotonic();
  let records = 0;
  let bytes = 0;

  let retired = false;
  const retire = () => {
    retired = true;
    clearTimeout(expiry);
    shared.retire();
  };
  // Wipes an idle DEK on time; `take` checks the age itself. Unref'd: a cached key keeps no process alive.
  const expiry = setTimeout(retire, reuse.ageMs).unref();

  return {
    take(size) {
      const fits = records < reuse.records && (bytes + size <= reuse.bytes || records === 0);
      if (!fits || clock.monotonic() - bornAt >= reuse.ageMs) {
        retire();
        return undefined;
      }
      const lease = shared.lease();
      if (lease) {
        records += 1;
        bytes += size;
      }
      return lease;
    },
    get usable() {
      return !retired;
    },
    get ageing() {
      return (
        records >= reuse.records * refreshAt ||
        bytes >= reuse.bytes * refreshAt ||
        clock.monotonic() - bornAt >= reuse.ageMs * refreshAt
      );
    },
    retire,
  };
}
