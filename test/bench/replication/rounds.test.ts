import { describe, expect, it } from "vitest";
import { kmsCalls } from "./count-kms-calls.ts";
import { cpuRatio, figuresOf, type Round, timeRatio } from "./rounds.ts";
import type { TurnResult } from "./settings.ts";

const round = (alone: TurnResult, copied: TurnResult): Round => ({
  records: 100,
  turns: new Map([
    ["alone", alone],
    ["copied", copied],
  ]),
  batches: 1,
  deksNamed: 1,
});

describe("the figures of a contestant", () => {
  const rounds = [
    round({ seconds: 1, cpuMicros: 10_000 }, { seconds: 2, cpuMicros: 30_000 }),
    round({ seconds: 3, cpuMicros: 40_000 }, { seconds: 3, cpuMicros: 40_000 }),
    round({ seconds: 1, cpuMicros: 10_000 }, { seconds: 2, cpuMicros: 20_000 }),
  ];

  it("take all rounds together for the rate, and each by itself for the CPU", () => {
    expect(figuresOf(rounds, "alone")).toMatchObject({
      records: 300,
      perSecond: 60,
      cpuMicrosPerRecord: [100, 400, 100],
    });
  });

  it("are compared within a round, so that a drift of the machine cancels out", () => {
    expect(cpuRatio(rounds, "copied", "alone")).toBe(2);
    expect(timeRatio(rounds, "copied", "alone")).toBe(2);
  });

  it("are refused where it took no turn", () => {
    expect(() => figuresOf(rounds, "bridge")).toThrow("bridge took no turn");
  });
});

describe("calls to KMS", () => {
  it("are told apart: those that use a key, and those that ask what it is", () => {
    const calls = (count: number) => ({ calls: count, errors: {} });
    const kms = { GenerateDataKey: calls(3), Encrypt: calls(2), DescribeKey: calls(7) };
    expect(kmsCalls({ kms, sqs: {}, dynamodb: {} })).toEqual({ cryptographic: 5, births: 3, lookUps: 7 });
    expect(kmsCalls(undefined)).toEqual({ cryptographic: 0, births: 0, lookUps: 0 });
  });
});
