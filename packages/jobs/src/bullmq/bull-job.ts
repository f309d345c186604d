/**
 * One BullMQ job's way through the consumer.
 *
 * Returning completes the job and removes it; BullMQ does so only while the
 * job's lock is ours. Everything else throws DelayedError: BullMQ then leaves
 * the job where it is, moved by us, or still active and found by the stall check.
 * No other error may leave this function: BullMQ would fail the job and drop it.
 */

import { fullJitterDelay, type Logger, type RateLimitedLogger, sleep } from "@dekhand/runtime";
import { type Job as BullJob, DelayedError, type Queue } from "bullmq";
import type { EntryBatcher } from "../consumer/entry-batcher.ts";
import { holdLease, type Lease } from "../consumer/lease-keeper.ts";
import { type DeliveryRun, type RunResult, runDelivery } from "../consumer/run-delivery.ts";
import type { Tally } from "../consumer/tally.ts";
import type { JobKind, ParsedJob } from "../job-kind.ts";
import { keptJobId } from "./bull-job-id.ts";
import type { Lock } from "./lock-renewals.ts";
import { digestOf, type Quarantine, type QuarantineEntry } from "./quarantine.ts";
import type { KeptRejection } from "./rejected-queue.ts";
import { readScrubbed, scrub } from "./scrubbed-job.ts";

export interface BullJobDeps<Job> extends SettleDeps {
  readonly jobs: JobKind<Job>;
  readonly renewals: EntryBatcher<Lock>;
  readonly lockMs: number;
  readonly run: Omit<DeliveryRun<Job>, "parsed" | "attempt" | "source" | "lease">;
  readonly now: () => number;
  /** Bytes more, or less, that are held. */
  readonly onHeld: (bytes: number) => void;
}

/** Once a job has its outcome, its kind is all the same. */
interface SettleDeps {
  readonly queue: string;
  readonly rejectedQueue: Pick<Queue, "add" | "getJobCountByTypes">;
  readonly quarantine: Quarantine;
  readonly maxRejectedKept: number;
  readonly run: { readonly drain: AbortSignal };
  readonly tally: Tally;
  readonly logger: Logger;
  /** For what comes with every bad job. */
  readonly frequent: RateLimitedLogger;
}

const quarantineBackoff = { baseMs: 200, capMs: 10_000 };

export async function handleBullJob<Job>(job: BullJob, token: string, deps: BullJobDeps<Job>): Promise<void> {
  const lease = holdLock(job, token, deps);
  let bytes = 0;
  try {
    const taken = await takeJob(job, deps);
    const attempt = Math.max(1, job.attemptsStarted);
    const { parsed } = taken;
    bytes = parsed.ok ? parsed.message.bytes : 0;
    deps.onHeld(bytes);
    const result = await runDelivery({ ...deps.run, parsed, attempt, source: "bullmq", lease: lease.signal });
    await settle({ job, token, lease, digest: taken.digest, keepable: taken.keepable }, result, deps);
  } catch (error) {
    if (error instanceof DelayedError) throw error;
    deps.logger.error({ err: error, bullJobId: job.id }, "a job was left to come back by itself");
    throw new DelayedError();
  } finally {
    if (lease.lost) deps.tally.lost();
    lease.end();
    deps.onHeld(-bytes);
  }
}

function holdLock<Job>(job: BullJob, token: string, { renewals, lockMs, now }: BullJobDeps<Job>): Lease {
  // The lock is as old as its fetch, which may have been ahead of this call.
  const age = job.processedOn === undefined ? 0 : Math.max(0, Date.now() - job.processedOn);
  return holdLease({
    leaseMs: lockMs,
    since: now() - Math.min(age, lockMs / 2),
    now,
    renew: async (wanted) => {
      const result = await renewals.submit({ jobId: job.id ?? "", token }, { wanted });
      if (result.ok) return "renewed";
      return result.code === "JOBS_LEASE_LOST" ? "lost" : "unknown";
    },
  });
}

