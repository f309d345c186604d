import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { holdLease, type RenewResult } from "./lease-keeper.ts";

describe("a lease", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function hold(renew: () => Promise<RenewResult>, { since = Date.now() } = {}) {
    const renewals: number[] = [];
    const startedAt = Date.now();
    const lease = holdLease({
      leaseMs: 1_000,
      since,
      now: () => Date.now(),
      renew: () => {
        renewals.push(Date.now() - startedAt);
        return renew();
      },
    });
    return { lease, renewals };
  }

  it("is renewed at half of its time, for as long as it is held", async () => {
    const { lease, renewals } = hold(async () => "renewed");
    await vi.advanceTimersByTimeAsync(2_100);
    expect(renewals).toEqual([500, 1_000, 1_500, 2_000]);
    expect(lease.held()).toBe(true);
    lease.end();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(renewals).toHaveLength(4);
    expect(lease).toMatchObject({ lost: false, signal: { aborted: false } });
    expect(lease.held()).toBe(false);
  });

  it("is renewed sooner when it is older", async () => {
    const { lease, renewals } = hold(async () => "renewed", { since: Date.now() - 300 });
    await vi.advanceTimersByTimeAsync(300);
    expect(renewals).toEqual([200]);
    lease.end();
  });

  it("is lost as soon as the queue says so", async () => {
    const { lease } = hold(async () => "lost");
    await vi.advanceTimersByTimeAsync(500);
    expect(lease.lost).toBe(true);
    expect(lease.held()).toBe(false);
    expect(lease.signal.reason).toMatchObject({ code: "JOBS_LEASE_LOST", retryable: true });
  });

  it("is lost when its time is over and no renewal came through: hanging, failing or too late", async () => {
    const never = hold(() => new Promise(() => undefined));
    const unknown = hold(async () => "unknown");
    const late = hold(() => new Promise((resolve) => setTimeout(() => resolve("renewed"), 600)));
    await vi.advanceTimersByTimeAsync(999);
    expect([never, unknown, late].map(({ lease }) => lease.held())).toEqual([true, true, true]);
    expect(unknown.renewals).toEqual([500, 600, 700, 800, 900]);
    await vi.advanceTimersByTimeAsync(200);
    expect([never, unknown, late].map(({ lease }) => lease.lost)).toEqual([true, true, true]);
  });

  it("counts a renewal from before its call", async () => {
    let answers = 0;
    const { lease } = hold(async () => {
      answers += 1;
      if (answers > 1) return "unknown";
      await new Promise((resolve) => setTimeout(resolve, 400));
      return "renewed";
    });
    // Renewed at 500, answered at 900: good until 1,500, not 1,900.
    await vi.advanceTimersByTimeAsync(1_499);
    expect(lease.held()).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(lease.held()).toBe(false);
  });

  it("is lost for a process that was frozen beyond it, before any timer says so", () => {
    const { lease } = hold(async () => "renewed");
    vi.setSystemTime(Date.now() + 1_000);
    expect(lease.held()).toBe(false);
    expect(lease.lost).toBe(true);
  });
});
