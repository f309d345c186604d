import { type JobConsumer, JobsError, type ReplicateJob } from "@dekhand/jobs";
import { createLogger } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { createPatientConsumer } from "./patient-consumer.ts";

const logger = createLogger({ service: "test", level: "silent" });
const done = async () => ({ kind: "done" }) as const;

/** Consumers of which the first ones cannot start. */
function consumers(failures: number) {
  const opened: { started: boolean; drained: boolean }[] = [];
  const open = (): JobConsumer<ReplicateJob> => {
    const state = { started: false, drained: false };
    opened.push(state);
    const fails = opened.length <= failures;
    return {
      async start() {
        if (fails) throw new JobsError("JOBS_QUEUE_UNREACHABLE", "away", { retryable: true });
        state.started = true;
      },
      async drain() {
        state.drained = true;
      },
      stats: () => ({ inFlight: 1, inFlightBytes: 0, received: 0, done: 0, retried: 0, rejected: 0, lost: 0 }),
    };
  };
  return { opened, open };
}

describe("a consumer whose queue is not there", () => {
  it("lets the service start, and takes jobs as soon as the queue is", async () => {
    const { opened, open } = consumers(3);
    const consumer = createPatientConsumer({ open, logger, retryMs: 5 });
    await consumer.start(done);
    await expect.poll(() => opened.at(-1)?.started).toBe(true);
    expect(opened).toHaveLength(4);
    expect(opened.slice(0, 3).every(({ drained }) => drained)).toBe(true);
    await consumer.drain({ ms: 100 });
    expect(opened.at(-1)?.drained).toBe(true);
  });

  it("is given up at once when the service drains", async () => {
    const { opened, open } = consumers(Number.POSITIVE_INFINITY);
    const consumer = createPatientConsumer({ open, logger, retryMs: 60_000 });
    await consumer.start(done);
    await consumer.drain({ ms: 100 });
    expect(opened).toHaveLength(1);
  });
});
