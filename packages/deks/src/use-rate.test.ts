import { createManualClock } from "@dekhand/testing";
import { expect, it } from "vitest";
import { createUseRate } from "./use-rate.ts";

it("tells how many records come during a birth, within half a birth of a new rate", async () => {
  const clock = createManualClock();
  const rate = createUseRate(clock);
  rate.learnBirth(40);
  for (let ms = 0; ms < 20; ms += 1) {
    rate.count();
    rate.count();
    await clock.advance(1);
  }
  rate.count();
  expect(rate.perBirth).toBe(80);
});

it("takes many records at once for no rate", async () => {
  const clock = createManualClock();
  const rate = createUseRate(clock);
  rate.learnBirth(40);
  for (let record = 0; record < 500; record += 1) rate.count();
  expect(rate.perBirth).toBe(0);
  await clock.advance(20);
  rate.count();
  expect(rate.perBirth).toBe(0);
});

it("remembers a slow birth for a while, and forgets it", () => {
  const rate = createUseRate(createManualClock());
  const births = [800, 30, 30, 30, 30, 30].map((ms) => {
    rate.learnBirth(ms);
    return rate.birthMs;
  });
  expect(births).toEqual([800, 400, 200, 100, 50, 30]);
});
