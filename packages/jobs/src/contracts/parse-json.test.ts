import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "./parse-json.ts";

describe("parseJson", () => {
  it("reads a key that is written with escapes, whatever was parsed before", () => {
    for (const poison of ['{"k":1,"\\\\":2}', '{"k":1,"\\"":2}']) {
      parseJson(poison);
      expect(Object.keys(Object(parseJson('{"k":1,"\\u00fc":2}')))).toEqual(["k", "ü"]);
      parseJson(poison);
      expect(Object.keys(Object(parseJson('{"k":1,"\\ud83d\\udd11":2}')))).toEqual(["k", "🔑"]);
    }
  });

  it("means what JSON.parse means: escaped and plain, in values and everywhere else", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const escaped = JSON.stringify({ texts }).replace(/[^ -~]/g, unicodeEscape);
        expect(parseJson(escaped)).toEqual({ texts });
      }),
    );
    expect(parseJson('"\\\\u00fc"')).toBe("\\u00fc");
    expect(parseJson('"\\u005cu00fc \\u0022 \\u000a"')).toBe('\\u00fc " \n');
  });

  it("refuses what is no JSON", () => {
    for (const text of ["", "{", '"\\u00g0"', '"\\x41"', "'\\u00fc'"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

function unicodeEscape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}
