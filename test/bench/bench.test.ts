import { describe, expect, it } from "vitest";
import { type Benchmark, type Report, target } from "./benchmark.ts";
import { interleave, median, medianRatio } from "./interleave.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { renderText } from "./render-text.ts";
import { runBench } from "./run-bench.ts";
import { replaceBetweenMarkers } from "./write-to-docs.ts";

const sample: Benchmark = {
  name: "sample",
  summary: "measures nothing",
  async run() {
    return {
      method: "made up",
      table: {
        columns: [
          { key: "what", title: "what" },
          { key: "micros", title: "time", unit: "us" },
        ],
        rows: [{ what: "one", micros: 12.345 }],
      },
      targets: [target("time", "at most", 10, 12.345)],
    };
  },
};

async function run(...args: string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const written: Report[] = [];
  const code = await runBench(args, {
    benchmarks: [sample],
    writeToDocs: async (report) => {
      written.push(report);
      return "a page";
    },
    stdout: (text) => out.push(text),
    stderr: (text) => errors.push(text),
  });
  return { code, stdout: out.join(""), stderr: errors.join(""), written };
}

describe("the command line of the benchmarks", () => {
  it("prints exactly one JSON document with --json, with what the figures depend on", async () => {
    const { code, stdout, stderr } = await run("sample", "--json", "--quick");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      benchmark: "sample",
      quick: true,
      met: false,
      environment: { node: process.version, commit: expect.any(String), cpu: expect.any(String) },
      table: { rows: [{ what: "one", micros: 12.345 }] },
      targets: [{ name: "time", bound: "at most", limit: 10, measured: 12.345, met: false }],
    });
  });

  it("prints a table and says which target is not met", async () => {
    const { code, stdout } = await run("sample");
    expect(code).toBe(0);
    expect(stdout).toMatch(/time \(us\)\n +one +12\.3\n/);
    expect(stdout).toContain("NOT MET  time: 12.3, at most 10");
  });

  it("writes the docs only when told to", async () => {
    expect((await run("sample")).written).toHaveLength(0);
    expect((await run("sample", "--write")).written).toHaveLength(1);
  });

  it.each([[[]], [["unheard-of"]], [["sample", "another"]], [["sample", "--unheard-of"]]])(
    "answers %j with its usage and exit code 2",
    async (args) => {
      const { code, stdout, stderr } = await run(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("sample      measures nothing");
    },
  );

  it("prints its usage when asked for help", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage:") });
  });
});

describe("interleave", () => {
  it("measures CPU time of every contestant in every round, asynchronous ones too", async () => {
    const spin = (times: number) => {
      for (let at = 0; at < times * 2000; at++) Math.sqrt(at);
    };
    const later = async (times: number) => {
      for (let at = 0; at < times; at++) await Promise.resolve();
    };
    const timings = await interleave(
      new Map([
        ["spin", spin],
        ["later", later],
      ]),
      { rounds: 3, sliceMs: 1, warmUpCalls: 10, warmUpMs: 10 },
    );
    expect(timings("spin")).toHaveLength(3);
    expect(timings("later")).toHaveLength(3);
    expect(median(timings("spin"))).toBeGreaterThan(0);
  });

  it("spares slow contestants two rounds of three, and compares in those that they took part in", async () => {
    const timings = await interleave(
      new Map([
        ["slow", () => {}],
        ["fast", () => {}],
      ]),
      { rounds: 4, sliceMs: 1, warmUpCalls: 1, warmUpMs: 10, seldom: ["slow"] },
    );
    expect(timings("slow").map((value) => Number.isNaN(value))).toEqual([false, true, true, false]);
    expect(timings("fast").some((value) => Number.isNaN(value))).toBe(false);
    expect(medianRatio([4, Number.NaN, Number.NaN, 8], [1, 1, 1, 2])).toBe(4);
  });

  it("compares within a round, so that a drift of the machine cancels out", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(medianRatio([2, 20, 200], [1, 10, 100])).toBe(2);
  });
});

describe("the page of results", () => {
  it("keeps everything outside the benchmark's own markers", () => {
    const page = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n";
    expect(replaceBetweenMarkers(page, "x", "new")).toBe("a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n");
    expect(() => replaceBetweenMarkers(page, "y", "new")).toThrow("has no");
  });

  it("states limit, figure and verdict of each target", async () => {
    const [report] = (await run("sample", "--write")).written;
    if (report === undefined) throw new Error("nothing was written");
    expect(renderMarkdown(report)).toContain("| time | at most 10 | 12.3 | **no** |");
  });

  it("shows further tables below the first, each under its title", async () => {
    const [report] = (await run("sample", "--write")).written;
    if (report === undefined) throw new Error("nothing was written");
    const further = { title: "Calls:", columns: [{ key: "calls", title: "calls" }], rows: [{ calls: 7 }] };
    const both = { ...report, furtherTables: [further] };
    expect(renderMarkdown(both)).toContain("| one | 12.3 |\n\nCalls:\n\n| calls |\n| --- |\n| 7 |\n\n| target |");
    expect(renderText(both)).toContain("\n\nCalls:\ncalls\n    7\n\nTargets:\n");
  });
});
