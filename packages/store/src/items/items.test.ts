import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoreError } from "../errors.ts";
import { itemBytes } from "./item-bytes.ts";
import { bytesOf, readItem } from "./item-reader.ts";
import { isKeyText } from "./keys.ts";
import { escapeMapKey, unescapeMapKey } from "./map-keys.ts";
import { bytes, integer, map, text, textMap } from "./write-values.ts";

const anyText = fc.string({ unit: "binary", maxLength: 40 });
const awkwardKey = fc.oneof(
  anyText,
  fc.constantFrom("", "__proto__", "~5f_proto__", "~", "\\", "\n", "constructor", "toString", "hasOwnProperty"),
);

const anyValue: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    anyText.map(text),
    fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)).map((N) => ({ N })),
    fc.uint8Array({ maxLength: 40 }).map(bytes),
    fc.constant<AttributeValue>({ NULL: true }),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(awkwardKey, tie("value"), { maxKeys: 3 }).map((M) => ({ M })),
  ),
})).value;

describe("item codecs", () => {
  it("what is written is what is read", () => {
    const labels = fc.record({
      text: anyText,
      integer: fc.maxSafeNat(),
      bytes: fc.uint8Array(),
      labels: fc.dictionary(awkwardKey, anyText, { noNullPrototype: true }),
      blobs: fc.dictionary(awkwardKey, fc.uint8Array(), { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(labels, (given) => {
        const reader = readItem(
          {
            text: text(given.text),
            integer: integer(given.integer),
            bytes: bytes(given.bytes),
            labels: textMap(given.labels),
            blobs: map(given.blobs, bytes),
          },
          {},
        );
        expect(reader.text("text")).toBe(given.text);
        expect(reader.integer("integer")).toBe(given.integer);
        expect(reader.bytes("bytes")).toEqual(Buffer.from(given.bytes));
        expect(Object.entries(reader.textMap("labels"))).toEqual(Object.entries(given.labels));
        const blobs = Object.entries(given.blobs).map(([key, blob]) => [key, Buffer.from(blob)]);
        expect(Object.entries(reader.map("blobs", bytesOf))).toEqual(blobs);
      }),
    );
  });

  it("map keys are escaped without two becoming one, into none that the SDK, DynamoDB or JSON.parse would lose", () => {
    fc.assert(
      fc.property(awkwardKey, awkwardKey, (one, other) => {
        expect(unescapeMapKey(escapeMapKey(one))).toBe(one);
        expect(escapeMapKey(one) === escapeMapKey(other)).toBe(one === other);
        expect(["", "__proto__"]).not.toContain(escapeMapKey(one));
        expect(JSON.stringify(escapeMapKey(one))).toBe(`"${escapeMapKey(one)}"`);
      }),
    );
  });

  it("whatever is stored, reading it gives a value of the right kind or STORE_ITEM_MALFORMED, and nothing else", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const reader = readItem({ it: value }, { id: "i1" });
        const reads = [
          [() => reader.text("it"), "string"],
          [() => reader.integer("it"), "number"],
          [() => reader.bytes("it", 3), "object"],
          [() => reader.textMap("it"), "object"],
          [() => reader.choice("it", ["a"]), "string"],
        ] as const;
        for (const [read, type] of reads) {
          try {
            expect(typeof read()).toBe(type);
          } catch (error) {
            expect(error).toBeInstanceOf(StoreError);
            expect(error).toMatchObject({ code: "STORE_ITEM_MALFORMED", context: { id: "i1", attribute: "it" } });
          }
        }
      }),
    );
  });

  it("an attribute named like a member of every object is absent unless it is there", () => {
    const reader = readItem({}, {});
    expect(reader.optionalText("constructor")).toBeUndefined();
    expect(() => reader.text("toString")).toThrow(expect.objectContaining({ code: "STORE_ITEM_MALFORMED" }));
  });

  it("an item counts its names and values in UTF-8 bytes", () => {
    expect(itemBytes({ ab: text("🔑"), c: bytes(Buffer.alloc(10)) })).toBe(2 + 4 + 1 + 10);
    expect(itemBytes({ m: textMap({ k: "vv" }) })).toBe(1 + 3 + 1 + 1 + 2);
  });

  it("key texts are well-formed and limited in bytes, not characters", () => {
    expect(isKeyText("🔑".repeat(128), 512)).toBe(true);
    expect(isKeyText("🔑".repeat(129), 512)).toBe(false);
    expect(isKeyText("", 512)).toBe(false);
    expect(isKeyText("a\ud800", 512)).toBe(false);
  });
});
