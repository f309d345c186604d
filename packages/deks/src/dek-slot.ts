import type { DekGeneration } from "./dek-generation.ts";
import type { DekLease } from "./shared-dek.ts";

/** The DEK that one profile and scope seals under now, and the one that follows it. */
export interface DekSlot {
  take(bytes: number): DekLease | undefined;
  /** Whether a birth should be under way. */
  readonly wantsNext: boolean;
  offer(generation: DekGeneration): void;
  retire(): void;
}

export function createDekSlot(): DekSlot {
  let current: DekGeneration | undefined;
  let next: DekGeneration | undefined;
  return {
    take(bytes) {
      const lease = current?.take(bytes);
      if (lease || !next) return lease;
      current?.retire();
      current = next;
      next = undefined;
      return current.take(bytes);
    },
    get wantsNext() {
      return !next?.usable && (current?.ageing ?? true);
    },
    offer(generation) {
      if (!current?.usable) {
        current = generation;
        return;
      }
      next?.retire();
      next = generation;
    },
    retire() {
      current?.retire();
      next?.retire();
    },
  };
}
