import { expect, it } from "vitest";
import { formatDuration } from "./format-duration.ts";

it.each([
  [0, "under 1 s"],
  [0.99, "under 1 s"],
  [1, "1 s"],
  [41.2, "42 s"],
  [59.5, "1 min"],
  [60, "1 min"],
  [90, "1 min 30 s"],
  [3_599.5, "1 h"],
  [7_500, "2 h 5 min"],
  [7_501, "2 h 6 min"],
  [86_399, "1 d"],
  [200_000, "2 d 8 h"],
])("%d s is shown by its two largest units, and never too short: %s", (seconds, shown) => {
  expect(formatDuration(seconds)).toBe(shown);
});
