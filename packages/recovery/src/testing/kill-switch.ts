import type { RegionParts } from "../replicate/replicate-types.ts";

export interface KillSwitch {
  /** Aborted at the death. */
  readonly signal: AbortSignal;
  /** The same Region, whose calls are counted; from the death on none of them comes back with anything. */
  wrap(parts: RegionParts): RegionParts;
  readonly isDead: boolean;
}

/**
 * Ends a run at its call number `calls`, before that takes effect or after it, as a process ends that is killed: what it
 * would have done next does not happen.
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
  const counted = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name, receiver) {
        const member: unknown = Reflect.get(object, name, receiver);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => count(() => Promise.resolve(Reflect.apply(member, object, args)));
      },
    });
  return {
    signal: dead.signal,
    wrap: ({ region, stores: { deks, records, state }, kms }) => ({
      region,
      stores: { deks: counted(deks), records: counted(records), state: counted(state) },
      kms: counted(kms),
    }),
    get isDead() {
      return dead.signal.aborted;
    },
  };
}
