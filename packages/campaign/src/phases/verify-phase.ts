/**
 * The closing census of a campaign: wraps are counted by strongly consistent
 * reads, judged, and some of them probed, because a census counts labels.
 *
 * What is left to do is counted as `stale` and found again by another sweep, but
 * for wraps whose failure is known: those are for an operator.
 */

import { createHash } from "node:crypto";
import { anySignal } from "@dekhand/runtime";
import type { FailureReport, Segment, SegmentCounts, WrapRef } from "@dekhand/store";
import { createTally } from "../census-tally.ts";
import { malformedReport } from "../failure-reports.ts";
import { stopOfReading } from "../follow/follow-page.ts";
import { followedHome } from "../follow/followed-wraps.ts";
import { type ReadHomes, readHomes } from "../follow/read-homes.ts";
import { isConcluded, judgeWrap } from "../is-current.ts";
import { LEAST_PROBED } from "../settings.ts";
import type { PageOptions, PageWork, RunPage } from "./phase.ts";
import { type Probed, probeWrap } from "./probe-wrap.ts";
import { scanPage } from "./scan-page.ts";
import { type GivenUp, type ItemEnd, workSideBySide } from "./work-side-by-side.ts";

/**
 * What is counted beside the census itself:
 * - `current`, `currentConcluded`: as in `REWRAP_COUNTS`. `other`: likewise.
 * - `unlabelled`: its store keeps no label that could tell; a rotation's one pass has swapped it.
 * - `stale`: for another sweep. `failing`, `skipped`: stale too, with a failure that is open, or that an operator skipped.
 * - `probed`: probed, and genuine; `probedByDecrypt` of them by unwrapping. `unprobed`: current, and not in the sample.
 * - `mislabelled`: not what it says it is; recorded as a failure. `swappedMislabelled` of them were swapped by this campaign.
 */
export const VERIFY_COUNTS = [
  "current",
  "currentConcluded",
  "other",
  "unlabelled",
  "stale",
  "failing",
  "skipped",
  "probed",
  "probedByDecrypt",
  "unprobed",
  "mislabelled",
  "swappedMislabelled",
] as const;

export type VerifyCount = (typeof VERIFY_COUNTS)[number];

export const verifyPhase: RunPage = async (segment, work, options) => {
  const { signal, halt, pageSize, concurrency } = options;
  const { campaigns, campaign, order, store } = work;
  const scanned = await scanPage(segment, (...scan) => store.scan(...scan), { signal, pageSize, consistent: true });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const { wraps, malformed } = scanned;
  const read = await readHomes(wraps, { ...order, targets: campaign.targets }, work, { signal }).catch(
    (error: unknown) => ({ stop: stopOfReading(error, signal) }),
  );
  if ("stop" in read) return { kind: "stopped", stop: read.stop };
  const page = createPageCount(work, read);
  const end = await workSideBySide(wraps, concurrency, halt, (wrap) => judge(wrap, page, work, options));
  signal?.throwIfAborted();
  if (end) return end;

  const place = { store: store.name, region: store.region, at: work.at() };
  const reports = [...page.failures, ...malformed.map((one) => malformedReport(place, one))];
  await campaigns.recordFailures(segment.campaignId, reports, { signal });
  return work.save(segment, scanned.cursor, addPage(segment, wraps, malformed.length, page));
};

interface PageCount extends ReadHomes {
  readonly counts: ReadonlyMap<VerifyCount, number>;
  readonly failures: readonly FailureReport[];
  /** One more; answers that the wrap is done with. */
  add(name: VerifyCount): undefined;
  fail(wrap: WrapRef, failure: Pick<FailureReport, "class" | "code" | "message">): void;
}

function createPageCount({ store, at }: PageWork, read: ReadHomes): PageCount {
  const counts = new Map<VerifyCount, number>();
  const failures: FailureReport[] = [];
  return {
    ...read,
    counts,
    failures,
    add(name) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return undefined;
    },
    fail: ({ id }, failure) =>
      void failures.push({ store: store.name, region: store.region, id, at: at(), ...failure }),
  };
}

async function judge(wrap: WrapRef, page: PageCount, work: PageWork, options: PageOptions): Promise<ItemEnd> {
  const { order, store } = work;
  const judged = page.judge(wrap) ?? judgeWrap(wrap, order, store.labels);
  if (judged.kind === "other") return page.add("other");
  if (judged.kind === "current") {
    page.add(isConcluded(judged.by) ? "currentConcluded" : "current");
    if (isSampled(order.campaignId, wrap.id, sampleOf(work))) return probeCurrent(wrap, page, work, options);
    return page.add("unprobed");
  }
  const isRotation = order.target.sources.includes(order.target.keyArn);
  if (isRotation ? store.labels.material : store.labels.keyArn) return countStale(wrap, page, work, options);
  // No label can tell. One pass over all of a rotation's wraps is all there is; of another key, KMS knows.
  return isRotation ? page.add("unlabelled") : probeUnlabelled(wrap, page, work, options);
}

