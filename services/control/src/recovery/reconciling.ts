/** Passes of the reconciler, and the tidying of old parts, where it is time for them and nobody else is at it. */

import { type OpenedRecovery, type ReconcileScope, reconcileRegion, tidyParts } from "@dekhand/recovery";
import type { DeploymentConfig, Logger } from "@dekhand/runtime";
import { repeat } from "./repeat.ts";

export interface ReconcilingDeps {
  readonly config: Pick<DeploymentConfig, "reconcile">;
  readonly recovery: OpenedRecovery;
  readonly logger: Logger;
}

export interface ReconcilingOptions {
  readonly signal: AbortSignal;
  /** Between two looks whether it is time, in milliseconds. */
  readonly lookEveryMs: number;
}

const dayMs = 86_400_000;

/** Until the signal aborts. Never rejects. */
export async function keepReconciling(
  { config, recovery, logger }: ReconcilingDeps,
  { signal, lookEveryMs }: ReconcilingOptions,
): Promise<void> {
  const { everyMs, probe, pagesPerSecond } = config.reconcile;
  const running = new Map<string, Promise<void>>();

  /** Each by itself: a Region that is away holds up no other. */
  const begin = (name: string, work: () => Promise<void>) => {
    if (running.has(name)) return;
    const done = work()
      .catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ err: error, name }, "a scan has stopped; it goes on where it ended");
      })
      .finally(() => running.delete(name));
    running.set(name, done);
  };

  const reconcile = async (scope: ReconcileScope) => {
    const options = { signal, everyMs: jittered(everyMs), probe, pagesPerSecond };
    const outcome = await reconcileRegion(scope, recovery.reconcile, options);
    if (outcome.kind !== "finished") return;
    const { coverage: _, ...summary } = outcome.summary;
    logger.info(summary, "home and replica Region have been compared");
  };

  const tidy = async (region: string) => {
    const outcome = await tidyParts(recovery.tidy(region), { signal, everyMs: jittered(dayMs), pagesPerSecond });
    if (outcome.kind === "finished" && outcome.deleted > 0) {
      logger.info({ region, deleted: outcome.deleted }, "parts of envelopes that no head names were deleted");
    }
  };

  const look = async () => {
    for (const scope of await recovery.scopes({ signal })) {
      begin(`reconcile ${scope.home} ${scope.region}`, () => reconcile(scope));
    }
    for (const region of await recovery.tidyRegions({ signal })) begin(`tidy ${region}`, () => tidy(region));
  };
  await repeat(look, { everyMs: lookEveryMs, signal, logger, what: "replica Regions cannot be reconciled yet" });
  await Promise.all(running.values());
}

/** Up to a tenth earlier, so that passes that began together do not always do so. */
function jittered(everyMs: number): number {
  return everyMs * (1 - Math.random() / 10);
}
