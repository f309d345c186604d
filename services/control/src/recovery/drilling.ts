import { type OpenedDrillRegion, type OpenedRecovery, runScheduledDrill } from "@dekhand/recovery";
import type { DeploymentConfig, DrillsConfig, Logger } from "@dekhand/runtime";
import type { StateStore } from "@dekhand/store";
import { repeat } from "./repeat.ts";

export interface DrillingDeps {
  readonly config: Pick<DeploymentConfig, "control">;
  readonly drills: DrillsConfig;
  readonly recovery: Pick<OpenedRecovery, "scopes">;
  readonly open: (region: string) => OpenedDrillRegion;
  /** Of the control Region. */
  readonly state: StateStore;
  readonly logger: Logger;
}

/** Drills every replica Region when it is time, one process of the fleet each. Until the signal aborts; never rejects. */
export async function keepDrilling(
  { config, drills, recovery, open, state, logger }: DrillingDeps,
  { signal, lookEveryMs }: { readonly signal: AbortSignal; readonly lookEveryMs: number },
): Promise<void> {
  const look = async () => {
    const regions = new Set((await recovery.scopes({ signal })).map(({ region }) => region));
    for (const region of regions) {
      const deps = { region, open: () => open(region), control: config.control, state, logger };
      const everyMs = drills.everyMs * (1 - Math.random() / 10);
      await runScheduledDrill(deps, { everyMs, sample: drills.sample, signal });
    }
  };
  await repeat(look, { everyMs: lookEveryMs, signal, logger, what: "drills cannot be run for now" });
}
