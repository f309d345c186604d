export interface KillSwitch {
  /** Aborted at the death. */
  readonly signal: AbortSignal;
  /** The same object, whose calls are counted; from the death on none of them comes back with anything. */
  wrap<T extends object>(target: T): T;
}

/**
 * Ends a run at its call number `calls`, before that takes effect or after it, as a process ends that is killed: what it
 * would have done next does not happen. (Its effects on the tables are those of a kill; processes die in test/.)
 */
export function createKillSwitch(calls: number, when: "before" | "after"): KillSwitch {
  const dead = new AbortController();
  const reason = new Error("killed");
  let left = calls;
  const count = async <R>(call: () => Promise<R>): Promise<R> => {
    dead.signal.throwIfAborted();
    left -= 1;
    if (left > 0) return call();
    if (when === "after") await call();
    dead.abort(reason);
    throw reason;
  };
  return {
    signal: dead.signal,
    wrap: (target) =>
      new Proxy(target, {
        get(object, name, receiver) {
          const member: unknown = Reflect.get(object, name, receiver);
          if (typeof member !== "function") return member;
          return (...args: unknown[]) => {
            // Some of a store's functions answer at once.
            const answer = () => Promise.resolve(Reflect.apply(member, object, args));
            return name === "segments" ? Reflect.apply(member, object, args) : count(answer);
          };
        },
      }),
  };
}
