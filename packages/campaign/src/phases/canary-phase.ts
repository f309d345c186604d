/**
 * A few wraps are rewrapped and checked before all others: what is wrong with
 * keys, contexts or readers shows here, while it costs little.
 */

import { createHash } from "node:crypto";
import { anySignal } from "@dekhand/runtime";
import type { FailureReport, WrapRef } from "@dekhand/store";
import { failureReports } from "../failure-reports.ts";
import { followedHome } from "../follow/followed-wraps.ts";
import { judgeWrap } from "../is-current.ts";
import { addCounts } from "../rewrap-counts.ts";
import { rewrapPage } from "../rewrap-page.ts";
import type { PageOptions, PageWork, RunPage } from "./phase.ts";
import { probeWrap } from "./probe-wrap.ts";
import { scanPage } from "./scan-page.ts";
import { type GivenUp, workSideBySide } from "./work-side-by-side.ts";

/**
 * What a canary counts: `tried` wraps were to be rewrapped; `swapped` were, and of them (and of those that an interrupted
 * run has swapped) `verified` are genuine; `failed` are recorded as failures, wraps that proved wrong included.
 */
export type CanaryCount = "scanned" | "tried" | "swapped" | "verified" | "failed";

export const canaryPhase: RunPage = async (segment, work, options) => {
  const { signal, halt, swapWithinMs, concurrency } = options;
  const { campaigns, order, settings, store } = work;
  const tried = segment.counts.tried ?? 0;
  const scanned = await scanPage(segment, (...scan) => store.scan(...scan), {
    signal,
    pageSize: 100,
    consistent: false,
  });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const wanted = scanned.wraps
    .filter((wrap) => followedHome(wrap, order.target) === undefined)
    .filter((wrap) => wrap.campaign === order.campaignId || judgeWrap(wrap, order, store.labels).kind === "stale")
    .slice(0, settings.canary - tried);
  const before = createDekDigests(work, options);
  const lookedAt = await before.learn(wanted);
  if (lookedAt) return lookedAt;

  const now = () => new Date(work.at());
  const { outcomes, stop } = await rewrapPage(
    wanted,
    order,
    { ...work, now },
    { signal, halt, swapWithinMs, concurrency },
  );
  signal?.throwIfAborted();
  const place = { store: store.name, region: store.region, at: work.at() };
  const failures: FailureReport[] = [...failureReports(place, wanted, outcomes)];
  await campaigns.recordFailures(order.campaignId, failures, { signal });
  if (stop) return { kind: "stopped", stop };
  if (outcomes.some(({ kind }) => kind === "left")) return { kind: "halted" };

  const toCheck = wanted.filter((_, index) => ["swapped", "current"].includes(outcomes[index]?.kind ?? ""));
  const wrong: FailureReport[] = [];
  let verified = 0;
  const end = await workSideBySide(toCheck, concurrency, halt, async ({ id }) => {
    const wrap = await store.read(id, { signal });
    // Deleted, or replaced by somebody else meanwhile.
    if (!wrap) return undefined;
    const probed = await check(wrap, before.of(id), work, options);
    if (probed.kind === "genuine") verified += 1;
    else if (probed.kind === "stop") return { kind: "stopped", stop: probed.stop } as const;
    else if (probed.kind === "cancelled") return "cancelled";
    else wrong.push({ ...place, id, ...probed.failure });
    return undefined;
  });
  signal?.throwIfAborted();
  if (end) return end;

  await campaigns.recordFailures(order.campaignId, wrong, { signal });
  const counts = addCounts([
    segment.counts,
    {
      scanned: scanned.wraps.length,
      tried: wanted.length,
      swapped: outcomes.filter(({ kind }) => kind === "swapped").length,
      verified,
      failed: failures.length + wrong.length,
    },
  ]);
  const isEnough = (counts.tried ?? 0) >= settings.canary;
  return work.save(segment, isEnough ? undefined : scanned.cursor, counts);
};

async function check(
  wrap: WrapRef,
  isDek: ((plaintext: Buffer) => boolean) | undefined,
  work: PageWork,
  options: PageOptions,
) {
  const { keyArn, material } = work.order.target;
  using ending = anySignal([options.signal, options.halt]);
  return await probeWrap(wrap, { keyArn, material, by: work.settings.probeBy, isDek }, work, { signal: ending.signal });
}

/** Digests of DEKs, kept in memory for one page, to compare what wraps hold before and after; where a store cannot tell. */
function createDekDigests(work: PageWork, { signal, halt, concurrency }: PageOptions) {
  const digests = new Map<string, Buffer>();
  const { settings, order, store, matches } = work;
  return {
    async learn(wraps: readonly WrapRef[]): Promise<GivenUp> {
      if (settings.probeBy !== "decrypt" || matches) return undefined;
      using ending = anySignal([signal, halt]);
      const end = await workSideBySide(wraps, concurrency, halt, async (wrap) => {
        const sources =
          wrap.keyArn !== undefined && store.labels.keyArn
            ? [wrap.keyArn]
            : [...order.target.sources, order.target.keyArn];
        for (const keyArn of sources) {
          const isDek = (plaintext: Buffer) => {
            digests.set(wrap.id, sha256(plaintext));
            return true;
          };
          const probed = await probeWrap(wrap, { keyArn, by: "decrypt", isDek }, work, { signal: ending.signal });
          if (probed.kind === "genuine") return undefined;
          if (probed.kind === "stop") return { kind: "stopped", stop: probed.stop } as const;
          if (probed.kind === "cancelled") return "cancelled";
        }
        // It does not unwrap as it is: rewrapping it says why.
        return undefined;
      });
      signal?.throwIfAborted();
      return end;
    },
    of(id: string): ((plaintext: Buffer) => boolean) | undefined {
      const digest = digests.get(id);
      return digest && ((plaintext) => sha256(plaintext).equals(digest));
    },
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
