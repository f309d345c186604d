import { describe, expect, it } from "vitest";
import { problemsOf } from "../testing/problems-of.ts";
import { parseEnvironment, variable } from "./environment.ts";
import { fields } from "./fields.ts";

describe("parseEnvironment", () => {
  it("has a default for whatever may be missing, and takes empty for missing", () => {
    const defaults = {
      configFile: "dekhand.yaml",
      logLevel: "info",
      opsHost: "127.0.0.1",
      opsPort: 9_464,
      drainMs: 25_000,
      concurrency: 256,
    };
    expect(parseEnvironment({})).toEqual(defaults);
    expect(parseEnvironment({ DEKHAND_CONFIG: "", DEKHAND_OPS_PORT: "", PATH: "/bin" })).toEqual(defaults);
  });

  it("reports every problem at once, by the variable's name and without its value", () => {
    const env = {
      DEKHAND_REDIS_URL: "http://:canary@host",
      DEKHAND_LOG_LEVEL: "loud",
      DEKHAND_OPS_PORT: "-1",
      DEKHAND_DRAIN_MS: "5s",
    };
    const problems = problemsOf(() => parseEnvironment(env));
    expect(problems).toEqual([
      "DEKHAND_REDIS_URL: a URL that starts with redis:// or rediss://",
      "DEKHAND_LOG_LEVEL: one of fatal, error, warn, info, debug, trace, silent",
      "DEKHAND_OPS_PORT: a whole number from 0 to 65535",
      "DEKHAND_DRAIN_MS: a whole number from 0 to 3600000",
    ]);
  });

  it("knows a service's own variables, which may replace the defaults of the common ones", () => {
    const own = {
      pollers: variable("DEKHAND_POLLERS", fields.wholeNumber({ min: 1, max: 64 }), "SQS pollers"),
      opsPort: variable("DEKHAND_OPS_PORT", fields.wholeNumber({ min: 0, max: 65_535 }).default(0), "port"),
    };
    const { pollers, opsPort, redisUrl } = parseEnvironment(
      { DEKHAND_POLLERS: "4", DEKHAND_REDIS_URL: "redis://u:p@localhost:1/2" },
      own,
    );
    expect({ pollers, opsPort, redisUrl }).toEqual({ pollers: 4, opsPort: 0, redisUrl: "redis://u:p@localhost:1/2" });
    expect(problemsOf(() => parseEnvironment({}, own))).toEqual([
      "DEKHAND_POLLERS: missing, a whole number from 1 to 64",
    ]);
  });
});
