/** How the statement says numbers and places. */

/** `1 wrap`, `52,310 wraps`. */
export function counted(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function amount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `is` or `are`, and the like: by the number that stands before. */
export function agree(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}

export function placeName({ store, region }: { readonly store: string; readonly region: string }): string {
  return `store ${store} in ${region}`;
}

export function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
