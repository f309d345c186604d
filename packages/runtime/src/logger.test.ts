import { DekhandError } from "@dekhand/errors";
import { describe, expect, it } from "vitest";
import { createLogger, type Logger } from "./logger.ts";

class SampleError extends DekhandError<"SAMPLE_FAILED"> {}

function foreignError(): Error {
  const error = Object.assign(new SyntaxError("quotes canary-4711"), { code: "E_SAMPLE", input: "canary-4711" });
  error.cause = new Error("canary-4711");
  return error;
}

function logged(write: (logger: Logger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLogger({
    service: "sample",
    workerId: "w1",
    level: "trace",
    destination: { write: (line) => lines.push(line) },
  });
  write(logger);
  return lines.map((line) => JSON.parse(line));
}

describe("a log line", () => {
  it("is one JSON object with level, time, service, worker and message", () => {
    const [line] = logged((logger) => logger.info({ region: "eu-west-1", count: 2 }, "hello"));
    expect(line).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      service: "sample",
      workerId: "w1",
      region: "eu-west-1",
      count: 2,
      msg: "hello",
    });
  });

  it("never repeats the message of a foreign error, whichever way the error is handed in", () => {
    const error = foreignError();
    const lines = logged((logger) => {
      logger.error(error);
      logger.error(error, "with text");
      logger.error({ err: error });
      logger.error({ err: error }, "with text");
      logger.error({ error, deep: { list: [error] } }, "elsewhere");
      logger.error("text %s", error);
      logger.error({}, "text %o and %j", error, error);
      logger.child({ err: error, reason: error }).error("bound");
      logger.error({ err: "canary-4711" });
    });
    expect(lines).toHaveLength(9);
    expect(JSON.stringify(lines)).not.toContain("canary");
    expect(lines[0]).toMatchObject({
      err: { name: "SyntaxError", code: "E_SAMPLE", cause: { name: "Error" } },
      msg: "E_SAMPLE",
    });
    expect(lines[1]).toMatchObject({ err: { code: "E_SAMPLE" }, msg: "with text" });
    expect(lines[3]).toMatchObject({ err: { code: "E_SAMPLE" }, msg: "with text" });
    expect(lines[4]).toMatchObject({ error: { code: "E_SAMPLE" }, deep: { list: [{ code: "E_SAMPLE" }] } });
    expect(lines[7]).toMatchObject({ err: { code: "E_SAMPLE" }, reason: { code: "E_SAMPLE" } });
  });

  it("tells message, code and context of Dekhand's own errors", () => {
    const error = new SampleError("SAMPLE_FAILED", "no room", { context: { slots: 2 }, cause: foreignError() });
    const [line] = logged((logger) => logger.warn({ err: error }));
    expect(line).toMatchObject({
      msg: "no room",
      err: {
        name: "SampleError",
        code: "SAMPLE_FAILED",
        message: "no room",
        context: { slots: 2 },
        cause: { code: "E_SAMPLE" },
      },
    });
  });

  it("has the length of bytes instead of the bytes", () => {
    const secret = Buffer.from("canary-4711");
    const [line] = logged((logger) =>
      logger.info({ key: secret, list: [new Uint8Array(secret)], raw: new ArrayBuffer(3) }, "keys"),
    );
    expect(line).toMatchObject({ key: "[11 bytes]", list: ["[11 bytes]"], raw: "[3 bytes]" });
    expect(JSON.stringify(line)).not.toContain(secret.toJSON().data.slice(0, 4).join());
  });

  it("ends on a circle", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(logged((logger) => logger.info({ circle }, "round"))).toHaveLength(1);
  });

  it("is not written below the level", () => {
    const lines: string[] = [];
    const logger = createLogger({
      service: "sample",
      level: "warn",
      destination: { write: (line) => lines.push(line) },
    });
    logger.info("quiet");
    logger.warn("loud");
    expect(lines).toHaveLength(1);
  });
});
