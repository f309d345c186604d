import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { anySignal, deadlineIn } from "./signals.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("deadlineIn", () => {
  it("aborts when its time is up, with a retryable error that says how long it was", () => {
    using deadline = deadlineIn(500);
    vi.advanceTimersByTime(499);
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(deadline.signal.reason).toMatchObject({
      code: "RUNTIME_DEADLINE_EXCEEDED",
      retryable: true,
      context: { ms: 500 },
    });
  });

  it("aborts with the reason of the signal that it follows", () => {
    const controller = new AbortController();
    using deadline = deadlineIn(500, controller.signal);
    controller.abort("gone");
    expect(deadline.signal.reason).toBe("gone");
    expect(vi.getTimerCount()).toBe(0);
    using late = deadlineIn(500, controller.signal);
    expect(late.signal.reason).toBe("gone");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves neither timer nor listener once it is disposed, and does not abort by that", () => {
    const controller = new AbortController();
    const deadline = deadlineIn(500, controller.signal);
    deadline[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    vi.advanceTimersByTime(1_000);
    controller.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe("anySignal", () => {
  it("aborts with the first of its signals and lets go of the others", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    using any = anySignal([a.signal, undefined, b.signal]);
    b.abort("second");
    a.abort("first");
    expect(any.signal.reason).toBe("second");
    expect(getEventListeners(a.signal, "abort")).toHaveLength(0);
  });

  it("has aborted when one of its signals had, and listens to none then", () => {
    const a = new AbortController();
    using any = anySignal([a.signal, AbortSignal.abort("gone")]);
    expect(any.signal.reason).toBe("gone");
    expect(getEventListeners(a.signal, "abort")).toHaveLength(0);
  });

  it("lets go of all when it is disposed", () => {
    const a = new AbortController();
    const any = anySignal([a.signal]);
    any[Symbol.dispose]();
    expect(getEventListeners(a.signal, "abort")).toHaveLength(0);
  });
});
