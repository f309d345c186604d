import { expect, it } from "vitest";
import { guardStatement } from "./guard-statement.ts";

const dayMs = 86_400_000;
const daysOf = (soakMs: number) => guardStatement(soakMs).Condition.NumericLessThan["kms:TrailingDaysWithoutKeyUsage"];

it("a guard never asks for more unused days than the soak has, which KMS counts rounded down, and for one at least", () => {
  expect([36 * dayMs, 36.9 * dayMs, dayMs, 1_000, 0].map(daysOf)).toEqual(["36", "36", "1", "1", "1"]);
});
