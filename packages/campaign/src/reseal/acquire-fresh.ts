import type { AcquireRequest, DekLease } from "@dekhand/deks";
import type { CallOptions } from "@dekhand/store";
import type { JudgeDek } from "./judge-dek.ts";
import { newDekUnfit } from "./new-dek-unfit.ts";
import type { ResealAccess } from "./reseal-access.ts";

/** How many DEKs may turn out to be selected before it is clear that every new one is. */
const maxTries = 4;

/**
 * A lease on a DEK that the reseal does not concern. A worker may still have a selected one for sealing, made before the
 * campaign: it gives that up. Throws CAMPAIGN_NEW_DEK_UNFIT where new DEKs are selected as well: by the clock of this
 * machine they are older than they can be.
 */
export async function acquireFresh(
  request: AcquireRequest,
  sealing: ResealAccess["sealing"],
  judge: JudgeDek,
  options: CallOptions,
): Promise<DekLease> {
  for (let tries = 1; ; tries += 1) {
    const lease = await sealing.acquire(request, options);
    let isFresh = false;
    try {
      isFresh = (await judge(lease.dek.id, options)).kind === "other";
      if (isFresh) return lease;
    } finally {
      if (!isFresh) lease[Symbol.dispose]();
    }
    sealing.abandon(request);
    if (tries === maxTries) {
      throw newDekUnfit(
        "a new DEK is one of those that the reseal replaces: look at this machine's clock",
        lease.dek.id,
      );
    }
  }
}
