/**
 * The DEKs that one profile and scope seals under: the one in use, and those
 * that lie ready to follow it.
 *
 * The next DEK is asked for when a fifth of any limit is left. A scope that
 * would use up that fifth before a DEK can be made asks earlier, at most two
 * DEKs ahead. That costs no DEK at a low rate: it happens only where a DEK lasts
 * less than fifteen births, so what was made early is used soon after.
 */

import type { Clock, Profile } from "@dekhand/runtime";
import { type DekGeneration, roomOf } from "./dek-generation.ts";
import type { DekLease } from "./shared-dek.ts";
import { createUseRate } from "./use-rate.ts";

export interface DekSlot {
  take(bytes: number): DekLease | undefined;
  /** Whether a birth should be under way. */
  readonly wantsNext: boolean;
  /** One more DEK, which was made in `birthMs` milliseconds. */
  offer(generation: DekGeneration, birthMs: number): void;
  retire(): void;
}

/** The part of a limit that is left when the next DEK is asked for. */
const refreshAt = 0.2;

/** A birth has three times as long as the last one took: the slowest in a hundred are that slow. */
const safety = 3;

/** However high the rate, DEKs that lie ready beside the one in use. */
const maxReady = 2;

export function createDekSlot(reuse: Profile["reuse"], clock: Pick<Clock, "monotonic">): DekSlot {
  const rate = createUseRate(clock);
  let line: readonly DekGeneration[] = [];
  let largest = 0;

  /** The youngest DEK of the line ends last: when it is old, all are. */
  const isOld = ({ leftMs }: DekGeneration) =>
    leftMs <= Math.min(reuse.ageMs / 2, Math.max(reuse.ageMs * refreshAt, rate.birthMs * safety));

  /** Measured in records of the largest size of late, so that the next of them does not find too small a rest. */
  const isShort = () => {
    const left = line.reduce((sum, each) => sum + each.room(largest), 0);
    return left <= Math.max(roomOf(reuse, largest) * refreshAt, rate.perBirth * safety);
  };

  return {
    take(bytes) {
      largest = Math.max(largest, bytes);
      for (;;) {
        const current = line[0];
        if (!current) return undefined;
        const lease = current.take(bytes);
        if (lease) {
          rate.count();
          return lease;
        }
        current.retire();
        line = line.slice(1);
      }
    },
    get wantsNext() {
      const youngest = line.at(-1);
      return !youngest || isOld(youngest) || (line.length <= maxReady && isShort());
    },
    offer(generation, birthMs) {
      rate.learnBirth(birthMs);
      // So that one exceptional record is forgotten.
      largest /= 2;
      line = [...line, generation];
    },
    retire() {
      for (const each of line) each.retire();
    },
  };
}
