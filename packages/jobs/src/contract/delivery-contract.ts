/** What delivery guarantees on every kind of queue. */

import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../delivery.ts";
import type { AnyJob, QueueSetup } from "./queue-subject.ts";
import { aborted, done, gate, recordingHandler } from "./recording-handler.ts";

export function describeDelivery<Job extends AnyJob, Input extends AnyJob>(setup: QueueSetup<Job, Input>): void {
  describe.concurrent("delivery", () => {
    it("a message is gone only after its handler is done", async () => {
      await using queue = await setup();
      const finish = gate();
      const handler = recordingHandler<Job>(async () => {
        await finish.opened;
        return done;
      });
      const consumer = queue.consumer();
      await queue.submit(queue.sample());
      await consumer.start(handler.handle);
      await handler.delivery(1);
      expect(await queue.open()).toBe(1);
      expect(consumer.stats()).toMatchObject({ received: 1, inFlight: 1, done: 0 });
      finish.open();
      await eventually(async () => (await queue.open()) === 0);
      await eventually(() => consumer.stats().inFlight === 0);
      expect(consumer.stats()).toMatchObject({ received: 1, done: 1 });
    });

    it("a job to be retried comes again, not before its time", async () => {
      await using queue = await setup();
      const moments: number[] = [];
      const handler = recordingHandler<Job>(({ attempt }) => {
        moments.push(performance.now());
        return attempt === 1 ? { kind: "retry", afterMs: 1_000, reason: "TEST" } : done;
      });
      await queue.submit(queue.sample());
      await queue.consumer().start(handler.handle);
      expect(await handler.delivery(2)).toMatchObject({ attempt: 2 });
      const [first = 0, second = 0] = moments;
      expect(second - first).toBeGreaterThan(900);
      await eventually(async () => (await queue.open()) === 0);
    });

    it("a job whose handler throws comes again", async () => {
      await using queue = await setup();
      const handler = recordingHandler<Job>(({ attempt }) => {
        if (attempt === 1) throw new Error("handler fault");
        return done;
      });
      await queue.submit(queue.sample());
      await queue.consumer().start(handler.handle);
      expect(await handler.delivery(2)).toMatchObject({ attempt: 2 });
      await eventually(async () => (await queue.open()) === 0);
    });

    it("a slow handler keeps its job for several times the length of a lease", async () => {
      await using queue = await setup();
      const [slow, clock] = [queue.sample(), queue.sample()];
      const finish = gate();
      const handler = recordingHandler<Job>(async ({ job, attempt }) => {
        if (job.id === slow.id) await finish.opened;
        // This one comes back after two and a half leases.
        else if (attempt === 1) return { kind: "retry", afterMs: 5_000, reason: "TEST" };
        return done;
      });
      await queue.submit(slow, clock);
      for (const _ of [1, 2]) await queue.consumer({ leaseMs: 2_000 }).start(handler.handle);
      await handler.delivery(3);
      expect(handler.deliveries.find(({ job }) => job.id === slow.id)?.signal.aborted).toBe(false);
      finish.open();
      await eventually(async () => (await queue.open()) === 0);
      expect(handler.ids().toSorted()).toEqual([slow.id, clock.id, clock.id].toSorted());
    });

    const outcomes: Outcome[] = [done, { kind: "reject", code: "TEST_REFUSED", message: "no" }];
    it.each(outcomes)("a lost lease aborts the handler, and its outcome ($kind) has no effect", async (outcome) => {
      await using queue = await setup();
      const handler = recordingHandler<Job>(async ({ signal, attempt }) => {
        if (attempt > 1) return done;
        await aborted(signal);
        return outcome;
      });
      const consumer = queue.consumer({ leaseMs: 1_000 });
      await queue.submit(queue.sample());
      await consumer.start(handler.handle);
      const lost = await handler.delivery(1);
      await queue.loseLeases();
      await aborted(lost.signal);
      expect(lost.signal.reason).toMatchObject({ code: "JOBS_LEASE_LOST" });
      expect(await handler.delivery(2)).toMatchObject({ job: { id: lost.job.id }, attempt: 2 });
      await eventually(async () => (await queue.open()) === 0);
      await eventually(() => consumer.stats().inFlight === 0);
      expect(consumer.stats()).toMatchObject({ received: 2, lost: 1, done: 1, rejected: 0 });
      expect(await queue.reasons()).toEqual([]);
    });

    it("a job in the hands of a killed worker comes to another", async () => {
      await using queue = await setup();
      await using worker = await queue.stuckWorker();
      const job = queue.sample();
      await queue.submit(job);
      await worker.waitForLine((line) => line === `took ${job.id}`, { timeoutMs: 10_000 });
      worker.kill("SIGKILL");
      await worker.exited;
      const handler = recordingHandler<Job>();
      await queue.consumer({ leaseMs: 1_000 }).start(handler.handle);
      expect(await handler.delivery(1)).toMatchObject({ job: { id: job.id }, attempt: 2 });
      await eventually(async () => (await queue.open()) === 0);
    });

    it("a job submitted twice keeps its id, so that its second effect can be left out", async () => {
      await using queue = await setup();
      const job = queue.sample();
      await queue.submit(job, job);
      await queue.submit(job);
      const handler = recordingHandler<Job>();
      await queue.consumer().start(handler.handle);
      await eventually(async () => (await queue.open()) === 0);
      expect(new Set(handler.ids())).toEqual(new Set([job.id]));
    });

    it("never are more jobs in flight than allowed, and all are handled", async () => {
      await using queue = await setup();
      const jobs = Array.from({ length: 60 }, () => queue.sample());
      await queue.submit(...jobs);
      const handler = recordingHandler<Job>(async () => {
        await new Promise((resolve) => setTimeout(resolve, 15));
        return done;
      });
      const consumer = queue.consumer({ maxInFlight: 7 });
      await consumer.start(handler.handle);
      await eventually(
        () => {
          expect(consumer.stats().inFlight).toBeLessThanOrEqual(7);
          return consumer.stats().done === 60;
        },
        { timeoutMs: 10_000, intervalMs: 2 },
      );
      expect(handler.peak).toBe(7);
      expect(handler.ids().toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    });

    it("a handler whose time is over is aborted", async () => {
      await using queue = await setup();
      const handler = recordingHandler<Job>(async ({ signal, attempt }) => {
        if (attempt > 1) return done;
        await aborted(signal);
        throw signal.reason;
      });
      await queue.submit(queue.sample());
      const consumer = queue.consumer({ handlerTimeoutMs: 1_000 });
      await consumer.start(handler.handle);
      expect(await handler.delivery(2)).toMatchObject({ attempt: 2 });
      await eventually(() => consumer.stats().done === 1);
      expect(consumer.stats()).toMatchObject({ retried: 1, lost: 0 });
    });
  });
}
