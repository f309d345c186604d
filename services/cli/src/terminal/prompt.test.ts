import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { confirm } from "./prompt.ts";

async function answer(text: string): Promise<boolean> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  input.end(text);
  return confirm("Sure?", { input, output: new PassThrough() });
}

describe("confirm", () => {
  it("takes the input's end, as by Ctrl-D, for a no", async () => {
    expect(await answer("")).toBe(false);
  });

  it("takes y and yes for a yes, and nothing else", async () => {
    expect(await answer("y\n")).toBe(true);
    expect(await answer("YES\n")).toBe(true);
    expect(await answer("yellow\n")).toBe(false);
    expect(await answer("\n")).toBe(false);
  });
});
