import { allOrAbort } from "@dekhand/runtime";
import type { DekCounts, DekStore } from "./dek-types.ts";

/** Adds up all pages of all segments, which are read side by side. */
export async function countDeks(
  store: Pick<DekStore, "scan">,
  segments: number,
  signal: AbortSignal | undefined,
): Promise<DekCounts> {
  const deks = createTally<Omit<DekCounts["deks"][number], "count">>();
  const wraps = createTally<Omit<DekCounts["wraps"][number], "count">>();
  let malformed = 0;
  const countSegment = async (index: number, stop: AbortSignal) => {
    for await (const page of store.scan({ segment: { index, of: segments }, signal: stop })) {
      for (const { profile, home } of page.deks) deks.add({ profile, home });
      for (const { region, keyArn, material } of page.wraps) {
        wraps.add({ region, keyArn, ...(material === undefined ? {} : { material }) });
      }
      malformed += page.malformed.length;
    }
  };
  const all = Array.from({ length: segments }, (_, index) => (stop: AbortSignal) => countSegment(index, stop));
  await allOrAbort(all, signal);
  return { deks: deks.entries(), wraps: wraps.entries(), malformed };
}

/** Counts equal labels; answers them sorted, so that two counts can be compared by eye. */
function createTally<T extends object>() {
  const counts = new Map<string, T & { count: number }>();
  return {
    add(labels: T) {
      const key = JSON.stringify(Object.values(labels));
      const entry = counts.get(key);
      if (entry) entry.count += 1;
      else counts.set(key, { ...labels, count: 1 });
    },
    entries: () => [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry),
  };
}
