import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sleep } from "./sleep.ts";

afterEach(() => vi.useRealTimers());

describe("sleep", () => {
  it("resolves after its time and not before", async () => {
    vi.useFakeTimers();
    let done = false;
    const sleeping = sleep(1_000).then(() => {
      done = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toBe(true);
    await sleeping;
  });

  it("rejects with the signal's reason as soon as it aborts, and leaves no timer", async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const sleeping = sleep(600_000, { signal: controller.signal });
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects at once on a signal that has aborted before", async () => {
    await expect(sleep(600_000, { signal: AbortSignal.abort("gone") })).rejects.toBe("gone");
  });

  it("leaves no listener on its signal, however it ends", async () => {
    const controller = new AbortController();
    await Promise.all([sleep(0, controller), sleep(1, controller)]);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    const cut = sleep(600_000, controller);
    controller.abort();
    await expect(cut).rejects.toThrow();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  it("does not take a very long time for none", async () => {
    vi.useFakeTimers();
    const controller = new AbortController();
    const sleeping = expect(sleep(Number.MAX_SAFE_INTEGER, controller)).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(86_400_000);
    controller.abort();
    await sleeping;
  });
});
