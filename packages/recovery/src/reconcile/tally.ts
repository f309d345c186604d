/** Whole numbers by name, kept with a scan's checkpoint. */
export interface Tally {
  add(name: string, by?: number): void;
  all(): Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    all: () => Object.fromEntries(counts),
  };
}

export function sumCounts(all: Iterable<Readonly<Record<string, number>>>): Readonly<Record<string, number>> {
  const sum = createTally();
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sum.add(name, count);
  return sum.all();
}
