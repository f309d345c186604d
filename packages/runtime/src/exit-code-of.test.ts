import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { ConfigError } from "./errors.ts";
import { exitCodeOf } from "./exit-code-of.ts";

function collect() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, written) {
      chunks.push(chunk.toString());
      written();
    },
  });
  return { stream, text: () => chunks.join("") };
}

describe("exitCodeOf", () => {
  it("is what main resolves with", async () => {
    expect(await exitCodeOf(async () => 7, collect().stream)).toBe(7);
  });

  it("is 2 for settings that cannot be used, with every fault on stderr and no stack", async () => {
    const { stream, text } = collect();
    const broken = async () => {
      throw new ConfigError("dekhand.yaml", [{ path: "prefix", expected: "a name" }]);
    };
    expect(await exitCodeOf(broken, stream)).toBe(2);
    expect(text()).toContain("prefix: expected a name");
    expect(text()).not.toContain("    at ");
  });

  it("never repeats the message of a foreign error", async () => {
    const { stream, text } = collect();
    const broken = async () => {
      throw new Error("secret text");
    };
    expect(await exitCodeOf(broken, stream)).toBe(1);
    expect(text()).not.toContain("secret");
  });
});
