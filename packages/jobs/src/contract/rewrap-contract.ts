/** What rewrap jobs are promised beside what all jobs are, on every kind of queue. */

import { randomUUID } from "node:crypto";
import { newDekId } from "@dekhand/envelope";
import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { RewrapJob, RewrapJobInput } from "../contracts/rewrap-job.ts";
import type { QueueSetup } from "./queue-subject.ts";
import { recordingHandler } from "./recording-handler.ts";
import { sampleJob, sealedWire } from "./sample-jobs.ts";

type Input = RewrapJobInput & { readonly id: string };

const ofDek = () => ({ version: 1, kind: "rewrap", dekId: newDekId(), region: "us-east-1" });
const ofSegment = () => ({ version: 1, kind: "rewrap", campaignId: randomUUID(), segment: 1 });

const badInputs: readonly [name: string, code: string, wire: object][] = [
  ["an unknown version", "JOBS_VERSION_UNKNOWN", { ...ofDek(), version: 2 }],
  ["another kind", "JOBS_KIND_UNKNOWN", { ...ofDek(), kind: "replicate" }],
  ["an unknown field", "JOBS_SCHEMA_INVALID", { ...ofDek(), key: "alias/mine" }],
  ["neither a DEK nor a campaign", "JOBS_SCHEMA_INVALID", { version: 1, kind: "rewrap" }],
  ["both", "JOBS_SCHEMA_INVALID", { ...ofDek(), ...ofSegment() }],
  ["a DEK id in capitals", "JOBS_DEK_ID_INVALID", { ...ofDek(), dekId: newDekId().toUpperCase() }],
  ["a DEK id of another version", "JOBS_DEK_ID_INVALID", { ...ofDek(), dekId: randomUUID() }],
  ["a Region that is none", "JOBS_REGION_INVALID", { ...ofDek(), region: "us-east-1/../eu-west-1" }],
  ["no Region", "JOBS_REGION_INVALID", { ...ofDek(), region: undefined }],
  ["a campaign id with a slash", "JOBS_CAMPAIGN_ID_INVALID", { ...ofSegment(), campaignId: "a/b" }],
  ["segment 0, as they are counted from 1", "JOBS_SEGMENT_INVALID", { ...ofSegment(), segment: 0 }],
  ["no segment", "JOBS_SEGMENT_INVALID", { ...ofSegment(), segment: undefined }],
];

export function describeRewrapJobs(name: string, setup: QueueSetup<RewrapJob, Input>): void {
  describe.concurrent(name, () => {
    it("a handler gets both forms as they were submitted", async () => {
      await using queue = await setup();
      const jobs = [
        { id: "one DEK", dekId: newDekId(), region: "us-east-1" },
        { id: "a segment", campaignId: "c-1", segment: 7 },
      ];
      await queue.submit(...jobs);
      const handler = recordingHandler<RewrapJob>();
      await queue.consumer().start(handler.handle);
      await handler.delivery(2);
      const delivered = handler.deliveries.map(({ job }) => job).toSorted((a, b) => (a.id < b.id ? 1 : -1));
      expect(delivered).toEqual(jobs.map((job) => ({ version: 1, kind: "rewrap", ...job })));
    });

    it("each kind of bad input is rejected with its reason, an encrypt job included, and its neighbour is handled", async () => {
      await using queue = await setup();
      await queue.submitRaw(...badInputs.map(([, , wire], index) => ({ ...wire, id: `bad-${index}` })));
      await queue.submitRaw(await sealedWire(queue.transit, sampleJob({ id: "encrypt" })));
      const neighbour = queue.sample();
      await queue.submit(neighbour);
      const handler = recordingHandler<RewrapJob>();
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
