import { awaitPaid } from "@dekhand/recovery";
import { systemClock } from "@dekhand/runtime";
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

/** Waits until the home owes its replica Regions nothing, or nobody pays what is left, which it says. Throws StoreErrors. */
export async function untilReplicated(
  { home, regions }: Owing,
  { stores, context }: Pick<Connection, "stores"> & { readonly context: CommandContext },
  { stalledMs: patienceMs = 60_000, total: whole = 0 }: UntilReplicatedOptions = {},
): Promise<void> {
  const { signal, stderr: stream } = context;
  const { state } = await stores(home);
  const olderThan = new Date(systemClock.now()).toISOString();
  const first = regions.map(async (region) => [region, await state.debtStatus(region, { signal })] as const);
  const debts = new Map(await Promise.all(first));
  const total = Math.max(whole, owedIn(debts));
  using progress = startProgress({ label: "replicating", total, stream });
  let done = 0;
  const show = (reached: number) => {
    if (reached > done) progress.advance(reached - done);
    done = Math.max(done, reached);
  };
  const left = await Promise.all(
    regions.map((region) => {
      const onStatus = (status: DebtStatus) => {
        debts.set(region, status);
        show(total - owedIn(debts));
      };
      const pace = { patienceMs, lookEveryMs: 500, clock: systemClock };
      return awaitPaid(state, region, { olderThan, ...pace, onStatus, signal });
    }),
  );
  if (left.some((debt) => debt !== undefined)) {
    progress[Symbol.dispose]();
    note(context, `nothing more arrives in ${regions.join(" and ")}: going on with what is there`);
    return;
  }
  show(total);
  progress.finish();
}

/** Records; of debt without any, DEKs. */
function owedIn(debts: ReadonlyMap<string, DebtStatus>): number {
  const sum = (of: (status: DebtStatus) => number) => [...debts.values()].reduce((all, status) => all + of(status), 0);
  return sum(({ records }) => records) || sum(({ deks }) => deks);
}
