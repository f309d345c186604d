/** What becomes of jobs that can never succeed, on every kind of queue. */

import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { AnyJob, QueueSetup } from "./queue-subject.ts";
import { done, recordingHandler } from "./recording-handler.ts";

export function describeRejection<Job extends AnyJob, Input extends AnyJob>(setup: QueueSetup<Job, Input>): void {
  describe.concurrent("rejection", () => {
    it("a job that its handler rejects ends with code, message and ids where it can be read", async () => {
      await using queue = await setup();
      const job = queue.sample();
      await queue.submit(job);
      const handler = recordingHandler<Job>(() => ({
        kind: "reject",
        code: "TEST_REFUSED",
        message: "cannot be – ever",
      }));
      const consumer = queue.consumer();
      await consumer.start(handler.handle);
      await eventually(() => consumer.stats().rejected === 1);
      const ids = { jobId: job.id, ...(job.recordId === undefined ? {} : { recordId: job.recordId }) };
      const reason = { code: "TEST_REFUSED", message: "cannot be – ever", ...ids };
      expect(await queue.reasons()).toEqual([expect.objectContaining(reason)]);
      await eventually(async () => (await queue.open()) === 0);
      expect(handler.deliveries).toHaveLength(1);
    });

    it("a message that is no object at all is rejected too", async () => {
      await using queue = await setup();
      await queue.submitRaw("text", 7, null, []);
      const consumer = queue.consumer();
      await consumer.start(recordingHandler<Job>().handle);
      await eventually(() => consumer.stats().rejected === 4);
      expect((await queue.reasons()).map(({ code }) => code)).toEqual(Array(4).fill("JOBS_JSON_INVALID"));
    });

    it("rejected jobs can be listed, and those chosen are redriven without their reason", async () => {
      await using queue = await setup();
      const jobs = Array.from({ length: 5 }, () => queue.sample());
      const mended = new Set<string>();
      const codeOf = (id: string) => (id === jobs[0]?.id ? "TEST_OTHER" : "TEST_REFUSED");
      const handler = recordingHandler<Job>(({ job }) =>
        mended.has(job.id) ? done : { kind: "reject", code: codeOf(job.id), message: "not yet" },
      );
      await queue.submit(...jobs);
      const consumer = queue.consumer();
      await consumer.start(handler.handle);
      await eventually(() => consumer.stats().rejected === 5);

      const listed = await queue.rejected.list();
      expect(byId(listed.map(({ jobId, code }) => `${jobId} ${code}`))).toEqual(
        byId(jobs.map(({ id }) => `${id} ${codeOf(id)}`)),
      );
      expect(listed[0]).toMatchObject({ source: queue.source, message: "not yet" });
      expect(Math.abs(Date.parse(listed[0]?.at ?? "") - Date.now())).toBeLessThan(60_000);
      expect(await queue.rejected.list({ limit: 2 })).toHaveLength(2);

      for (const { id } of jobs.slice(0, 4)) mended.add(id);
      const redriven: string[] = [];
      const onRedriven = ({ jobId }: { readonly jobId?: string }) => void redriven.push(jobId ?? "");
      const result = await queue.rejected.redrive({ code: "TEST_REFUSED" }, { onRedriven });
      expect(result).toMatchObject({ redriven: 4, failed: 0 });
      expect(byId(redriven)).toEqual(byId(jobs.slice(1).map(({ id }) => id)));
      await eventually(() => consumer.stats().done === 3 && consumer.stats().rejected === 6);
      const left = (await queue.rejected.list()).map(({ jobId = "" }) => jobId);
      expect(byId(left)).toEqual(byId([jobs[0], jobs[4]].map((job) => job?.id ?? "")));

      expect(await queue.rejected.redrive({ jobId: jobs[0]?.id ?? "" })).toMatchObject({ redriven: 1, failed: 0 });
      await eventually(() => consumer.stats().done === 4);
      expect((await queue.rejected.list()).map(({ jobId }) => jobId)).toEqual([jobs[4]?.id]);
    }, 30_000);
  });
}

function byId(texts: readonly string[]): string[] {
  return texts.toSorted();
}
