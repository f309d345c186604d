import { expect, it } from "vitest";
import { type Line, maxLineBytes, readLines } from "./json-lines.ts";

async function lines(...chunks: readonly (string | Buffer)[]): Promise<Line[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const found: Line[] = [];
  for await (const line of readLines(source())) found.push(line);
  return found;
}

it("puts lines together over chunks, without their line ends, and says where each ends", async () => {
  const found = await lines("a\u2028b\r\n\nc", "d", "\ne");
  expect(found.map((line) => (line.kind === "line" ? line.bytes.toString() : line.kind))).toEqual([
    "a\u2028b",
    "",
    "cd",
    "e",
  ]);
  expect(found.map(({ number, endsAt }) => [number, endsAt])).toEqual([
    [1, 7],
    [2, 8],
    [3, 11],
    [4, 12],
  ]);
});

it("passes over a line that is too long, and reads those after it", async () => {
  const half = Buffer.alloc(maxLineBytes / 2, "x");
  const fits = await lines(half, half, "\nnext");
  expect(fits.map(({ kind }) => kind)).toEqual(["line", "line"]);
  const found = await lines("before\n", half, half, "x", half, "\nnext\n", half, half, "x");
  expect(found.map(({ kind, number }) => [kind, number])).toEqual([
    ["line", 1],
    ["too-long", 2],
    ["line", 3],
    ["too-long", 4],
  ]);
  expect(found[2]).toMatchObject({
    bytes: Buffer.from("next"),
    endsAt: "before\n".length + 3 * half.length + "x\nnext\n".length,
  });
});
