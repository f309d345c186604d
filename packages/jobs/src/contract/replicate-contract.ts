/** What replicate jobs are promised beside what all jobs are, on every kind of queue that carries them. */

import { randomUUID } from "node:crypto";
import { newDekId } from "@dekhand/envelope";
import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { ReplicateJob, ReplicateJobInput } from "../contracts/replicate-job.ts";
import type { QueueSetup } from "./queue-subject.ts";
import { recordingHandler } from "./recording-handler.ts";
import { sampleJob, sealedWire } from "./sample-jobs.ts";

type Input = ReplicateJobInput & { readonly id: string };

const wire = (changes: object = {}) => ({
  version: 1,
  kind: "replicate",
  region: "eu-west-1",
  dekIds: [newDekId()],
  recordIds: ["r1"],
  ...changes,
});
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

const badInputs: readonly [name: string, code: string, wire: object][] = [
  ["an unknown version", "JOBS_VERSION_UNKNOWN", wire({ version: 2 })],
  ["another kind", "JOBS_KIND_UNKNOWN", wire({ kind: "rewrap" })],
  ["an unknown field", "JOBS_SCHEMA_INVALID", wire({ home: "us-east-1" })],
  ["neither a DEK nor a record", "JOBS_SCHEMA_INVALID", wire({ dekIds: [], recordIds: [] })],
  ["no Region", "JOBS_REGION_INVALID", wire({ region: undefined })],
  ["a Region that is none", "JOBS_REGION_INVALID", wire({ region: "Europe" })],
  ["a debt id of another version", "JOBS_DEBT_ID_INVALID", wire({ debtId: randomUUID() })],
  ["no list of DEKs", "JOBS_DEK_ID_INVALID", wire({ dekIds: undefined })],
  ["a DEK id in capitals", "JOBS_DEK_ID_INVALID", wire({ dekIds: [newDekId(), newDekId().toUpperCase()] })],
  ["101 DEKs", "JOBS_DEK_ID_INVALID", wire({ dekIds: many(101, newDekId) })],
  ["records that are no list", "JOBS_RECORD_ID_INVALID", wire({ recordIds: { 0: "r1" } })],
  ["a record id that is no text", "JOBS_RECORD_ID_INVALID", wire({ recordIds: ["r1", 2] })],
  ["a record id of 513 bytes", "JOBS_RECORD_ID_INVALID", wire({ recordIds: [`${"é".repeat(256)}x`] })],
  ["an empty record id", "JOBS_RECORD_ID_INVALID", wire({ recordIds: ["r1", ""] })],
  ["101 records", "JOBS_RECORD_ID_INVALID", wire({ recordIds: many(101, (index) => `r${index}`) })],
  ["a record id that is not well-formed", "JOBS_TEXT_ILL_FORMED", wire({ recordIds: ["\ud800"] })],
];

export function describeReplicateJobs(name: string, setup: QueueSetup<ReplicateJob, Input>): void {
  describe.concurrent(name, () => {
    it("a handler gets the job as it was submitted, the largest and the smallest", async () => {
      await using queue = await setup();
      const largest = {
        id: "1 largest",
        region: "ap-southeast-2",
        debtId: newDekId(),
        dekIds: many(100, newDekId),
        recordIds: many(100, (index) => `${"é".repeat(254)}${index + 1_000}`),
      };
      const smallest = { id: "2 smallest", region: "eu-west-1", dekIds: [], recordIds: ["__proto__"] };
      await queue.submit(largest, smallest);
      const handler = recordingHandler<ReplicateJob>();
      await queue.consumer().start(handler.handle);
      await handler.delivery(2);
      const delivered = handler.deliveries.map(({ job }) => job).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(delivered).toEqual([largest, smallest].map((job) => ({ version: 1, kind: "replicate", ...job })));
    });

    it("the same debt again collapses into the job that is on the queue, whatever that is called", async () => {
      await using queue = await setup();
      const job = queue.sample();
      const other = { ...queue.sample(), region: job.region };
      await queue.submit(job, { ...job, id: "from the reconciler" }, other);
      expect(await queue.open()).toBe(2);
      const handler = recordingHandler<ReplicateJob>();
      await queue.consumer().start(handler.handle);
      await eventually(async () => (await queue.open()) === 0);
      expect(handler.ids().toSorted()).toEqual([job.id, other.id].toSorted());
      await queue.submit(job);
      expect(await handler.delivery(3)).toMatchObject({ job });
    });

    it("each kind of bad input is rejected with its reason, an encrypt job included, and its neighbour is handled", async () => {
      await using queue = await setup();
      await queue.submitRaw(...badInputs.map(([, , input], index) => ({ ...input, id: `bad-${index}` })));
      await queue.submitRaw(await sealedWire(queue.transit, sampleJob({ id: "encrypt" })));
      const neighbour = queue.sample();
      await queue.submit(neighbour);
      const handler = recordingHandler<ReplicateJob>();
      await queue.consumer().start(handler.handle);
      await eventually(async () => (await queue.open()) === 0);
      const reasons = new Map((await queue.reasons()).map(({ jobId, code }) => [jobId, code]));
      expect(badInputs.map(([what], index) => [what, reasons.get(`bad-${index}`)])).toEqual(
        badInputs.map(([what, code]) => [what, code]),
      );
      expect(reasons.get("encrypt")).toBe("JOBS_KIND_UNKNOWN");
      expect(handler.ids()).toEqual([neighbour.id]);
    });
  });
}
