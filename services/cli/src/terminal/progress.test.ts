import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { startProgress } from "./progress.ts";

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describe.each([true, false])("progress on a stream that is a terminal: %s", (isTTY) => {
  const openStream = () =>
    Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, cursorTo() {}, clearLine() {} });

  it("says stopped when the work failed, and leaves no timer that keeps the process alive", () => {
    const stream = openStream();
    const before = timers();
    expect(() => {
      using progress = startProgress({ label: "reading", total: 3, stream });
      progress.advance();
      throw new Error("interrupted");
    }).toThrow("interrupted");
    expect(timers()).toBe(before);
    const shown = String(stream.read());
    expect(shown).toContain("stopped");
    expect(shown).not.toContain("finished");
  });

  it("does not say stopped when the work is done", () => {
    const stream = openStream();
    {
      using progress = startProgress({ label: "reading", total: 1, stream });
      progress.advance();
      progress.finish();
    }
    expect(String(stream.read())).not.toContain("stopped");
  });
});
