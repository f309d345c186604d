import { describe, expect, it } from "vitest";
import { createByteRoom } from "./byte-room.ts";

describe("the byte room", () => {
  it("lets in what fits, in order, and what is larger than it alone", async () => {
    const room = createByteRoom(10);
    const entered: string[] = [];
    const enter = (name: string, bytes: number) => room.take(bytes, undefined).then(() => entered.push(name));
    await enter("a", 8);
    const rest = [enter("b", 4), enter("c", 1), enter("huge", 50)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toEqual(["a"]);
    room.give(8);
    await Promise.all(rest.slice(0, 2));
    expect(entered).toEqual(["a", "b", "c"]);
    room.give(4);
    room.give(1);
    await rest[2];
    expect(entered).toEqual(["a", "b", "c", "huge"]);
  });

  it("lets the next one in when the one in front gives up", async () => {
    const room = createByteRoom(10);
    await room.take(6, undefined);
    const stop = new AbortController();
    const first = room.take(9, stop.signal);
    const second = room.take(4, undefined);
    stop.abort(new Error("gave up"));
    await expect(first).rejects.toThrow("gave up");
    await second;
    await expect(room.take(1, stop.signal)).rejects.toThrow("gave up");
  });
});