interface Taken<Job> {
  readonly parsed: ParsedJob<Job>;
  readonly digest: string;
  /** Whether the data may stay in Redis: it is a job's, with nothing in the clear. */
  readonly keepable: boolean;
}

/** Parses the job. Data that is or may be in the clear is overwritten in Redis before anything else happens. */
async function takeJob<Job>(job: BullJob, { jobs }: Pick<BullJobDeps<Job>, "jobs">): Promise<Taken<Job>> {
  const scrubbed = readScrubbed(job.data);
  if (scrubbed)
    return { parsed: { ok: false, rejection: scrubbed.rejection }, digest: scrubbed.digest, keepable: false };
  const digest = digestOf(job.data);
  const parsed = jobs.parse(job.data);
  const rejection = parsed.ok ? parsed.message.unfitForRedis : parsed.rejection;
  if (rejection === undefined) return { parsed, digest, keepable: true };
  if (parsed.ok) parsed.message.wipe();
  await job.updateData(scrub(rejection, digest));
  return { parsed: { ok: false, rejection }, digest, keepable: false };
}

interface Held extends Pick<Taken<unknown>, "digest" | "keepable"> {
  readonly job: BullJob;
  readonly token: string;
  readonly lease: Lease;
}

async function settle(held: Held, result: RunResult, deps: SettleDeps): Promise<void> {
  if (!held.lease.held()) throw new DelayedError();
  switch (result.kind) {
    case "done":
      deps.tally.done(result.note);
      return;
    case "retry":
      deps.tally.retried(result.reason);
      return handBack(held, result.afterMs);
    case "reject":
      await reject(held, result, deps);
      deps.tally.rejected(result.code);
      logRejection(result, deps);
  }
}

function logRejection({ code, jobId, recordId }: RunResult & { kind: "reject" }, { frequent }: SettleDeps): void {
  frequent.log("warn", code, { code, jobId, recordId }, "a job was rejected");
}

async function handBack({ job, token }: Held, afterMs: number): Promise<never> {
  if (afterMs > 0) await job.moveToDelayed(Date.now() + afterMs, token);
  else await job.moveToWait(token);
  throw new DelayedError();
}

/** The reason first, where it is durable; then the body, where it can be redriven from. */
async function reject(held: Held, reason: RunResult & { kind: "reject" }, deps: SettleDeps): Promise<void> {
  const { job, digest, lease, keepable } = held;
  const { code, message, jobId, recordId } = reason;
  const keep = keepable && (await deps.rejectedQueue.getJobCountByTypes("waiting")) < deps.maxRejectedKept;
  const entry: QuarantineEntry = {
    id: `${deps.queue}/${job.id}`,
    source: "bullmq",
    queue: deps.queue,
    ...(jobId === undefined ? {} : { jobId }),
    ...(recordId === undefined ? {} : { recordId }),
    code,
    message: keep ? message : `${message} (the job itself is not kept)`,
    digest,
    at: new Date().toISOString(),
  };
  await insistOnQuarantine(entry, lease, deps);
  if (!lease.held()) throw new DelayedError();
  if (!keep) return;
  const { at, id: quarantineId } = entry;
  const ids = { jobId: jobId ?? "", recordId: recordId ?? "" };
  const kept: KeptRejection = { code, message, ...ids, quarantineId, at, name: job.name, job: job.data };
  await deps.rejectedQueue.add("rejected", kept, { jobId: keptJobId(job.id ?? "", digest) });
}

/** An outage of the quarantine holds the job; it never lets one go without its reason. */
async function insistOnQuarantine(entry: QuarantineEntry, lease: Lease, deps: SettleDeps): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await deps.quarantine(entry, { signal: lease.signal });
    } catch (error) {
      if (!lease.held() || deps.run.drain.aborted) throw error;
      if (tries === 1) deps.logger.warn({ err: error, code: entry.code }, "a rejected job waits for its quarantine");
      await sleep(fullJitterDelay(tries, quarantineBackoff), { signal: lease.signal });
    }
  }
}
