import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64 } from "./base64.ts";

function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(`--${text}--`);
  return decodeBase64(bytes, 2, bytes.length - 2);
}

describe("decodeBase64", () => {
  it("decodes whatever base64 encodes, with and without padding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(decode(text)).toEqual(Buffer.from(bytes));
        expect(decode(text.replace(/=+$/, ""))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("understands the escaped slash of some JSON writers", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64").replaceAll("/", "\\/");
        expect(decode(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("refuses what is not base64", () => {
    for (const text of ["A", "AAAAA", "AA=A", "AAA==", "AA===", "=", "AA\\nA", "AA-_", "AA AA", "AAé", "AAA\\"]) {
      expect(decode(text), text).toBeUndefined();
    }
  });

  it("agrees with Node about any text that it accepts", () => {
    const character = fc.constantFrom(..."ABYZabyz0189+/=\\- ".split(""));
    fc.assert(
      fc.property(fc.array(character, { maxLength: 24 }), (characters) => {
        const text = characters.join("");
        const decoded = decode(text);
        if (decoded !== undefined) expect(decoded).toEqual(Buffer.from(text.replaceAll("\\/", "/"), "base64"));
      }),
    );
  });
});
