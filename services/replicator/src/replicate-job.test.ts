import type { Delivery, ReplicateJob } from "@dekhand/jobs";
import { createLogger } from "@dekhand/runtime";
import { StoreError } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import type { DebtPayer } from "./pay-debt.ts";
import { createReplicateHandler } from "./replicate-job.ts";
import type { Payment } from "./sum-up.ts";

const region = "eu-west-1";
const debtId = "01900000-0000-7000-8000-000000000000";
const paid: Payment = { isPaid: true, failures: [] };
const owing = (code: string, retryable: boolean): Payment => ({
  isPaid: false,
  failures: [{ kind: "record", id: "r", code, retryable }],
});

function deliver(changes: Partial<ReplicateJob> = {}, attempt = 1): Delivery<ReplicateJob> {
  const job: ReplicateJob = {
    ...{ version: 1, kind: "replicate", id: "j", region, debtId, dekIds: [], recordIds: ["r"] },
    ...changes,
  };
  return { job, attempt, signal: new AbortController().signal, source: "bullmq" };
}

/** A handler whose payments come out so, one after the other; the last one again and again. */
function handlerWith(...payments: readonly (Payment | Error)[]) {
  const inHand = new Set<string>();
  let asked = 0;
  const payer: DebtPayer = {
    region,
    sources: async () => ["us-east-1"],
    async pay() {
      const payment = payments[Math.min(asked, payments.length - 1)] ?? paid;
      asked += 1;
      if (payment instanceof Error) throw payment;
      return payment;
    },
  };
  const logger = createLogger({ service: "test", level: "silent" });
  const handle = createReplicateHandler({ payers: new Map([[region, payer]]), inHand, logger, holdMs: 400 });
  return { handle, inHand, asked: () => asked };
}

describe("a replicate job", () => {
  it("is done once all of it has arrived", async () => {
    const { handle, inHand } = handlerWith(paid);
    expect(await handle(deliver())).toEqual({ kind: "done" });
    expect(inHand.size).toBe(0);
  });

  it.each([
    ["tables", new StoreError("STORE_UNAVAILABLE", "away", { retryable: true })],
    ["KMS", owing("KMS_CIRCUIT_OPEN", true)],
  ])("waits here while a Region's %s are away for moments only", async (_, trouble) => {
    const { handle, asked } = handlerWith(trouble, trouble, paid);
    expect(await handle(deliver())).toEqual({ kind: "done" });
    expect(asked()).toBe(3);
  });

  it("goes back to its queue for about a minute at most while they stay away, however often it has been there", async () => {
    const { handle } = handlerWith(owing("KMS_CIRCUIT_OPEN", true));
    for (const attempt of [1, 20]) {
      const outcome = await handle(deliver({}, attempt));
      if (outcome.kind !== "retry") throw new Error(outcome.kind);
      expect(outcome.afterMs).toBeGreaterThanOrEqual(1_000);
      expect(outcome.afterMs).toBeLessThanOrEqual(61_000);
    }
  });

  it("keeps no slot for one key's trouble", async () => {
    const { handle, asked } = handlerWith(owing("KMS_DENIED", true));
    expect(await handle(deliver())).toMatchObject({ kind: "retry", reason: "KMS_DENIED" });
    expect(asked()).toBe(1);
  });

  it("that cannot be done is left to its debt, and rejected where it has none", async () => {
    const { handle } = handlerWith(owing("DEKS_UNWRAP_REFUSED", false));
    expect(await handle(deliver())).toEqual({ kind: "done", note: "unpaid" });
    expect(await handle(deliver({ debtId: undefined }))).toMatchObject({ kind: "reject", code: "DEKS_UNWRAP_REFUSED" });
  });

  it("is not done twice at once in one process", async () => {
    const { handle, inHand, asked } = handlerWith(paid);
    inHand.add(debtId);
    expect(await handle(deliver())).toEqual({ kind: "done", note: "in-hand" });
    expect(asked()).toBe(0);
  });

  it("for a Region that this process does not copy to is rejected", async () => {
    const { handle } = handlerWith(paid);
    const outcome = await handle(deliver({ region: "sa-east-1" }));
    expect(outcome).toMatchObject({ kind: "reject", code: "REPLICATOR_REGION_UNKNOWN" });
  });
});
