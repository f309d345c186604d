import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { JOBS_ERROR_CODES, JOBS_REASON_CODES } from "./errors.ts";

/** The codes in the first column of a page's tables. */
function codesIn(page: string): string[] {
  const text = readFileSync(new URL(page, import.meta.url), "utf8");
  return [...text.matchAll(/^\| `(JOBS_[A-Z0-9_]+)` \|/gm)].map(([, code = ""]) => code);
}

it("every reason for a rejection is documented, and no other", () => {
  expect(codesIn("../../../docs/job-contracts.md").toSorted()).toEqual(JOBS_REASON_CODES.toSorted());
});

it("every other error code is documented in the README, and no other", () => {
  const reasons = new Set<string>(JOBS_REASON_CODES);
  const others = JOBS_ERROR_CODES.filter((code) => !reasons.has(code));
  expect(codesIn("../README.md").toSorted()).toEqual(others.toSorted());
});

it("no code is listed twice", () => {
  expect(new Set(JOBS_ERROR_CODES).size).toBe(JOBS_ERROR_CODES.length);
});
