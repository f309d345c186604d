/** What encrypt jobs are promised beside what all jobs are, on every kind of queue. */

import { eventually } from "@dekhand/testing";
import { describe, expect, it } from "vitest";
import type { EncryptJob, EncryptJobInput } from "../contracts/encrypt-job.ts";
import { generateTransitKeyPair } from "../transit/transit-key.ts";
import type { QueueSetup, QueueSubject } from "./queue-subject.ts";
import { recordingHandler } from "./recording-handler.ts";
import { sampleJob, sealedWire } from "./sample-jobs.ts";

type Input = EncryptJobInput & { readonly id: string };
type EncryptSubject = QueueSubject<EncryptJob, Input>;
type BadInput = (queue: EncryptSubject, id: string) => Promise<unknown>;

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

export function describeEncryptJobs(name: string, setup: QueueSetup<EncryptJob, Input>): void {
  describe.concurrent(name, () => {
    it("a handler gets the job as it was submitted", async () => {
      await using queue = await setup();
      const job = sampleJob({
        context: JSON.parse('{"tenant":"acme","__proto__":"p","schlüssel 🔑":""}'),
        revision: 7,
      });
      await queue.submit(job);
      const handler = recordingHandler<EncryptJob>();
      await queue.consumer().start(handler.handle);
      const { job: delivered, attempt, source } = await handler.delivery(1);
      expect(delivered).toEqual({ version: 1, kind: "encrypt", ...job });
      expect(Object.keys(delivered.context)).toContain("__proto__");
      expect({ attempt, source }).toEqual({ attempt: 1, source: queue.source });
    });

    it("each kind of bad input is rejected with its reason, and its neighbours are handled", async () => {
      await using queue = await setup();
      const neighbours = Array.from({ length: badInputs.length }, () => sampleJob());
      const bad = await Promise.all(badInputs.map(([, , make], index) => make(queue, `bad-${index}`)));
      await queue.submit(...neighbours.slice(0, 5));
      await queue.submitRaw(...bad);
      await queue.submit(...neighbours.slice(5));
      const handler = recordingHandler<EncryptJob>();
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

    it("a transit key that cannot be looked up for a while holds the job and spends no delivery", async () => {
      await using queue = await setup();
      const job = sampleJob();
      await queue.submitRaw(await sealedWire(queue.transit, job));
      queue.failKeyLookUps(3);
      const handler = recordingHandler<EncryptJob>();
      await queue.consumer().start(handler.handle);
      expect(await handler.delivery(1)).toMatchObject({ attempt: 1, job: { id: job.id, payload: job.payload } });
    });
  });
}
