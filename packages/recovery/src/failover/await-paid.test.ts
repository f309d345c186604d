import type { DebtStatus, DebtStatusOptions } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { awaitPaid } from "./await-paid.ts";

const region = "eu-west-1";
const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 10, 0, second)).toISOString();
const began = at(0);

/** Debt of which each look finds what `owedAt` says, by the times of its items; ten seconds pass between two looks. */
function owing(owedAt: (look: number) => readonly string[]) {
  let [looks, time] = [0, 0];
  const clock = { now: () => time, monotonic: () => time };
  const onStatus = () => {
    time += 10_000;
  };
  const state = {
    async debtStatus(of: string, { until = "9999" }: DebtStatusOptions = {}): Promise<DebtStatus> {
      looks += 1;
      const items = owedAt(looks).filter((time) => time <= until);
      const [oldestAt] = items.toSorted();
      const counts = { items: items.length, records: items.length, deks: 0, malformed: 0, atLeast: false };
      return { region: of, asOf: at(looks), ...counts, ...(oldestAt === undefined ? {} : { oldestAt }) };
    },
  };
  const wait = () =>
    awaitPaid(state, region, { olderThan: began, patienceMs: 60_000, clock, lookEveryMs: 0, onStatus });
  return { wait, looks: () => looks };
}

describe("waiting for debt", () => {
  it("ends where one item cannot be paid, and says what is left, however much is taken in and paid meanwhile", async () => {
    const debt = owing((look) => [at(-60), ...Array.from({ length: look % 7 }, () => at(look))]);
    expect(await debt.wait()).toMatchObject({ items: 1, oldestAt: at(-60) });
    expect(debt.looks()).toBeLessThan(10);
  });

  it("goes on as long as anything is paid, though the oldest item stays and a long time goes by", async () => {
    const debt = owing((look) => (look > 200 ? [] : [at(-60), ...Array.from({ length: 201 - look }, () => at(-30))]));
    expect(await debt.wait()).toBeUndefined();
    expect(debt.looks()).toBe(201);
  });

  it("does not wait for what is younger than the wait", async () => {
    expect(await owing(() => [at(1)]).wait()).toBeUndefined();
  });
});
