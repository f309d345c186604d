import { createManualClock } from "@dekhand/testing";
import { expect, it } from "vitest";
import { createPacer } from "./pacer.ts";

it("a pace holds back by what was spent, and saves up nothing while nobody works", async () => {
  const clock = createManualClock();
  const pacer = createPacer(10, clock);
  const isFree = async () => {
    const stop = new AbortController();
    const turn = pacer.turn(stop.signal).then(
      () => true,
      () => false,
    );
    await Promise.resolve();
    stop.abort();
    return turn;
  };
  await clock.advance(60_000);
  expect(await isFree()).toBe(true);
  pacer.spend(1);
  pacer.spend(0.5);
  await clock.advance(149);
  expect(await isFree()).toBe(false);
  await clock.advance(1);
  expect(await isFree()).toBe(true);
  pacer.spend(0);
  expect(await isFree()).toBe(true);
});
