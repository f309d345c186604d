import { type CampaignView, segmentsOf, sweepOf } from "@dekhand/campaign";
import { BIRTH_DEADLINE_MS } from "@dekhand/deks";
import { type Clock, systemClock } from "@dekhand/runtime";

/** How long a campaign still waits until no DEK can be born under a key that it leaves. */
export interface BirthWait {
  /** In milliseconds; undefined while the campaign does not wait. To be asked with every look at the campaign. */
  leftMs(view: CampaignView): number | undefined;
  /** How long it has waited in all, in milliseconds. */
  waitedMs(): number;
}

/** Reckons as the campaign's driver does: from when the campaign was first seen past its preflight. */
export function createBirthWait({ monotonic }: Pick<Clock, "monotonic"> = systemClock): BirthWait {
  let pastPreflightAt: number | undefined;
  let waitingSince: number | undefined;
  let waitedMs = 0;
  return {
    leftMs(view) {
      const at = monotonic();
      const { kind, status } = view.campaign;
      if (status !== "planned" && status !== "preflight") pastPreflightAt ??= at;
      const isWaiting =
        kind === "key" && status === "verifying" && segmentsOf(view, "verify", sweepOf(view)).length === 0;
      if (isWaiting) waitingSince ??= at;
      else if (waitingSince !== undefined) {
        waitedMs += at - waitingSince;
        waitingSince = undefined;
      }
      return isWaiting ? Math.max(0, BIRTH_DEADLINE_MS - (at - (pastPreflightAt ?? at))) : undefined;
    },
    waitedMs: () => waitedMs,
  };
}
