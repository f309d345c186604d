/**
 * Copies what a replica Region is owed, and settles the debt once all of it has
 * arrived.
 *
 * A job does not say which Region its records are in: where profiles have several
 * homes, each of them is asked. Only the home of a DEK's profile is copied from.
 */

import type { ByteRoom } from "@dekhand/campaign";
import type { BridgeKeys, KeyDirectory, ProfileHomes } from "@dekhand/deks";
import { createWrapsInHand, type RegionParts, type ReplicateResult, replicateBatch } from "@dekhand/recovery";
import { type DeploymentConfig, type Logger, regionsOf } from "@dekhand/runtime";
import type { CallOptions, StateStore } from "@dekhand/store";
import type { ReplicatorMetrics } from "./replicator-metrics.ts";
import { type Payment, sumUp } from "./sum-up.ts";

export interface Debt {
  readonly debtId?: string | undefined;
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
}

export interface PayDebtDeps {
  readonly config: Pick<DeploymentConfig, "profiles" | "tables">;
  readonly homes: Pick<ProfileHomes, "of">;
  readonly parts: (region: string) => RegionParts;
  readonly state: (region: string) => Pick<StateStore, "settleDebt">;
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  readonly bridges: BridgeKeys;
  /** Envelopes in memory, of the whole process. */
  readonly room: ByteRoom;
  readonly metrics: ReplicatorMetrics;
  readonly logger: Logger;
}

export interface DebtPayer {
  /** The replica Region. */
  readonly region: string;
  /** The Regions that it is copied from by now. Throws StoreError, DeksError. */
  sources(options?: CallOptions): Promise<readonly string[]>;
  /** `source`: where the debt was found. Throws StoreError where a table cannot be used, and the signal's reason. */
  pay(debt: Debt, options?: CallOptions & { readonly source?: string }): Promise<Payment>;
}

export function createDebtPayer(region: string, deps: PayDebtDeps): DebtPayer {
  const { config, homes, parts, state, metrics } = deps;
  const profiles = Object.values(config.profiles).filter((profile) => regionsOf(profile).includes(region));
  const wrapsInHand = createWrapsInHand();

  const payFrom = async (source: string, { dekIds, recordIds }: Debt, options: CallOptions) => {
    const { keys, bridges, room, logger } = deps;
    const result = await replicateBatch(
      { region, dekIds, recordIds },
      {
        ...{ profiles: config.profiles, mode: config.tables, homes, keys, bridges, room, wrapsInHand, logger },
        home: parts(source),
        target: parts(region),
        onWrap: (strategy) => metrics.wrapped(region, strategy),
      },
      options,
    );
    metrics.paid(region, result);
    return result;
  };

  const payer: DebtPayer = {
    region,
    async sources(options = {}) {
      const found = await Promise.all(profiles.map(({ name }) => homes.of(name, options)));
      return [...new Set(found.map(({ profile }) => profile.home))].filter((home) => home !== region);
    },
    async pay(debt, { source, signal } = {}) {
      const sources = source === undefined ? await payer.sources({ signal }) : [source];
      const results: ReplicateResult[] = [];
      const troubles: unknown[] = [];
      for (const each of sources) {
        try {
          results.push(await payFrom(each, debt, { signal }));
        } catch (error) {
          signal?.throwIfAborted();
          // One home that is away keeps nothing of another's back.
          troubles.push(error);
        }
      }
      if (troubles.length > 0) throw troubles[0];
      const payment = sumUp(results);
      const { debtId } = debt;
      if (payment.isPaid && debtId !== undefined) {
        for (const each of sources) await state(each).settleDebt(region, [debtId], { signal });
        metrics.settled(region, Date.now() - madeAt(debtId));
      }
      return payment;
    },
  };
  return payer;
}

/** A debt's id is a UUIDv7: it begins with the time when it was made, in milliseconds. */
function madeAt(debtId: string): number {
  return Number.parseInt(debtId.replaceAll("-", "").slice(0, 12), 16);
}
