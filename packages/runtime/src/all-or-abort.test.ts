import { describe, expect, it } from "vitest";
import { allOrAbort } from "./all-or-abort.ts";
import { sleep } from "./sleep.ts";

const hour = 3_600_000;

describe("tasks side by side", () => {
  it("answer in their order", async () => {
    expect(await allOrAbort([async () => sleep(5).then(() => "a"), async () => "b"], undefined)).toEqual(["a", "b"]);
  });

  it("end with the first failure, after the others were aborted and have ended", async () => {
    const failure = new Error("broken");
    const ended: unknown[] = [];
    const waiting = (signal: AbortSignal) =>
      sleep(hour, { signal }).catch((reason: unknown) => void ended.push(reason));
    await expect(allOrAbort([waiting, () => Promise.reject(failure), waiting], undefined)).rejects.toBe(failure);
    expect(ended).toEqual([failure, failure]);
  });

  it("hear of the caller's signal", async () => {
    const caller = new AbortController();
    const all = allOrAbort([(signal) => sleep(hour, { signal })], caller.signal);
    caller.abort(new Error("gone"));
    await expect(all).rejects.toThrow("gone");
  });
});
