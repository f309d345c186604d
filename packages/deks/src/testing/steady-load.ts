import { setTimeout as delay, setImmediate as turnOfTheLoop } from "node:timers/promises";
import type { ManualClock } from "@dekhand/testing";
import type { DekLease } from "../shared-dek.ts";

export interface SteadyLoad {
  readonly turns: number;
  readonly perTurn: number;
  readonly clock: ManualClock;
  /** How far each turn moves the clock, in milliseconds. */
  readonly msPerTurn: number;
  readonly acquire: (count: number) => Promise<DekLease>;
}

export interface LoadResult {
  /** Acquires that were not answered before the event loop's next turn: something other than memory was asked. */
  readonly waited: number;
  readonly dekIds: ReadonlySet<string>;
}

/**
 * A steady stream of acquires, `perTurn` in each timer of the event loop, and a clock that moves with it. A busy machine
 * slows the stream, its clock and the embedded KMS alike, so what comes out does not depend on how busy it is. Let
 * `msPerTurn` be well above 1: the timers that wipe keys run on real time and must not overtake the clock.
 */
export async function steadyLoad({ turns, perTurn, clock, msPerTurn, acquire }: SteadyLoad): Promise<LoadResult> {
  const dekIds = new Set<string>();
  const all: Promise<void>[] = [];
  let waited = 0;
  let count = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    await delay(1);
    let open = 0;
    for (let each = 0; each < perTurn; each += 1) {
      open += 1;
      all.push(
        acquire(count++).then((lease) => {
          open -= 1;
          dekIds.add(lease.dek.id);
          lease[Symbol.dispose]();
        }),
      );
    }
    await turnOfTheLoop();
    waited += open;
    await clock.advance(msPerTurn);
  }
  await Promise.all(all);
  return { waited, dekIds };
}
