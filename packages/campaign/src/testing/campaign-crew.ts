/**
 * A driver and workers in one process, with a queue between them that is as
 * forgetful as a Redis that may be lost: what it holds can be dropped at any time.
 */

import type { JobProducer, RewrapJobInput } from "@dekhand/jobs";
import { createLogger, createMetrics, type Profile, type Service } from "@dekhand/runtime";
import { type CampaignStatus, createStateStore, isEnded } from "@dekhand/store";
import { type CampaignDriverDeps, createCampaignDriver } from "../driver/campaign-driver.ts";
import type { ResealAccess } from "../reseal/reseal-access.ts";
import { RECORDS_STORE } from "../reseal/reseal-failures.ts";
import { runResealSegment } from "../reseal/run-reseal-segment.ts";
import { type RunSegmentOptions, runSegment } from "../run-segment.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { type CampaignRegion, type Deployment, region } from "./campaign-region.ts";

export interface CrewOptions {
  readonly access: (store: string, region: string) => WrapAccess;
  /** Default: of the crew's own Region, whatever the key's. */
  readonly leftKeys?: CampaignDriverDeps["leftKeys"];
  /** Default: the crew's own. */
  readonly regions?: readonly string[];
  readonly run?: Partial<RunSegmentOptions>;
  readonly driver?: CampaignDriverDeps["options"];
  /** Added to the driver's monotonic clock, in milliseconds. Default: it runs a thousand times as fast. */
  readonly aheadMs?: () => number;
  /** The driver's wall clock, in milliseconds. */
  readonly now?: () => number;
  readonly workers?: number;
  readonly profiles?: Readonly<Record<string, Profile>>;
  /** For segments of records. */
  readonly reseal?: (region: string) => ResealAccess | undefined;
}

export interface CampaignCrew extends AsyncDisposable {
  readonly state: ReturnType<typeof createStateStore>;
  /** Forgets every job that waits. */
  flush(): void;
  /** The campaign's status once it is one of these, or an end. */
  until(campaignId: string, ...statuses: readonly CampaignStatus[]): Promise<CampaignStatus>;
}

export async function startCrew(
  home: { readonly clients: Pick<CampaignRegion["clients"], "dynamodb"> },
  tables: Pick<Deployment, "campaigns" | "tables" | "deks" | "records">,
  options: CrewOptions,
): Promise<CampaignCrew> {
  const { campaigns } = tables;
  const state = createStateStore({ client: home.clients.dynamodb, tables: tables.tables });
  const stopped = new AbortController();
  const { signal } = stopped;
  const queue = createQueue();
  const driver: Service = createCampaignDriver({
    campaigns,
    state,
    leftKeys: options.leftKeys ?? (() => state),
    homes: async () => [region],
    regions: options.regions ?? [region],
    reseal: { regions: [{ region, ...tables }], profiles: options.profiles ?? {} },
    producer: queue.producer,
    logger: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics({ service: "test" }),
    clock: {
      now: options.now ?? Date.now,
      monotonic: () => performance.now() + (options.aheadMs?.() ?? 999 * performance.now()),
    },
    options: { everyMs: 10, requeueMs: 50_000, ...options.driver },
  });

  const work = async () => {
    while (!signal.aborted) {
      const job = await queue.take(signal);
      if (!job) return;
      const run = { owner: crypto.randomUUID(), pageSize: 20, sliceMs: 100, lookEveryMs: 20, ...options.run, signal };
      const { access, reseal = () => undefined } = options;
      const isOfRecords = (await campaigns.getSegment(job.campaignId, job.segment))?.store === RECORDS_STORE;
      const ended = await (isOfRecords
        ? runResealSegment(job, { campaigns, access: reseal }, run)
        : runSegment(job, { campaigns, access }, run)
      ).catch(() => undefined);
      queue.settle(job, ended?.kind === "handed-back" || ended?.kind === "later");
    }
  };
  const workers = Array.from({ length: options.workers ?? 2 }, work);
  await driver.start();

  return {
    state,
    flush: () => queue.flush(),
    async until(campaignId, ...statuses) {
      for (;;) {
        const status = (await campaigns.get(campaignId))?.status;
        if (status && (statuses.includes(status) || isEnded(status))) return status;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async [Symbol.asyncDispose]() {
      await driver.drain({ ms: 1_000 });
      stopped.abort();
      await Promise.all(workers);
    },
  };
}

interface SegmentJob {
  readonly campaignId: string;
  readonly segment: number;
}

function createQueue() {
  const waiting = new Map<string, SegmentJob>();
  const active = new Set<string>();
  let wake = () => {};
  const keyOf = ({ campaignId, segment }: SegmentJob) => `${campaignId} ${segment}`;
  const producer: JobProducer<RewrapJobInput> = {
    async submit(jobs) {
      return [...jobs].map((job) => {
        if ("campaignId" in job && !active.has(keyOf(job))) waiting.set(keyOf(job), job);
        wake();
        return { ok: true, id: "job" };
      });
    },
    async close() {},
  };
  return {
    producer,
    async take(signal: AbortSignal): Promise<SegmentJob | undefined> {
      for (;;) {
        if (signal.aborted) return undefined;
        const [next] = waiting;
        if (next) {
          waiting.delete(next[0]);
          active.add(next[0]);
          return next[1];
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        const before = wake;
        wake = () => {
          before();
          resolve();
        };
        signal.addEventListener("abort", () => resolve(), { once: true });
        await promise;
      }
    },
    settle(job: SegmentJob, again: boolean) {
      active.delete(keyOf(job));
      if (again) waiting.set(keyOf(job), job);
      wake();
    },
    flush() {
      waiting.clear();
      active.clear();
    },
  };
}
