import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { createManualClock, eventually, freePort, tempDir } from "./index.ts";

describe("eventually", () => {
  it("gives the value of the first look that holds", async () => {
    let looks = 0;
    expect(await eventually(() => (++looks < 3 ? false : `look ${looks}`), { intervalMs: 1 })).toBe("look 3");
  });

  it("looks again after a throw, and counts a check that gives nothing as holding", async () => {
    let looks = 0;
    await eventually(() => expect(++looks).toBe(3), { intervalMs: 1 });
    expect(looks).toBe(3);
  });

  it("fails with the last reason once the time is over", async () => {
    const reason = new Error("still closed");
    const failure = eventually(() => Promise.reject(reason), { timeoutMs: 20, intervalMs: 5 });
    await expect(failure).rejects.toMatchObject({ message: expect.stringContaining("still closed"), cause: reason });
  });

  it("stops at once when its signal aborts", async () => {
    const controller = new AbortController();
    const waiting = eventually(() => false, { intervalMs: 60_000, timeoutMs: 120_000, signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});

describe("createManualClock", () => {
  it("runs each timer at its own moment, in order, also those set on the way", async () => {
    const clock = createManualClock(1_000);
    const seen: string[] = [];
    clock.setTimeout(() => seen.push(`late ${clock.monotonic()}`), 50);
    clock.setTimeout(() => {
      seen.push(`early ${clock.monotonic()}`);
      clock.setTimeout(() => seen.push(`nested ${clock.now()}`), 10);
    }, 20);
    await clock.advance(49);
    expect(seen).toEqual(["early 20", "nested 1030"]);
    await clock.advance(1);
    expect(seen.at(-1)).toBe("late 50");
    expect(clock.pendingTimers()).toBe(0);
  });

  it("lets code that sleeps in a loop go on within one advance", async () => {
    const clock = createManualClock();
    let rounds = 0;
    const loop = (async () => {
      for (; rounds < 5; rounds += 1) await clock.sleep(10);
    })();
    await clock.advance(50);
    await loop;
    expect(rounds).toBe(5);
  });

  it("moves the wall clock alone when somebody sets it", async () => {
    const clock = createManualClock(5_000);
    await clock.advance(10);
    clock.setNow(1);
    expect([clock.now(), clock.monotonic()]).toEqual([1, 10]);
    await clock.advance(5);
    expect([clock.now(), clock.monotonic()]).toEqual([6, 15]);
  });

  it("leaves no timer of an aborted sleep or a cancelled timeout", async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, { signal: controller.signal });
    const cancel = clock.setTimeout(() => expect.unreachable(), 10);
    controller.abort(new Error("enough"));
    cancel();
    await expect(sleeping).rejects.toThrow("enough");
    expect(clock.pendingTimers()).toBe(0);
    await clock.advance(20);
  });
});

describe("tempDir", () => {
  it("is there to be written to, and gone with its content afterwards", async () => {
    let path = "";
    {
      await using folder = await tempDir("gone");
      path = folder.path;
      await writeFile(folder.join("file"), "content");
      expect(existsSync(folder.join("file"))).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });
});

describe("freePort", () => {
  it("gives a loopback port that can be listened on", async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
    await new Promise((resolve) => server.close(resolve));
  });
});
