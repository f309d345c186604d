import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPacing } from "./pacing.ts";

describe("pacing", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("gives up with a retryable STORE_THROTTLED when 30 s have brought nothing, even without a signal", async () => {
    const pacing = createPacing(undefined);
    const started = performance.now();
    const trying = (async () => {
      for (;;) await pacing.pause("BatchWriteItem");
    })();
    const failure = expect(trying).rejects.toMatchObject({ code: "STORE_THROTTLED", retryable: true });
    await vi.runAllTimersAsync();
    await failure;
    expect(performance.now() - started).toBeGreaterThanOrEqual(30_000);
    expect(performance.now() - started).toBeLessThanOrEqual(32_000);
    expect(pacing.exhausted).toBe(true);
  });

  it("an aborted signal ends the wait with its reason", async () => {
    const stop = new AbortController();
    const waiting = createPacing(stop.signal).pause("Query");
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
