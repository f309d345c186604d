import type { PageStop } from "../page-stop.ts";

/** Why a page was given up; undefined: it was not. */
export type GivenUp = { readonly kind: "stopped"; readonly stop: PageStop } | { readonly kind: "halted" } | undefined;

/** What became of one item: done with, or a reason to give up the page. */
export type ItemEnd = GivenUp | "cancelled";

/** Works at so many items at once until one gives a reason to stop; items that have begun are finished. */
export async function workSideBySide<T>(
  items: readonly T[],
  concurrency: number,
  halt: AbortSignal,
  work: (item: T) => Promise<ItemEnd>,
): Promise<GivenUp> {
  let end: GivenUp;
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) {
      if (halt.aborted) end ??= { kind: "halted" };
      if (end) return;
      const outcome = await work(item);
      if (outcome === "cancelled") end ??= { kind: "halted" };
      else end ??= outcome;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  return end;
}
