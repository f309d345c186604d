import { describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";
import { rateLimited } from "./rate-limited-logger.ts";

describe("a rate-limited logger", () => {
  it("writes one line a window for each key and says how many it left out", () => {
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger({ service: "sample", destination: { write: (line) => lines.push(JSON.parse(line)) } });
    let now = 0;
    const limited = rateLimited(logger, { everyMs: 1_000, clock: { now: () => 0, monotonic: () => now } });
    for (; now < 4_000; now += 1) limited.log("error", "redis", { err: new Error("canary") }, "no connection");
    limited.log("warn", "kms", {}, "other key");
    now += 100_000;
    limited.log("error", "redis", {}, "no connection");
    expect(lines.map(({ msg, level, suppressed }) => [level, msg, suppressed])).toEqual([
      ["error", "no connection", undefined],
      ["error", "no connection", 999],
      ["error", "no connection", 999],
      ["error", "no connection", 999],
      ["warn", "other key", undefined],
      ["error", "no connection", 999],
    ]);
    expect(JSON.stringify(lines)).not.toContain("canary");
  });
});
