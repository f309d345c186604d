import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { waitFor } from "./wait-for.ts";

describe("waitFor", () => {
  it("gives one waiter up without ending what the others wait for", async () => {
    const shared = Promise.withResolvers<string>();
    const impatient = new AbortController();
    const first = waitFor(shared.promise, impatient.signal);
    const second = waitFor(shared.promise, new AbortController().signal);
    impatient.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    shared.resolve("done");
    expect(await second).toBe("done");
  });

  it("leaves no listener behind, however it ends", async () => {
    const { signal } = new AbortController();
    await waitFor(Promise.resolve(1), signal);
    await waitFor(Promise.reject(new Error("failed")), signal).catch(() => undefined);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("lets nothing go unhandled when it gives up on what then fails", async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", hear);
    await waitFor(Promise.reject(new Error("failed")), AbortSignal.abort("gone")).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", hear);
    expect(unhandled).toEqual([]);
  });

  it("does not wait at all once the signal has aborted", async () => {
    await expect(waitFor(new Promise(() => undefined), AbortSignal.abort("gone"))).rejects.toBe("gone");
  });
});
