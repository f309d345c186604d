import type { CallOptions } from "@dekhand/store";
import type { DebtIds } from "./known-debt.ts";
import type { PassRun } from "./pass-run.ts";
import type { Tally } from "./tally.ts";

export interface OweOptions extends CallOptions {
  readonly tally: Tally;
  /** Those of the ids that are missing still: what was paid while the items were read is no debt any more. */
  readonly again: (ids: DebtIds) => Promise<DebtIds>;
}

/**
 * Writes debt for what the replica Region lacks and no debt item names yet, and answers with that. With global tables, only
 * wraps that were never made are owed: the tables carry all else.
 */
export async function oweWhatIsMissing(
  run: PassRun,
  missing: DebtIds,
  { tally, again, signal }: OweOptions,
): Promise<DebtIds> {
  const count = ({ dekIds, recordIds }: DebtIds) => dekIds.length + recordIds.length;
  if (count(missing) === 0) return missing;
  const carried = run.deps.mode === "global" ? await withoutWrap(run, missing, { signal }) : missing;
  const unnamed = await run.debt.unnamed(carried, { signal });
  const left = count(unnamed) === 0 ? unnamed : await again(unnamed);
  tally.add("known", count(missing) - count(left));
  await run.debt.owe(left, new Date(run.now()).toISOString(), { signal });
  return left;
}

/** The DEKs of which home's own table has no wrap for the replica Region. */
async function withoutWrap({ home, scope }: PassRun, { dekIds }: DebtIds, options: CallOptions): Promise<DebtIds> {
  const copies = await home.stores.deks.getMany(dekIds, scope.region, options);
  return { dekIds: dekIds.filter((dekId) => !copies.get(dekId)?.wrap), recordIds: [] };
}
