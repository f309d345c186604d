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

  it("says how far it came of an input whose number of items is not known", () => {
    const stream = openStream();
    {
      using progress = startProgress({ label: "submitting", totalBytes: 200, stream });
      progress.advance(3, 100);
    }
    const shown = String(stream.read());
    expect(shown).toMatch(isTTY ? /50% 3 [\s\S]*stopped at 3$/m : /^submitting: 3, stopped$/m);
  });

  it("counts where nothing is known of the input", () => {
    const stream = openStream();
    {
      using progress = startProgress({ label: "submitting", stream });
      progress.advance(3);
      progress.finish();
    }
    const shown = String(stream.read());
    expect(shown).toMatch(/submitting:? +3/);
    expect(shown).not.toContain("%");
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
