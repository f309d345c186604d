import { JobsError, type ReplicateJobInput, type SubmitResult } from "@dekhand/jobs";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { type DebtItem, newEntryId } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { createDebtAnnouncer, type DebtAnnouncerDeps } from "./announce-debt.ts";

const item = (region = "eu-west-1"): DebtItem => ({
  ...{ id: newEntryId(), region, dekIds: [newEntryId()], recordIds: ["r"] },
  at: "2026-11-23T10:00:00.000Z",
});

function announcer(
  submit: (jobs: readonly ReplicateJobInput[]) => Promise<readonly SubmitResult[]>,
  maxWaiting?: number,
) {
  const sent: ReplicateJobInput[] = [];
  const metrics = createMetrics({ service: "test" });
  const deps: DebtAnnouncerDeps = {
    producerFor: () => ({
      async submit(jobs) {
        const all = [...jobs];
        sent.push(...all);
        return submit(all);
      },
      close: async () => undefined,
    }),
    logger: createLogger({ service: "test", level: "silent" }),
    metrics,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  };
  const lost = async () => /announcements_lost_total\{[^}]*\} (\d+)/.exec(await metrics.render())?.[1];
  return { sent, lost, ...createDebtAnnouncer(deps) };
}

const taken = async (jobs: readonly ReplicateJobInput[]) =>
  jobs.map(({ debtId = "" }) => ({ ok: true, id: debtId }) as const);

describe("new debt", () => {
  it("is told of to each Region's queue under its own id, so that telling it again collapses", async () => {
    const { announce, sent, close } = announcer(taken);
    const [one, other] = [item(), item("ap-southeast-2")];
    announce([one, other]);
    await expect.poll(() => sent.length).toBe(2);
    expect(sent).toEqual(
      [one, other].map(({ id, region, dekIds, recordIds }) => ({ debtId: id, region, dekIds, recordIds })),
    );
    await close();
  });

  it("waits for a slow queue in bounded memory; what is too much is forgotten and counted", async () => {
    const released = Promise.withResolvers<void>();
    const slow = async (jobs: readonly ReplicateJobInput[]) => {
      await released.promise;
      return taken(jobs);
    };
    const { announce, sent, lost, close } = announcer(slow, 10);
    announce([item()]);
    await expect.poll(() => sent.length).toBe(1);
    for (let more = 0; more < 25; more += 1) announce([item()]);
    expect(await lost()).toBe("15");
    released.resolve();
    await expect.poll(() => sent.length).toBe(11);
    await close();
  });

  it("that no queue takes does no harm", async () => {
    const error = new JobsError("JOBS_SEND_FAILED", "away", { retryable: true });
    const { announce, lost, close } = announcer(async (jobs) => jobs.map(() => ({ ok: false, error })));
    announce([item(), item()]);
    await expect.poll(lost).toBe("2");
    const broken = announcer(async () => Promise.reject(error));
    broken.announce([item()]);
    await expect.poll(broken.lost).toBe("1");
    await Promise.all([close(), broken.close()]);
  });
});
