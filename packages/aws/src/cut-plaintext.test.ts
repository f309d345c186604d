import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutPlaintext } from "./cut-plaintext.ts";

const key = Buffer.from("sixteen byte key").toString("base64");

describe("cutPlaintext", () => {
  it("cuts the value out wherever it stands, and leaves the same document without it", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()).filter(hasPlainKeys),
        fc.uint8Array({ maxLength: 64 }),
        fc.nat(),
        fc.constantFrom(undefined, 2, "\t"),
        (others, bytes, place, space) => {
          const entries = Object.entries(others).filter(([name]) => name !== "Plaintext");
          entries.splice(place % (entries.length + 1), 0, ["Plaintext", Buffer.from(bytes).toString("base64")]);
          const document = Object.fromEntries(entries);
          const cut = cutPlaintext(Buffer.from(JSON.stringify(document, undefined, space)));
          expect(cut?.plaintext).toEqual(Buffer.from(bytes));
          // Written and read once more: JSON has no -0.
          const without = JSON.parse(JSON.stringify({ ...document, Plaintext: null }));
          expect(JSON.parse(cut?.rest.toString() ?? "")).toEqual(without);
        },
      ),
    );
  });

  it.each([
    ["nothing", ""],
    ["no object", `["Plaintext","${key}"]`],
    ["an object without it", `{"KeyId":"k"}`],
    ["an empty object", "{}"],
    ["one inside another member only", `{"x":{"Plaintext":"${key}"}}`],
    ["its name as a value only", `{"x":"Plaintext","y":"${key}"}`],
    ["a value that is no string", `{"Plaintext":null}`],
    ["a value that is not base64", `{"Plaintext":"?"}`],
    ["an escaped value", `{"Plaintext":"\\u0041AAA"}`],
    ["two of them", `{"Plaintext":"${key}","Plaintext":"${key}"}`],
    ["a document that breaks off", `{"Plaintext":"${key}"`],
    ["a string that breaks off", `{"Plaintext":"${key}`],
    ["text behind the document", `{"Plaintext":"${key}"} x`],
    ["no comma", `{"a":1 "Plaintext":"${key}"}`],
    ["no value", `{"a":,"Plaintext":"${key}"}`],
  ])("finds nothing in %s", (_what, json) => {
    expect(cutPlaintext(Buffer.from(json))).toBeUndefined();
  });

  it("ends on any bytes and never changes them", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'{}[]":,\\ aP'.split(""), '"Plaintext"', '"QUJD"')), (parts) => {
        const json = Buffer.from(parts.join(""));
        const before = Buffer.from(json);
        cutPlaintext(json);
        expect(json).toEqual(before);
      }),
    );
  });
});

/**
 * V8 14.6 (Node 26) may read a key that is written with an escape as another such key that it read before
 * (`parse-json.ts` in packages/jobs tells more), so `JSON.parse` is no measure for documents that have one.
 */
function hasPlainKeys(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, member]) => JSON.stringify(key) === `"${key}"` && hasPlainKeys(member));
}
