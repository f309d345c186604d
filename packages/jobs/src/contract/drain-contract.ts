/** What draining guarantees on every kind of queue. */

import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { AnyJob, QueueSetup } from "./queue-subject.ts";
import { aborted, done, gate, recordingHandler } from "./recording-handler.ts";

/**
 * What a busy machine may take on top of a drain, in milliseconds: less than a consumer would that waits for its queue
 * to answer (BullMQ in 5 s, SQS in 20 s).
 */
const slackMs = 4_000;

export function describeDrain<Job extends AnyJob, Input extends AnyJob>(setup: QueueSetup<Job, Input>): void {
  describe.concurrent("drain", () => {
    it("waits for running handlers, acknowledges them, and takes nothing more", async () => {
      await using queue = await setup();
      const finish = gate();
      const handler = recordingHandler<Job>(async () => {
        await finish.opened;
        return done;
      });
      const consumer = queue.consumer();
      await queue.submit(queue.sample());
      await consumer.start(handler.handle);
      const { signal } = await handler.delivery(1);
      const drained = consumer.drain({ ms: 10_000 });
      await queue.submit(queue.sample());
      finish.open();
      await drained;
      expect(signal.aborted).toBe(false);
      expect(await queue.open()).toBe(1);
      expect(consumer.stats()).toMatchObject({ received: 1, done: 1, inFlight: 0 });
    });

    it("aborts handlers near its deadline; what they did not finish is there for others at once", async () => {
      await using queue = await setup();
      const handler = recordingHandler<Job>(async ({ signal }) => {
        await aborted(signal);
        throw signal.reason;
      });
      const jobs = Array.from({ length: 3 }, () => queue.sample());
      const consumer = queue.consumer({ leaseMs: 60_000 });
      await queue.submit(...jobs);
      await consumer.start(handler.handle);
      const { signal } = await handler.delivery(3);
      await consumer.drain({ ms: 4_000 });
      expect(signal.reason).toMatchObject({ code: "JOBS_DRAINING" });
      const other = recordingHandler<Job>();
      await queue.consumer().start(other.handle);
      await other.delivery(3);
      expect(other.ids().toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    });

    it("still acknowledges an aborted handler that finishes in its last second", async () => {
      await using queue = await setup();
      const handler = recordingHandler<Job>(async ({ signal }) => {
        await aborted(signal);
        return done;
      });
      const consumer = queue.consumer();
      await queue.submit(queue.sample());
      await consumer.start(handler.handle);
      await handler.delivery(1);
      await consumer.drain({ ms: 4_000 });
      expect(await queue.open()).toBe(0);
      expect(consumer.stats()).toMatchObject({ done: 1 });
    });

    it("ends by its deadline and hands the job back even where a handler ignores its signal", async () => {
      await using queue = await setup();
      const finish = gate();
      const handler = recordingHandler<Job>(async () => {
        await finish.opened;
        return done;
      });
      const consumer = queue.consumer({ leaseMs: 60_000 });
      const job = queue.sample();
      await queue.submit(job);
      await consumer.start(handler.handle);
      await handler.delivery(1);
      const startedAt = performance.now();
      await consumer.drain({ ms: 4_000 });
      // The handler does not end before the test says so; the rest is what a busy machine may take on top.
      expect(performance.now() - startedAt).toBeLessThan(4_000 + slackMs);
      const other = recordingHandler<Job>();
      await queue.consumer().start(other.handle);
      expect(await other.delivery(1)).toMatchObject({ job: { id: job.id } });
      finish.open();
      await eventually(async () => (await queue.open()) === 0);
      expect(consumer.stats()).toMatchObject({ done: 0 });
    });

    it("of an idle consumer is over at once, and a consumer starts only once", async () => {
      await using queue = await setup();
      const consumer = queue.consumer();
      const handler = recordingHandler<Job>();
      await consumer.start(handler.handle);
      await expect(consumer.start(handler.handle)).rejects.toMatchObject({ code: "JOBS_CLOSED" });
      const startedAt = performance.now();
      await Promise.all([consumer.drain({ ms: 55_000 }), consumer.drain({ ms: 55_000 })]);
      // It waits neither for its deadline nor for its queue to answer.
      expect(performance.now() - startedAt).toBeLessThan(slackMs);
      await expect(consumer.start(handler.handle)).rejects.toMatchObject({ code: "JOBS_CLOSED" });
    });
  });
}
