import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf8 } from "./context.ts";
import { canonicalContext, type EncryptionContext, sameContext } from "./index.ts";
import { context as anyContext, text as anyText, illFormedTexts } from "./testing/arbitraries.ts";
import { referenceContext } from "./testing/reference.ts";
import { thrownBy } from "./testing/thrown.ts";

describe("canonicalContext", () => {
  it("puts lengths in front and sorts by the keys' UTF-8 bytes", () => {
    const context = { b: "2", "\u{1F511}": "key", "\uFF5E": "wave", a: "é" };
    const parts = ["a", "é", "b", "2", "\uFF5E", "wave", "\u{1F511}", "key"].map((part) => Buffer.from(part));
    const expected = parts.flatMap((part) => [Buffer.of(0, 0, 0, part.length), part]);
    expect(canonicalContext(context)).toEqual(Buffer.concat(expected));
    expect(canonicalContext({})).toHaveLength(0);
  });

  it("is the same whatever order the keys were given in", () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        const reversed = Object.fromEntries(Object.entries(context).reverse());
        expect(canonicalContext(reversed).equals(canonicalContext(context))).toBe(true);
        expect(canonicalContext(context).equals(referenceContext(context))).toBe(true);
      }),
    );
  });

  it("is the same for equal contexts only", () => {
    fc.assert(
      fc.property(anyContext, anyContext, (a, b) => {
        expect(canonicalContext(a).equals(canonicalContext(b))).toBe(sameContext(a, b));
      }),
    );
    expect(canonicalContext({ a: "bc" }).equals(canonicalContext({ ab: "c" }))).toBe(false);
  });

  it("treats keys like __proto__ as ordinary keys", () => {
    const context: EncryptionContext = JSON.parse('{"__proto__":"p","constructor":"c"}');
    expect(canonicalContext(context).toString("latin1")).toContain("__proto__\0\0\0\x01p");
    expect(sameContext(context, JSON.parse('{"constructor":"c","__proto__":"p"}'))).toBe(true);
    expect(sameContext(context, { constructor: "c" })).toBe(false);
    expect(sameContext({ constructor: "c" }, JSON.parse('{"__proto__":"p"}'))).toBe(false);
    expect(canonicalContext(Object.assign(Object.create(null), { a: "b" })).equals(canonicalContext({ a: "b" }))).toBe(
      true,
    );
  });

  it.each(illFormedTexts)("refuses ill-formed Unicode (%j), which has no UTF-8 of its own", (bad) => {
    for (const context of [{ [bad]: "x" }, { x: bad }]) {
      expect(thrownBy(() => canonicalContext(context)).code).toBe("ENVELOPE_INPUT_INVALID");
      expect(sameContext(context, context)).toBe(false);
      expect(sameContext(context, { ...context })).toBe(false);
    }
  });

  it("refuses a context that is longer than 1 MiB", () => {
    expect(canonicalContext({ k: "x".repeat(1024 * 1024 - 9) })).toHaveLength(1024 * 1024);
    expect(thrownBy(() => canonicalContext({ k: "x".repeat(1024 * 1024 - 8) })).code).toBe("ENVELOPE_INPUT_INVALID");
  });
});

describe("sameContext", () => {
  it("compares own keys and values, and nothing inherited", () => {
    expect(sameContext({ a: "1", b: "2" }, { b: "2", a: "1" })).toBe(true);
    expect(sameContext({ a: "1" }, { a: "1", b: "2" })).toBe(false);
    expect(sameContext({ a: "1" }, { a: "2" })).toBe(false);
    expect(sameContext({ a: "1" }, { b: "1" })).toBe(false);
    expect(sameContext({}, {})).toBe(true);
    expect(sameContext({ toString: "x" }, JSON.parse('{"valueOf":"x"}'))).toBe(false);
  });

  it("is false for what is no context", () => {
    for (const wrong of ["null", "[]", "7", '{"a":7}']) {
      const value: EncryptionContext = JSON.parse(wrong);
      expect(sameContext(value, value)).toBe(false);
    }
  });
});

describe("compareUtf8", () => {
  it("orders any well-formed strings as their UTF-8 bytes are ordered", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareUtf8("\uFFFF", "\u{10000}")).toBeLessThan(0);
    expect(compareUtf8("\uD7FF", "\u{10000}")).toBeLessThan(0);
    expect(compareUtf8("\uD7FF", "\uE000")).toBeLessThan(0);
  });
});
