import { describe, expect, it } from "vitest";
import { createByteRoom } from "./byte-room.ts";

describe("a room of bytes", () => {
  it("is never used beyond its size, whoever comes in what order, and all get in", async () => {
    const room = createByteRoom(100);
    const sizes = Array.from({ length: 200 }, (_, index) => (index * 37) % 101);
    let used = 0;
    let most = 0;
    const visit = async (bytes: number) => {
      using _ = await room.take(bytes);
      used += bytes;
      most = Math.max(most, used);
      await Promise.resolve();
      used -= bytes;
    };
    await Promise.all(sizes.map(visit));
    expect(most).toBeGreaterThan(50);
    expect(most).toBeLessThanOrEqual(100);
  });

  it("lets what is larger than itself in alone, and no later one past it", async () => {
    const room = createByteRoom(100);
    const order: string[] = [];
    const first = await room.take(60);
    const large = room.take(5_000).then((place) => {
      order.push("large");
      return place;
    });
    const small = room.take(1).then((place) => {
      order.push("small");
      return place;
    });
    first[Symbol.dispose]();
    (await large)[Symbol.dispose]();
    (await small)[Symbol.dispose]();
    expect(order).toEqual(["large", "small"]);
  });

  it("loses nothing to who stops waiting, or gives a place back twice", async () => {
    const room = createByteRoom(10);
    const held = await room.take(10);
    const reason = new Error("stopped");
    const controller = new AbortController();
    const waiting = room.take(10, { signal: controller.signal });
    const next = room.take(10);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(room.take(1, { signal: controller.signal })).rejects.toBe(reason);
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    const place = await next;
    let isIn = false;
    const last = room.take(10).then((entered) => {
      isIn = true;
      return entered;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    place[Symbol.dispose]();
    (await last)[Symbol.dispose]();
  });
});