async function probeCurrent(wrap: WrapRef, page: PageCount, work: PageWork, options: PageOptions): Promise<ItemEnd> {
  const { keyArn, material } = work.order.target;
  const by = work.settings.probeBy;
  const probed = await probe(wrap, { keyArn, by, ...(wrap.material === undefined ? {} : { material }) }, work, options);
  switch (probed.kind) {
    case "genuine":
      page.add("probed");
      if (by === "decrypt") page.add("probedByDecrypt");
      return undefined;
    case "different":
      page.add("mislabelled");
      if (wrap.campaign === work.order.campaignId) page.add("swappedMislabelled");
      page.fail(wrap, probed.failure);
      return undefined;
    default:
      return failed(wrap, probed, page);
  }
}

/** Asks KMS for the target and then for each source: under none of them, it is none of the campaign's. */
async function probeUnlabelled(wrap: WrapRef, page: PageCount, work: PageWork, options: PageOptions): Promise<ItemEnd> {
  const { keyArn: target, sources } = work.order.target;
  for (const keyArn of [target, ...sources]) {
    const probed = await probe(wrap, { keyArn, by: "dry-run" }, work, options);
    if (probed.kind === "genuine" && keyArn !== target) return countStale(wrap, page, work, options);
    if (probed.kind === "genuine") {
      page.add("current");
      return page.add("probed");
    }
    if (probed.kind !== "different") return failed(wrap, probed, page);
    if (!probed.isOtherKey) return countStale(wrap, page, work, options);
  }
  return page.add("other");
}

function failed(wrap: WrapRef, probed: Exclude<Probed, { kind: "genuine" | "different" }>, page: PageCount): ItemEnd {
  if (probed.kind === "stop") return { kind: "stopped", stop: probed.stop } satisfies GivenUp;
  if (probed.kind === "cancelled") return "cancelled";
  page.fail(wrap, probed.failure);
  return undefined;
}

async function countStale(wrap: WrapRef, page: PageCount, work: PageWork, { signal }: PageOptions): Promise<ItemEnd> {
  const { campaigns, store, order } = work;
  const failureIn = (region: string) =>
    campaigns.getFailure(order.campaignId, { store: store.name, region, id: wrap.id }, { signal });
  const home = followedHome(wrap, order.target);
  // A copy waits for home's wrap: what became of that one is what holds it up.
  const own = await failureIn(store.region);
  const isKnown = own !== undefined && own.state !== "resolved";
  const known = isKnown || home === undefined ? own : await failureIn(home);
  if (known?.state === "skipped") return page.add("skipped");
  return page.add(known?.state === "open" ? "failing" : "stale");
}

async function probe(
  wrap: WrapRef,
  question: Parameters<typeof probeWrap>[1],
  work: PageWork,
  { signal, halt }: PageOptions,
): Promise<Probed> {
  using ending = anySignal([signal, halt]);
  return await probeWrap(wrap, question, work, { signal: ending.signal });
}

/** The part that is probed. */
function sampleOf({ campaign, settings }: Pick<PageWork, "campaign" | "settings">): number {
  const wraps = Number(campaign.facts.wraps ?? 0);
  return Math.max(settings.sample, wraps > 0 ? LEAST_PROBED / wraps : 0);
}

/** The same wraps whenever a page is run: what was found once is found again. */
export function isSampled(campaignId: string, id: string, part: number): boolean {
  if (part >= 1) return true;
  const digest = createHash("sha256").update(`${campaignId}\n${id}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < part;
}

function addPage(
  { counts, campaignId }: Segment,
  wraps: readonly WrapRef[],
  malformed: number,
  page: PageCount,
): SegmentCounts {
  const isPlain = (name: string) => VERIFY_COUNTS.some((one) => one === name);
  const before = Object.entries(counts);
  const tally = createTally(Object.fromEntries(before.filter(([name]) => !isPlain(name))));
  for (const wrap of wraps) tally.addWrap(wrap, campaignId);
  tally.addMalformed(malformed);
  const plain = new Map(before.filter(([name]) => isPlain(name)));
  for (const [name, count] of page.counts) plain.set(name, (plain.get(name) ?? 0) + count);
  return { ...tally.counts(), ...Object.fromEntries(plain) };
}
