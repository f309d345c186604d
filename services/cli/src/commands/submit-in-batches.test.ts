import type { DekhandClient, SubmitOutcome } from "@dekhand/client";
import { JobsError } from "@dekhand/jobs";
import { describe, expect, it } from "vitest";
import type { MappedLine } from "./line-to-record.ts";
import { type LineOutcome, submitInBatches } from "./submit-in-batches.ts";

const away: SubmitOutcome = { ok: false, error: new JobsError("JOBS_SEND_FAILED", "away", { retryable: true }) };
const full: SubmitOutcome = { ok: false, error: new JobsError("JOBS_QUEUE_FULL", "full", { retryable: true }) };
const wrong: SubmitOutcome = { ok: false, error: new JobsError("JOBS_RECORD_ID_INVALID", "wrong") };
const taken: SubmitOutcome = { ok: true, jobId: "j" };

async function* lines(count: number): AsyncGenerator<MappedLine> {
  for (let line = 1; line <= count; line += 1) {
    if (line % 50 === 0) yield { kind: "unusable", line, reason: "not JSON" };
    else {
      yield { kind: "record", line, record: { recordId: `${line}`, profile: "p", payload: Buffer.from("x") } };
    }
  }
}

/** Submits `count` lines to a queue that answers the record of each line so. */
async function submit(count: number, answer: (line: number) => SubmitOutcome, signal = new AbortController().signal) {
  const batches: number[] = [];
  const outcomes: LineOutcome[] = [];
  const client: Pick<DekhandClient, "submitAll"> = {
    async submitAll(records) {
      batches.push(records.length);
      return records.map(({ recordId }) => answer(Number(recordId)));
    },
  };
  let failure: unknown;
  try {
    for await (const each of submitInBatches(lines(count), client, { via: "sqs", signal })) outcomes.push(each);
  } catch (error) {
    failure = error;
  }
  return { batches, outcomes, failure };
}

describe("submitInBatches", () => {
  it("tells what became of each line, in their order", async () => {
    const { outcomes, failure } = await submit(250, (line) => (line === 3 ? wrong : taken));
    expect(failure).toBeUndefined();
    expect(outcomes.map(({ line }) => line)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(outcomes.filter(({ ok }) => !ok).map(({ line }) => line)).toEqual([3, 50, 100, 150, 200, 250]);
  });

  it("ends once the queue has taken nothing of a whole batch, and names the first line that it left", async () => {
    const { batches, outcomes, failure } = await submit(1_000, (line) => (line <= 200 ? taken : away));
    expect(failure).toMatchObject({ code: "CLI_QUEUE_LOST", fromLine: 201 });
    expect(batches).toEqual([196, 196]);
    expect(outcomes.at(-1)?.line).toBe(200);
  });

  it("names a line of the batch before, where the queue began to take no more", async () => {
    const { failure } = await submit(1_000, (line) => (line <= 350 ? taken : full));
    expect(failure).toMatchObject({ fromLine: 351 });
    const recovered = await submit(1_000, (line) => (line === 5 || line > 400 ? away : taken));
    expect(recovered.failure).toMatchObject({ fromLine: 401 });
  });

  it("does not take bad records for a queue that is lost", async () => {
    const { outcomes, failure } = await submit(450, () => wrong);
    expect(failure).toBeUndefined();
    expect(outcomes).toHaveLength(450);
  });

  it("does not take its own abort for a queue that is lost", async () => {
    const ending = new AbortController();
    const { failure } = await submit(
      300,
      () => {
        ending.abort(new Error("Ctrl-C"));
        return away;
      },
      ending.signal,
    );
    expect(failure).toMatchObject({ message: "Ctrl-C" });
  });
});
