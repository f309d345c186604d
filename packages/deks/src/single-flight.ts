/** Joins callers that ask for the same thing at the same time: one runs, all get its result or error. */
export interface SingleFlight<T> {
  run(key: string, start: () => Promise<T>): Promise<T>;
  /** Whether a flight for `key` is under way. */
  has(key: string): boolean;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    run(key, start) {
      const underWay = flights.get(key);
      if (underWay) return underWay;
      const flight = start().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    has: (key) => flights.has(key),
  };
}
