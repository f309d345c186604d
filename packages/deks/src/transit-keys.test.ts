import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HomeRegion, startHomeRegion } from "./testing/home-region.ts";
import { createTransitKeys } from "./transit-keys.ts";

describe("private transit keys", () => {
  let home: HomeRegion;

  beforeAll(async () => {
    home = await startHomeRegion();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const keysOf = (key: string, retiring: readonly string[] = []) =>
    createTransitKeys({ state: home.stores.state, kms: home.kms, key, retiring });

  const add = async (key: string, keyId: string): Promise<Buffer> => {
    const privateKey = randomBytes(32);
    const copy = Buffer.from(privateKey);
    await keysOf(key).add({ keyId, publicKey: randomBytes(32), privateKey });
    expect(privateKey.equals(Buffer.alloc(32))).toBe(true);
    return copy;
  };

  it("open under the configured key and under retiring ones, and never under others", async () => {
    const [old, current] = [await home.createKey(), await home.createKey()];
    const before = await add(old, "before");
    const after = await add(current, "after");
    const keys = keysOf(current, [old]);
    expect(await keys.load("before")).toEqual(before);
    expect(await keys.load("after")).toEqual(after);

    const calls = home.calls("Decrypt");
    await expect(keysOf(current).load("before")).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
    await expect(keysOf(old).load("after")).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
    expect(home.calls("Decrypt")).toBe(calls);
  });

  it("a key that cannot be looked up does not stop those that can", async () => {
    const current = await home.createKey();
    const stored = await add(current, "beside-a-dead-key");
    const keys = keysOf(current, ["alias/deleted-long-ago"]);
    expect(await keys.load("beside-a-dead-key")).toEqual(stored);
    await add(await home.createKey(), "under-a-stranger's");
    await expect(keys.load("under-a-stranger's")).rejects.toMatchObject({ code: "KMS_KEY_UNUSABLE", retryable: true });
  });

  it("one that is not there is undefined", async () => {
    expect(await keysOf(await home.createKey()).load("nobody's")).toBeUndefined();
  });
});
