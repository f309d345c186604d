import { describe, expect, it } from "vitest";
import { KMS_FAILURE_CLASSES } from "./errors.ts";
import { createRetryBudget } from "./retry-budget.ts";

describe("a retry budget", () => {
  it("charges 5 for a retry after throttling or a limit, 14 after a transient failure, and sells no other", () => {
    const costs = KMS_FAILURE_CLASSES.map((failureClass) => [failureClass, createRetryBudget().spend(failureClass)]);
    expect(Object.fromEntries(costs)).toEqual({
      throttled: 5,
      limit: 5,
      transient: 14,
      "key-unusable": 0,
      denied: 0,
      poison: 0,
      "circuit-open": 0,
      cancelled: 0,
    });
  });

  it("takes nothing for a retry that it cannot pay in full", () => {
    const budget = createRetryBudget();
    for (let retry = 0; retry < 35; retry += 1) expect(budget.spend("transient")).toBe(14);
    expect(budget.left()).toBe(10);
    expect(budget.spend("transient")).toBe(0);
    expect(budget.left()).toBe(10);
    expect(budget.spend("throttled")).toBe(5);
    expect(budget.spend("throttled")).toBe(5);
    expect(budget.spend("throttled")).toBe(0);
    expect(budget.left()).toBe(0);
  });

  it("gets back what a successful retry took, and one token for a success without a retry", () => {
    const budget = createRetryBudget();
    budget.spend("transient");
    budget.spend("throttled");
    budget.reward(14);
    expect(budget.left()).toBe(495);
    budget.reward(0);
    expect(budget.left()).toBe(496);
  });

  it("never holds more than 500", () => {
    const budget = createRetryBudget();
    budget.reward(0);
    budget.giveBack(14);
    expect(budget.left()).toBe(500);
  });
});
