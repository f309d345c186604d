import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { problemsOf } from "../testing/problems-of.ts";
import { fields } from "./fields.ts";
import { parseConfig } from "./parse-config.ts";

const schema = z.strictObject({
  name: z.string(),
  port: fields.wholeNumber({ min: 1, max: 65_535 }),
  wait: fields.duration({ min: 0, max: 60_000 }).default(1_000),
  kind: fields.choice(["a", "b"]).optional(),
  nested: z
    .strictObject({ list: z.array(fields.size({ min: 1, max: 100 })), on: fields.flag().default(false) })
    .optional(),
});

function problems(input: unknown): readonly string[] {
  return problemsOf(() => parseConfig(schema, input, { source: "test" }));
}

describe("parseConfig", () => {
  it("reports every problem at once, each with its path and what was expected", () => {
    const input = {
      name: 5,
      port: "70000",
      wait: "5",
      kind: "c",
      nested: { list: [1, "x", 101], on: "maybe", more: 1 },
      other: {},
    };
    expect(problems(input)).toEqual([
      "name: text",
      "port: a whole number from 1 to 65535",
      "wait: a duration with its unit, such as 250ms, 30s or 5m, from 0 to 60000 ms",
      "kind: one of a, b",
      "nested.list[1]: a size such as 1000000, 64KiB or 256MiB, from 1 to 100 bytes",
      "nested.list[2]: a size such as 1000000, 64KiB or 256MiB, from 1 to 100 bytes",
      "nested.on: true or false",
      "nested.more: nothing here: there is no such setting in this version",
      "other: nothing here: there is no such setting in this version",
    ]);
  });

  it("takes an empty string and a null for missing, at every depth", () => {
    expect(problems({ name: "", port: null })).toEqual([
      "name: missing, text",
      "port: missing, a whole number from 1 to 65535",
    ]);
    expect(problems({ name: "n", port: 1, nested: { list: [""] } })).toHaveLength(1);
    expect(
      parseConfig(schema, { name: "n", port: "1", wait: "", kind: null, nested: null }, { source: "test" }),
    ).toEqual({
      name: "n",
      port: 1,
      wait: 1_000,
    });
  });

  it("says so when the whole document is of the wrong kind", () => {
    for (const input of [undefined, null, "", "text", 5, []])
      expect(problems(input)[0]).toMatch(/^\(whole document\): /);
  });

  it("never repeats a value that it found", () => {
    const secret = "canary-4711";
    const input = { name: [secret], port: secret, wait: secret, kind: secret, nested: { list: [secret], on: secret } };
    expect(JSON.stringify(problems(input))).not.toContain(secret);
    expect(() => parseConfig(schema, input, { source: "test" })).toThrow(expect.not.stringContaining(secret));
  });

  it("refuses a key that would reach for a prototype", () => {
    const record = z.strictObject({ map: z.record(z.string(), z.string()) });
    const input = JSON.parse('{"map":{"__proto__":"x"}}');
    expect(problemsOf(() => parseConfig(record, input, { source: "test" }))).toEqual([
      "map.__proto__: nothing here: there is no such setting in this version",
    ]);
  });

  it("gives a result that cannot be changed, and leaves its input alone", () => {
    const input = { name: "n", port: 1, nested: { list: ["1KiB"] } };
    expect(() => parseConfig(schema, input, { source: "test" })).toThrow(ConfigError);
    const parsed = parseConfig(schema, { ...input, nested: { list: [5] } }, { source: "test" });
    expect(() => Object.assign(parsed, { name: "other" })).toThrow(TypeError);
    expect(() => Object.assign(parsed.nested?.list ?? [], { 0: 6 })).toThrow(TypeError);
    expect(Object.isFrozen(input.nested.list)).toBe(false);
  });

  it("names source and problems in the message, one a line", () => {
    expect(() => parseConfig(schema, { port: 1 }, { source: "dekhand.yaml" })).toThrow(
      "dekhand.yaml: 1 problem\n  name: missing, expected text",
    );
  });
});
