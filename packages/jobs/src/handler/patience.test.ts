import { DekhandError } from "@dekhand/errors";
import { createLogger } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { createPatience, HandBack, type PatienceOptions, type Waiting } from "./patience.ts";

class Passing extends DekhandError {}

const logger = createLogger({ service: "test", level: "silent" });
const disabled = new Passing("KEY_DISABLED", "disabled", { retryable: true });

function patienceOf(options: Pick<PatienceOptions, "maxWaitingForKey" | "holdMs">) {
  return createPatience({ ...options, concernsKey: (error) => error === disabled, logger });
}

function jobOf(profile: string, changes: Partial<Waiting> = {}): Waiting {
  return { profile: () => profile, attempt: 1, signal: new AbortController().signal, ...changes };
}

describe("patience", () => {
  it("tries what may pass again until it has passed", async () => {
    let tries = 0;
    const patience = patienceOf({ maxWaitingForKey: 1, holdMs: 60_000 });
    const done = await patience.insist(jobOf("a"), async () => {
      tries += 1;
      if (tries < 4) throw new Passing("PASSING", "not yet", { retryable: true });
      return tries;
    });
    expect(done).toBe(4);
  });

  it("throws at once what cannot pass, and what it meets after the signal", async () => {
    const patience = patienceOf({ maxWaitingForKey: 1, holdMs: 60_000 });
    const poison = new Passing("POISON", "never", { retryable: false });
    await expect(patience.insist(jobOf("a"), () => Promise.reject(poison))).rejects.toBe(poison);
    const stopping = new AbortController();
    const waiting = patience.insist(jobOf("a", { signal: stopping.signal }), () => Promise.reject(disabled));
    stopping.abort();
    await expect(waiting).rejects.toBeDefined();
  });

  it("lets a bounded number of a profile's jobs wait for its key, and none of another profile's suffer", async () => {
    const patience = patienceOf({ maxWaitingForKey: 2, holdMs: 60_000 });
    const stopping = new AbortController();
    const { signal } = stopping;
    const waiting = [1, 2].map(() => patience.insist(jobOf("a", { signal }), () => Promise.reject(disabled)));
    const third = await patience.insist(jobOf("a", { attempt: 3 }), () => Promise.reject(disabled)).catch((e) => e);
    expect(third).toBeInstanceOf(HandBack);
    expect(third.afterMs).toBe(60 * 60_000);
    const other = patience.insist(jobOf("b", { signal }), () => Promise.reject(disabled));
    stopping.abort();
    for (const each of [...waiting, other]) await expect(each).rejects.not.toBeInstanceOf(HandBack);
    // The places are free again.
    await expect(patience.insist(jobOf("a"), async () => "done")).resolves.toBe("done");
  });

  it("hands a job back that has waited for longer than it may", async () => {
    const patience = patienceOf({ maxWaitingForKey: 1, holdMs: 0 });
    const passing = new Passing("PASSING", "not yet", { retryable: true });
    const given = await patience.insist(jobOf("a"), () => Promise.reject(passing)).catch((error) => error);
    expect(given).toBeInstanceOf(HandBack);
    expect(given.cause).toBe(passing);
  });
});
