/** What becomes of jobs that can never succeed, on every kind of queue. */

import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import { generateTransitKeyPair } from "../transit/transit-key.ts";
import type { QueueSetup, QueueSubject } from "./queue-subject.ts";
import { done, recordingHandler } from "./recording-handler.ts";
import { sampleJob, sealedWire } from "./sample-jobs.ts";

type BadInput = (queue: QueueSubject, id: string) => Promise<unknown>;

const altered =
  (change: Record<string, unknown>): BadInput =>
  async ({ transit }, id) => ({ ...(await sealedWire(transit, sampleJob({ id }))), ...change });

const badInputs: readonly [name: string, code: string, make: BadInput][] = [
  ["an unknown version", "JOBS_VERSION_UNKNOWN", altered({ version: 2 })],
  ["an unknown kind", "JOBS_KIND_UNKNOWN", altered({ kind: "shred" })],
  ["an unknown field", "JOBS_SCHEMA_INVALID", altered({ colour: "red" })],
  ["a record id of 10,000 characters", "JOBS_RECORD_ID_INVALID", altered({ recordId: "r".repeat(10_000) })],
  ["a record id with control characters", "JOBS_RECORD_ID_INVALID", altered({ recordId: "a\u0000\u0007b" })],
  ["text that is not well-formed", "JOBS_TEXT_ILL_FORMED", altered({ recordId: "\ud800" })],
  ["a reserved context key", "JOBS_CONTEXT_RESERVED_KEY", altered({ context: { "aws:tenant": "x" } })],
  ["a context value that is no string", "JOBS_CONTEXT_INVALID", altered({ context: { tenant: 1 } })],
  ["a revision below zero", "JOBS_REVISION_INVALID", altered({ revision: -1 })],
  [
    "a sealed payload that is no base64",
    "JOBS_SEALED_INVALID",
    altered({ sealed: { keyId: "k", enc: "?", ciphertext: "?" } }),
  ],
  ["a payload moved from another job", "JOBS_TRANSIT_OPEN_FAILED", altered({ recordId: "another" })],
  [
    "a payload moved to another context",
    "JOBS_TRANSIT_OPEN_FAILED",
    altered({ context: JSON.parse('{"tenant":"acme","__proto__":"x"}') }),
  ],
  [
    "a payload sealed to an unknown key",
    "JOBS_TRANSIT_KEY_UNKNOWN",
    (_, id) => sealedWire(generateTransitKeyPair(), sampleJob({ id })),
  ],
];

export function describeRejection(setup: QueueSetup): void {
  describe.concurrent("rejection", () => {
    it("a job that its handler rejects ends with code, message and ids where it can be read", async () => {
      await using queue = await setup();
      const job = sampleJob();
      await queue.submit(job);
      const handler = recordingHandler(() => ({ kind: "reject", code: "TEST_REFUSED", message: "cannot be – ever" }));
      const consumer = queue.consumer();
      await consumer.start(handler.handle);
      await eventually(() => consumer.stats().rejected === 1);
      const reason = { code: "TEST_REFUSED", message: "cannot be – ever", jobId: job.id, recordId: job.recordId };
      expect(await queue.reasons()).toEqual([expect.objectContaining(reason)]);
      await eventually(async () => (await queue.open()) === 0);
      expect(handler.deliveries).toHaveLength(1);
    });

    it("each kind of bad input is rejected with its reason, and its neighbours are handled", async () => {
      await using queue = await setup();
      const neighbours = Array.from({ length: badInputs.length }, () => sampleJob());
      const bad = await Promise.all(badInputs.map(([, , make], index) => make(queue, `bad-${index}`)));
      await queue.submit(...neighbours.slice(0, 5));
      await queue.submitRaw(...bad);
      await queue.submit(...neighbours.slice(5));
      const handler = recordingHandler();
      const consumer = queue.consumer();
      await consumer.start(handler.handle);
      await eventually(async () => (await queue.open()) === 0);
      const reasons = await queue.reasons();
      const codes = badInputs.map(([name], index) => [
        name,
        reasons.find(({ jobId }) => jobId === `bad-${index}`)?.code,
      ]);
      expect(codes).toEqual(badInputs.map(([name, code]) => [name, code]));
      expect(handler.ids().toSorted()).toEqual(neighbours.map(({ id }) => id).toSorted());
      // At least: a machine that stalls for longer than a lease delivers again.
      const { done: handled, rejected } = consumer.stats();
      expect(handled).toBeGreaterThanOrEqual(neighbours.length);
      expect(rejected).toBeGreaterThanOrEqual(badInputs.length);
    });

    it("a message that is no object at all is rejected too", async () => {
      await using queue = await setup();
      await queue.submitRaw("text", 7, null, []);
      const consumer = queue.consumer();
      await consumer.start(recordingHandler().handle);
      await eventually(() => consumer.stats().rejected === 4);
      expect((await queue.reasons()).map(({ code }) => code)).toEqual(Array(4).fill("JOBS_JSON_INVALID"));
    });

    it("a transit key that cannot be looked up for a while holds the job and spends no delivery", async () => {
      await using queue = await setup();
      const job = sampleJob();
      await queue.submitRaw(await sealedWire(queue.transit, job));
      queue.failKeyLookUps(3);
      const handler = recordingHandler();
      await queue.consumer().start(handler.handle);
      expect(await handler.delivery(1)).toMatchObject({ attempt: 1, job: { id: job.id, payload: job.payload } });
    });

    it("rejected jobs can be listed, and those chosen are redriven without their reason", async () => {
      await using queue = await setup();
      const jobs = Array.from({ length: 5 }, () => sampleJob());
      const mended = new Set<string>();
      const codeOf = (id: string) => (id === jobs[0]?.id ? "TEST_OTHER" : "TEST_REFUSED");
      const handler = recordingHandler(({ job }) =>
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
