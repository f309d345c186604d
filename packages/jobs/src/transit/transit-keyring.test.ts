import { describe, expect, it } from "vitest";
import { generateTransitKeyPair } from "./transit-key.ts";
import { createTransitKeyring } from "./transit-keyring.ts";

describe("the transit keyring", () => {
  const pair = generateTransitKeyPair();
  const privateKey = () => new Uint8Array(pair.privateKey);

  it("loads a key once for all who ask at the same time, and keeps it for its lifetime only", async () => {
    let loads = 0;
    let now = 0;
    const load = async () => {
      loads += 1;
      return privateKey();
    };
    const ring = createTransitKeyring({ load, lifetimeMs: 1_000, now: () => now });
    await Promise.all(Array.from({ length: 50 }, () => ring.get(pair.keyId)));
    now = 999;
    await ring.get(pair.keyId);
    expect(loads).toBe(1);
    now = 1_000;
    await ring.get(pair.keyId);
    expect(loads).toBe(2);
    ring.close();
  });

  it("wipes the bytes it was given", async () => {
    const bytes = privateKey();
    const ring = createTransitKeyring({ load: async () => bytes });
    await ring.get(pair.keyId);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    ring.close();
  });

  it("believes the absence of a key for a while, and looks again afterwards", async () => {
    let now = 0;
    let loads = 0;
    const load = async () => {
      loads += 1;
      return now < 100 ? undefined : privateKey();
    };
    const ring = createTransitKeyring({ load, absenceMs: 100, now: () => now });
    expect(await ring.get(pair.keyId)).toBeUndefined();
    expect(await ring.get(pair.keyId)).toBeUndefined();
    expect(loads).toBe(1);
    now = 100;
    expect(await ring.get(pair.keyId)).toMatchObject({ keyId: pair.keyId });
    ring.close();
  });

  it("does not remember a failure", async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads === 1) throw new Error("away");
      return privateKey();
    };
    const ring = createTransitKeyring({ load });
    await expect(ring.get(pair.keyId)).rejects.toThrow("away");
    expect(await ring.get(pair.keyId)).toMatchObject({ keyId: pair.keyId });
    ring.close();
  });

  it("refuses a key that is not the one it asked for, and wipes it", async () => {
    const bytes = privateKey();
    const ring = createTransitKeyring({ load: async () => bytes });
    await expect(ring.get("x25519-another")).rejects.toMatchObject({ code: "JOBS_TRANSIT_KEY_INVALID" });
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    ring.close();
  });

  it("lets one waiter go without ending the load for the others", async () => {
    const gate = Promise.withResolvers<void>();
    const ring = createTransitKeyring({ load: () => gate.promise.then(privateKey) });
    const leaving = new AbortController();
    const left = ring.get(pair.keyId, { signal: leaving.signal });
    const stays = ring.get(pair.keyId);
    leaving.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    gate.resolve();
    expect(await stays).toMatchObject({ keyId: pair.keyId });
    ring.close();
  });

  it("keeps no more keys than it may", async () => {
    const loads = new Map<string, number>();
    const ring = createTransitKeyring({
      maxKeys: 2,
      load: async (keyId) => {
        loads.set(keyId, (loads.get(keyId) ?? 0) + 1);
        return undefined;
      },
    });
    for (const keyId of ["a", "b", "c", "a"]) await ring.get(keyId);
    expect(Object.fromEntries(loads)).toEqual({ a: 2, b: 1, c: 1 });
    ring.close();
  });
});
