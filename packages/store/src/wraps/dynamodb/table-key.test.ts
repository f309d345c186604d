import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyCodec, type TableKey } from "./table-key.ts";

const types = ["S", "N", "B"] as const;
const values: Readonly<Record<(typeof types)[number], fc.Arbitrary<AttributeValue>>> = {
  S: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((S) => ({ S })),
  N: fc.oneof(fc.integer().map(String), fc.constantFrom("-0.5", "1E+20", "12345678901234567890")).map((N) => ({ N })),
  B: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => ({ B: Buffer.from(bytes) })),
};
const shapes: readonly TableKey[] = types.flatMap((type) => [
  { partition: { name: "p", type } },
  ...types.map((sort) => ({ partition: { name: "p", type }, sort: { name: "s", type: sort } })),
]);

describe("an item's key as text", () => {
  it.each(shapes)("comes back from the text, and no two keys have one text: $partition.type $sort.type", (shape) => {
    const codec = createKeyCodec(shape);
    const { partition, sort } = shape;
    const key: fc.Arbitrary<Record<string, AttributeValue>> = fc
      .tuple(values[partition.type ?? "S"], values[sort?.type ?? "S"])
      .map(([p, s]) => (sort ? { p, s } : { p }));
    fc.assert(
      fc.property(key, key, (one, other) => {
        const [text, otherText] = [codec.toText(one), codec.toText(other)];
        expect(codec.toKey(text)).toEqual(one);
        expect(text === otherText).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it("is taken from an item with more in it", () => {
    const codec = createKeyCodec({ partition: { name: "id" }, sort: { name: "n", type: "N" } });
    expect(codec.toText({ n: { N: "7" }, id: { S: 'a"b' }, blob: { B: Buffer.alloc(3) } })).toBe('["a\\"b","7"]');
  });

  it.each<[string, TableKey, string]>([
    ["empty", { partition: { name: "p" } }, ""],
    ["longer than a key may be", { partition: { name: "p" } }, "x".repeat(2_049)],
    ["not well-formed", { partition: { name: "p" } }, "\ud800"],
    ["no number", { partition: { name: "p", type: "N" } }, "0x10"],
    ["no base64", { partition: { name: "p", type: "B" } }, "a"],
    ["one part of two", { partition: { name: "p" }, sort: { name: "s" } }, '["a"]'],
    ["three parts of two", { partition: { name: "p" }, sort: { name: "s" } }, '["a","b","c"]'],
    ["no JSON", { partition: { name: "p" }, sort: { name: "s" } }, "a"],
  ])("a text that is %s is no key", (_, shape, text) => {
    expect(() => createKeyCodec(shape).toKey(text)).toThrow(expect.objectContaining({ code: "STORE_VALUE_INVALID" }));
  });
});
