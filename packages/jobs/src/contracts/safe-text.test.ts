import fc from "fast-check";
import { expect, it } from "vitest";
import { safeText } from "./safe-text.ts";

/** Any 16-bit units: control characters and lone surrogates included. */
const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe00f })), { maxLength: 100 })
  .map((units) => String.fromCharCode(...units));

it("is always well-formed, free of control characters and within its bytes", () => {
  fc.assert(
    fc.property(codeUnits, fc.integer({ min: 3, max: 80 }), (text, maxBytes) => {
      const safe = safeText(text, maxBytes);
      expect(safe.isWellFormed()).toBe(true);
      expect(safe).not.toMatch(/[\p{Cc}\uFFFE\uFFFF]/u);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(maxBytes);
    }),
  );
});

it("leaves alone what is fit already, up to the last byte", () => {
  expect(safeText("é".repeat(256), 512)).toBe("é".repeat(256));
});

it("shows that it cut something", () => {
  expect(safeText("abcdef", 5)).toBe("ab…");
});
