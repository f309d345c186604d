import { createKnownDebt, type KnownDebt } from "../reconcile/known-debt.ts";
import type { ReconcileRegion } from "../reconcile/reconcile-types.ts";
import type { Tally } from "../reconcile/tally.ts";
import { createProfileBook, type ProfileBook } from "./profile-book.ts";
import type { SettleDeps, SettleFailure, SettleScope } from "./settle-types.ts";

/** What the parts of one settling share. */
export interface SettleRun {
  readonly scope: SettleScope;
  readonly deps: SettleDeps;
  readonly home: ReconcileRegion;
  readonly other: ReconcileRegion;
  readonly profiles: ProfileBook;
  /** Of the home's to the other Region. */
  readonly debt: KnownDebt;
  fail(failure: SettleFailure, tally: Tally): void;
  /** The first 100. */
  failures(): readonly SettleFailure[];
}

const maxListed = 100;

export function createSettleRun(scope: SettleScope, deps: SettleDeps): SettleRun {
  const home = deps.regionOf(scope.home);
  const failures: SettleFailure[] = [];
  return {
    scope,
    deps,
    home,
    other: deps.regionOf(scope.region),
    profiles: createProfileBook([scope.home, scope.region], deps),
    debt: createKnownDebt(home.stores.state, scope.region),
    fail(failure, tally) {
      tally.add("failed");
      if (failures.length < maxListed) failures.push(failure);
      deps.logger.warn({ ...failure, home: scope.home, region: scope.region }, "a record could not be settled");
    },
    failures: () => failures,
  };
}
