import { describe, expect, it } from "vitest";
import { describeWrapStore } from "../../contract/index.ts";
import { moduleSubject, sampleWrapModule } from "../../testing/wraps/sample-wrap-module.ts";
import { swapOf } from "../../testing/wraps/sample-wraps.ts";
import { createModuleWrapStore } from "./module-wrap-store.ts";

const whole = { index: 0, of: 1 };

describe("wraps in a module of the user's", () => {
  describeWrapStore(async () => moduleSubject());

  const create = (changes: object) =>
    createModuleWrapStore({ ...sampleWrapModule(new Map()), ...changes }, { name: "sample", region: "us-east-1" });
  const swap = swapOf({ id: "a", blob: Buffer.from("old") });

  it.each([undefined, null, "text", {}, { scan() {}, read() {} }, { scan() {}, read() {}, swap: "no function" }])(
    "%j is no module of a wrap store",
    (module) => {
      expect(() => createModuleWrapStore(module, { name: "sample", region: "us-east-1" })).toThrow(
        expect.objectContaining({ code: "STORE_MODULE_INVALID" }),
      );
    },
  );

  it.each([
    ["nothing", undefined],
    ["no page", { rows: [] }],
    ["a wrap without an id", { wraps: [{ blob: Buffer.from("canary") }] }],
    ["a cursor that is no text", { wraps: [], cursor: 7 }],
    ["the same cursor again", { wraps: [], cursor: "before" }],
  ])("a scan that answers %s fails, and says so without repeating it", async (_, page) => {
    const failure = await create({ scan: async () => page })
      .scan(whole, { cursor: "before" })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "STORE_MODULE_INVALID", retryable: false, context: { function: "scan" } });
    expect(JSON.stringify(failure)).not.toContain("canary");
  });

  it("what it throws, at once or later, is retryable unless it says that it is not", async () => {
    const final = Object.assign(new Error("canary"), { retryable: false });
    const fail = (error: unknown) => create({ scan: () => Promise.reject(error), swap: throwing(error) });
    const throwing = (error: unknown) => () => {
      throw error;
    };
    await expect(fail(new Error("canary")).scan(whole)).rejects.toMatchObject({
      code: "STORE_MODULE_FAILED",
      retryable: true,
    });
    await expect(fail(final).scan(whole)).rejects.toMatchObject({ code: "STORE_MODULE_FAILED", retryable: false });
    expect(await fail("canary").swap([swap, swap])).toMatchObject([
      { kind: "failed", error: { code: "STORE_MODULE_FAILED", retryable: true } },
      { kind: "failed", error: { code: "STORE_MODULE_FAILED", retryable: true } },
    ]);
  });

  it("an outcome that is none fails that swap", async () => {
    expect(await create({ swap: async () => true }).swap([swap])).toMatchObject([
      { kind: "failed", error: { code: "STORE_MODULE_INVALID" } },
    ]);
  });

  it("a conflict is believed only after reading", async () => {
    const answering = (blob: Uint8Array | undefined) =>
      create({ swap: async () => "conflict", read: async () => blob && { id: "a", blob } }).swap([swap]);
    expect(await answering(swap.next.blob)).toEqual([{ kind: "swapped" }]);
    expect(await answering(Buffer.from("third"))).toEqual([{ kind: "conflict" }]);
    expect(await answering(undefined)).toEqual([{ kind: "gone" }]);
  });

  it("segments that are none are refused", () => {
    for (const given of [0, -1, 9, 1.5, "2"]) {
      const store = create({ segments: () => given });
      expect(() => store.segments(8)).toThrow(expect.objectContaining({ code: "STORE_MODULE_INVALID" }));
    }
  });

  it("a module that does not look at the signal holds nobody beyond it", async () => {
    const never = () => new Promise(() => undefined);
    const store = create({ scan: never, read: never, swap: never });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [store.scan(whole, { signal }), store.read("a", { signal })];
    const swapping = store.swap([swap], { signal });
    const reason = new Error("stopped");
    controller.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
    expect(await swapping).toMatchObject([{ kind: "failed", error: { code: "STORE_CANCELLED" } }]);
  });
});
