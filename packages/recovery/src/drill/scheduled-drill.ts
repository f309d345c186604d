import { type Clock, type Logger, systemClock } from "@dekhand/runtime";
import type { CallOptions, DrillResult, StateStore } from "@dekhand/store";
import { claimPass } from "../reconcile/claim.ts";
import type { OpenedDrillRegion } from "./open-drill-region.ts";
import { recordDrill } from "./record-drill.ts";
import { runDrill } from "./run-drill.ts";

export interface ScheduledDrillDeps {
  readonly region: string;
  readonly open: () => OpenedDrillRegion;
  /** The control Region, and its state table: who drills is settled there, and a copy of the result is kept there. */
  readonly control: string;
  readonly state: Pick<StateStore, "getScan" | "saveScan" | "putDrill">;
  readonly logger: Logger;
  readonly clock?: Pick<Clock, "now">;
}

export interface ScheduledDrillOptions extends CallOptions {
  readonly everyMs: number;
  readonly sample: DrillResult["sample"];
}

/**
 * Drills the Region where it is time for it and nobody else is at it: one process of the fleet does. Undefined otherwise.
 * Throws StoreError where the control Region cannot be asked, and the signal's reason.
 */
export async function runScheduledDrill(
  { region, open, control, state, logger, clock = systemClock }: ScheduledDrillDeps,
  { everyMs, sample, signal }: ScheduledDrillOptions,
): Promise<DrillResult | undefined> {
  const now = () => clock.now();
  const claim = await claimPass({ state, now }, `drill/${region}`, { everyMs, takeOver: false, probe: 0, signal });
  if (typeof claim === "string") return undefined;
  try {
    using there = open();
    // Where this fails, somebody may drill once more.
    const onProgress = () => void claim.keep({ signal }).catch(() => undefined);
    const result = await runDrill(there, { sample, actor: "schedule", onProgress, signal });
    await recordDrill(result, { states: { [control]: state, [region]: there.state }, logger }, { signal });
    await claim.end({ signal });
    logDrill(result, logger);
    return result;
  } catch (error) {
    await claim.letGo();
    throw error;
  }
}

export function logDrill(result: DrillResult, logger: Logger): void {
  const { region, asked, opened, failed, failures } = result;
  const fields = { region, asked, opened, failed };
  if (failed === 0) logger.info(fields, "a drill opened every record");
  else logger.error({ ...fields, failures }, "a drill could not open every record");
}
