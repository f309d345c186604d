import { createLogger, createMetrics } from "@dekhand/runtime";
import { describe, expect, it } from "vitest";
import { createRegionMemory, type RegionMemory, type Turn, type TurnVerdict } from "./region-memory.ts";

const [a, b, c] = ["us-east-1", "eu-west-1", "ap-southeast-2"];
const order = [a, b, c];
const logger = createLogger({ service: "test", level: "silent" });

/** A memory whose pauses are as long as they may be, unless `random` says otherwise. */
function withMemory(random = () => 1) {
  const metrics = createMetrics({ service: "test" });
  let now = 0;
  const memory = createRegionMemory({ metrics, logger, clock: { monotonic: () => now }, random });
  return {
    memory,
    pass: (ms: number) => {
      now += ms;
    },
    metrics,
  };
}

/** One read in which every Region is asked, and says what it is told to say: the order in which they were asked. */
function readAll(memory: RegionMemory, verdicts: Readonly<Record<string, TurnVerdict>> = {}): string[] {
  return Array.from(memory.turns(order), (turn) => {
    turn.end(verdicts[turn.region] ?? "answered");
    return turn.region;
  });
}

/** The first turn of a read that is not over yet. */
function firstTurn(memory: RegionMemory): Turn {
  for (const turn of memory.turns(order)) return turn;
  throw new RangeError("a read has turns");
}

describe("a Region in trouble", () => {
  it("is asked last until its pause is over, and then at its place again", () => {
    const { memory, pass } = withMemory();
    expect(readAll(memory, { [a]: "failed" })).toEqual([a, b, c]);
    expect(readAll(memory)).toEqual([b, c, a]);
    pass(4_999);
    expect(readAll(memory)).toEqual([b, c, a]);
    pass(1);
    expect(readAll(memory)).toEqual([a, b, c]);
    expect(readAll(memory)).toEqual([a, b, c]);
  });

  it("is probed by one read at a time: all others ask it last until that one has ended", () => {
    const { memory, pass } = withMemory();
    readAll(memory, { [a]: "failed" });
    pass(5_000);
    const probe = firstTurn(memory);
    expect(probe.region).toBe(a);
    expect(firstTurn(memory).region).toBe(b);
    expect(readAll(memory)).toEqual([b, c, a]);
    probe.end("answered");
    expect(firstTurn(memory).region).toBe(a);
  });

  it("keeps the probe's place free when the probe tells nothing", () => {
    const { memory, pass } = withMemory();
    readAll(memory, { [a]: "failed" });
    pass(5_000);
    firstTurn(memory).end("nothing");
    expect(firstTurn(memory).region).toBe(a);
  });

  it("has longer pauses with each failed probe, up to a minute", () => {
    const { memory, pass } = withMemory();
    readAll(memory, { [a]: "failed" });
    for (const pauseMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      pass(pauseMs - 1);
      expect(firstTurn(memory).region).toBe(b);
      pass(1);
      const probe = firstTurn(memory);
      expect(probe.region).toBe(a);
      probe.end("failed");
    }
  });

  it("goes on with its pauses when it fails soon after it came back, and begins anew after a quiet minute", () => {
    const { memory, pass } = withMemory();
    readAll(memory, { [a]: "failed" });
    pass(5_000);
    readAll(memory);
    readAll(memory, { [a]: "failed" });
    pass(9_999);
    expect(firstTurn(memory).region).toBe(b);
    pass(1);
    readAll(memory);
    pass(60_000);
    readAll(memory, { [a]: "failed" });
    pass(5_000);
    expect(firstTurn(memory).region).toBe(a);
  });

  it("is brought back by its probe alone: neither by answers to last turns nor by what was asked before the trouble", () => {
    const { memory, pass } = withMemory();
    const before = [firstTurn(memory), firstTurn(memory), firstTurn(memory)];
    before[0]?.end("failed");
    before[1]?.end("answered");
    expect(readAll(memory)).toEqual([b, c, a]);
    expect(readAll(memory)).toEqual([b, c, a]);
    // A late failure of the same outage does not lengthen the pause either.
    pass(4_000);
    before[2]?.end("failed");
    pass(1_000);
    expect(firstTurn(memory).region).toBe(a);
  });

  it("comes before one that failed later, where no Region is without trouble", () => {
    const { memory, pass } = withMemory();
    readAll(memory, { [b]: "failed" });
    pass(1);
    readAll(memory, { [a]: "failed" });
    pass(1);
    readAll(memory, { [c]: "failed" });
    expect(readAll(memory)).toEqual([b, a, c]);
    pass(1);
    expect(readAll(memory, { [b]: "failed" })).toEqual([b, a, c]);
    expect(readAll(memory)).toEqual([a, c, b]);
  });

  it("is told as a metric", async () => {
    const { memory, pass, metrics } = withMemory();
    const said = async () =>
      (await metrics.render()).match(/client_region_bad\{[^}]*region="us-east-1"[^}]*\} (\d)/)?.[1];
    readAll(memory, { [a]: "failed" });
    expect(await said()).toBe("1");
    pass(5_000);
    readAll(memory);
    expect(await said()).toBe("0");
  });
});

describe("a fleet that has left a Region", () => {
  it("comes back spread over the pause, and not together", () => {
    // Each process draws from its own place in [0, 1).
    const fleet = Array.from({ length: 1_000 }, (_, at) => withMemory(() => at / 1_000));
    for (const { memory } of fleet) readAll(memory, { [a]: "failed" });
    let back = 0;
    const perStep: number[] = [];
    for (let ms = 0; ms < 5_000; ms += 500) {
      for (const each of fleet) each.pass(500);
      const now = fleet.filter(({ memory }) => firstTurnThenNothing(memory) === a).length;
      perStep.push(now - back);
      back = now;
    }
    expect(back).toBe(1_000);
    expect(Math.max(...perStep)).toBeLessThanOrEqual(110);
  });

  function firstTurnThenNothing(memory: RegionMemory): string {
    const turn = firstTurn(memory);
    turn.end("nothing");
    return turn.region;
  }
});
