/** Debt that could not be paid, remembered so that it is not tried at every look. */
export interface DeferredDebt {
  isDue(id: string): boolean;
  /** Not before `baseMs`, doubling with every time. */
  defer(id: string, baseMs: number): void;
  forget(id: string): void;
}

const longestMs = 600_000;
const maxRemembered = 10_000;

export function createDeferredDebt(now: () => number = () => performance.now()): DeferredDebt {
  const deferred = new Map<string, { readonly tries: number; readonly until: number }>();
  return {
    isDue: (id) => (deferred.get(id)?.until ?? 0) <= now(),
    defer(id, baseMs) {
      const tries = (deferred.get(id)?.tries ?? 0) + 1;
      // To the end of the line: those at its beginning are forgotten first, and tried again a little early.
      deferred.delete(id);
      deferred.set(id, { tries, until: now() + Math.min(longestMs, baseMs * 2 ** Math.min(tries - 1, 30)) });
      for (const oldest of deferred.keys()) {
        if (deferred.size <= maxRemembered) break;
        deferred.delete(oldest);
      }
    },
    forget: (id) => void deferred.delete(id),
  };
}
