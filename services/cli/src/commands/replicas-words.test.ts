import { describe, expect, it } from "vitest";
import { describeDrill, describeMs, percentOf } from "./replicas-words.ts";

const hourMs = 3_600_000;

describe("what replicas status says", () => {
  it.each([
    [0, "just now"],
    [5 * 60_000, "5 min ago"],
    [23 * hourMs, "23 h ago"],
    [30 * hourMs, "yesterday"],
    [75 * hourMs, "3 days ago"],
  ])("of a drill %i ms ago is when it was, and what it opened", (ago, when) => {
    const now = Date.parse("2026-11-25T12:00:00.000Z");
    const endedAt = new Date(now - ago).toISOString();
    const drill = { id: "id", region: "eu-west-1", startedAt: endedAt, endedAt, failures: [], actor: "ada" };
    const counts = { asked: 10_001, opened: 10_000, failed: 1, sample: 10_001 };
    expect(describeDrill({ ...drill, ...counts }, now)).toBe(`${when}, 10,000 opened, 1 failed`);
    expect(describeDrill(undefined, now)).toBe("never");
  });

  it("never rounds up to all of it", () => {
    expect(percentOf(999_999, 1_000_000)).toBe("99.99 %");
    expect(percentOf(1_000_000, 1_000_000)).toBe("100 %");
    expect(percentOf(0, 0)).toBe("100 %");
    expect(percentOf(1, 3)).toBe("33.33 %");
  });

  it("of a lag below a second is none", () => {
    expect(describeMs(999)).toBe("0 s");
    expect(describeMs(90_000)).toBe("1 min 30 s");
  });
});
