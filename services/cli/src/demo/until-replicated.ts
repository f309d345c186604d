import { sleep } from "@dekhand/runtime";
import type { DebtStatus } from "@dekhand/store";
import { type CommandContext, note } from "../command-context.ts";
import type { Connection } from "../connect.ts";
import { startProgress } from "../terminal/progress.ts";

export interface Owing {
  readonly home: string;
  /** Its replica Regions. */
  readonly regions: readonly string[];
}

export interface ReplicationOptions {
  /** Without anything paid for so long, nobody pays any more, in milliseconds. Default 60,000. */
  readonly stalledMs?: number | undefined;
}

export interface UntilReplicatedOptions extends ReplicationOptions {
  /** What the Regions were owed in all. Default: what they are owed at the first look. */
  readonly total?: number;
}

const everyMs = 500;

/** Waits until the home owes its replica Regions nothing, or nobody pays what is left, which it says. Throws StoreErrors. */
export async function untilReplicated(
  { home, regions }: Owing,
  { stores, context }: Pick<Connection, "stores"> & { readonly context: CommandContext },
  { stalledMs = 60_000, total: whole = 0 }: UntilReplicatedOptions = {},
): Promise<void> {
  const { signal, stderr: stream } = context;
  const { state } = await stores(home);
  const look = async () => sumUp(await Promise.all(regions.map((region) => state.debtStatus(region, { signal }))));

  let now = await look();
  const total = Math.max(whole, now.owed);
  using progress = startProgress({ label: "replicating", total, stream });
  let done = 0;
  const show = (reached: number) => {
    // Debt is counted up to a bound: it may seem to be less than it is.
    if (reached > done) progress.advance(reached - done);
    done = Math.max(done, reached);
  };
  for (let seen = now, movedAt = performance.now(); now.items > 0; now = await look()) {
    show(total - now.owed);
    if (now.state !== seen.state) movedAt = performance.now();
    else if (performance.now() - movedAt > stalledMs) {
      progress[Symbol.dispose]();
      note(context, `nothing more arrives in ${regions.join(" and ")}: going on with what is there`);
      return;
    }
    seen = now;
    await sleep(everyMs, { signal });
  }
  show(total);
  progress.finish();
}

function sumUp(all: readonly DebtStatus[]) {
  const sum = (of: (status: DebtStatus) => number) => all.reduce((total, status) => total + of(status), 0);
  const records = sum((status) => status.records);
  return {
    items: sum((status) => status.items),
    /** Records; of debt without any, DEKs. */
    owed: records > 0 ? records : sum((status) => status.deks),
    /** Changes with every item that is paid. */
    state: JSON.stringify(all.map(({ items, oldestAt }) => [items, oldestAt])),
  };
}
