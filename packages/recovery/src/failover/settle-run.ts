import type { CallOptions } from "@dekhand/store";
import { createKnownDebt, type KnownDebt } from "../reconcile/known-debt.ts";
import type { ReconcileRegion } from "../reconcile/reconcile-types.ts";
import type { Tally } from "../reconcile/tally.ts";
import { partingOf, type SettledHead } from "../replicate/record-order.ts";
import { createProfileBook, type ProfileBook } from "./profile-book.ts";
import { type Settlement, settle } from "./settle.ts";
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
  /** Which of two records of one id stays. Asks for their DEKs. Throws StoreError, and the signal's reason. */
  settle(ours: SettledHead, theirs: SettledHead, options: CallOptions): Promise<Settlement>;
  fail(failure: SettleFailure, tally: Tally): void;
  /** The first 100. */
  failures(): readonly SettleFailure[];
}

const maxListed = 100;

export function createSettleRun(scope: SettleScope, given: SettleDeps): SettleRun {
  const epochsOf = (profile: string) => scope.epochs.get(profile) ?? [];
  const deps = { ...given, epochsOf };
  const home = deps.regionOf(scope.home);
  const failures: SettleFailure[] = [];
  const profiles = createProfileBook([scope.home, scope.region], deps);
  return {
    scope,
    deps,
    home,
    other: deps.regionOf(scope.region),
    profiles,
    debt: createKnownDebt(home.stores.state, scope.region),
    async settle(ours, theirs, options) {
      const deks = await profiles.deksOf([ours.dekId, theirs.dekId], options);
      const [own, their] = [deks.get(ours.dekId), deks.get(theirs.dekId)];
      const profile = (own ?? their)?.profile;
      const epochs = profile === undefined ? [] : epochsOf(profile);
      return settle(ours, theirs, partingOf({ head: ours, dek: own }, { head: theirs, dek: their }, epochs));
    },
    fail(failure, tally) {
      tally.add("failed");
      if (failures.length < maxListed) failures.push(failure);
      deps.logger.warn({ ...failure, home: scope.home, region: scope.region }, "a record could not be settled");
    },
    failures: () => failures,
  };
}
