import { DeksError } from "@dekhand/deks";
import { DekhandError } from "@dekhand/errors";
import type { Delivery } from "@dekhand/jobs";
import { KmsError } from "@dekhand/kms";
import { createLogger } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { createPatience, HandBack } from "./patience.ts";

class Passing extends DekhandError {}

const logger = createLogger({ service: "test", level: "silent" });
const disabled = new KmsError({
  failureClass: "key-unusable",
  operation: "GenerateDataKey",
  region: "us-east-1",
  reason: "DisabledException",
  attempts: 1,
});

function deliveryOf(profile: string, changes: Partial<Delivery> = {}): Delivery {
  const job = { version: 1, kind: "encrypt", id: "j", recordId: "r", profile, context: {}, contentType: "t" } as const;
  const payload = Buffer.alloc(1);
  return { job: { ...job, payload }, attempt: 1, signal: new AbortController().signal, source: "sqs", ...changes };
}

describe("patience", () => {
  it("tries what may pass again until it has passed", async () => {
    let tries = 0;
    const patience = createPatience({ maxWaitingForKey: 1, holdMs: 60_000, logger });
    const done = await patience.insist(deliveryOf("a"), async () => {
      tries += 1;
      if (tries < 4) throw new Passing("PASSING", "not yet", { retryable: true });
      return tries;
    });
    expect(done).toBe(4);
  });

  it("throws at once what cannot pass, and what it meets after the signal", async () => {
    const patience = createPatience({ maxWaitingForKey: 1, holdMs: 60_000, logger });
    const poison = new Passing("POISON", "never", { retryable: false });
    await expect(patience.insist(deliveryOf("a"), () => Promise.reject(poison))).rejects.toBe(poison);
    const stopping = new AbortController();
    const waiting = patience.insist(deliveryOf("a", { signal: stopping.signal }), () => Promise.reject(disabled));
    stopping.abort();
    await expect(waiting).rejects.toBeDefined();
  });

  it("lets a bounded number of a profile's jobs wait for its key, and none of another profile's suffer", async () => {
    const patience = createPatience({ maxWaitingForKey: 2, holdMs: 60_000, logger });
    const stopping = new AbortController();
    const { signal } = stopping;
    const waiting = [1, 2].map(() => patience.insist(deliveryOf("a", { signal }), () => Promise.reject(disabled)));
    const third = await patience
      .insist(deliveryOf("a", { attempt: 3 }), () => Promise.reject(disabled))
      .catch((e) => e);
    expect(third).toBeInstanceOf(HandBack);
    expect(third.afterMs).toBe(60 * 60_000);
    const other = patience.insist(deliveryOf("b", { signal }), () => Promise.reject(disabled));
    stopping.abort();
    for (const each of [...waiting, other]) await expect(each).rejects.not.toBeInstanceOf(HandBack);
    // The places are free again.
    await expect(patience.insist(deliveryOf("a"), async () => "done")).resolves.toBe("done");
  });

  it("counts a key of the wrong kind as the profile's own trouble", async () => {
    const patience = createPatience({ maxWaitingForKey: 0, holdMs: 60_000, logger });
    const unsuitable = new DeksError("DEKS_KEY_UNSUITABLE", "no", { retryable: true });
    const given = await patience.insist(deliveryOf("a"), () => Promise.reject(unsuitable)).catch((error) => error);
    expect(given).toBeInstanceOf(HandBack);
  });

  it("hands a job back that has waited for longer than it may", async () => {
    const patience = createPatience({ maxWaitingForKey: 1, holdMs: 0, logger });
    const passing = new Passing("PASSING", "not yet", { retryable: true });
    const given = await patience.insist(deliveryOf("a"), () => Promise.reject(passing)).catch((error) => error);
    expect(given).toBeInstanceOf(HandBack);
    expect(given.cause).toBe(passing);
  });
});
