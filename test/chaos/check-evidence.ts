import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "@dekhand/testing";
import { expect } from "vitest";
import type { Stack } from "../stack/start-stack.ts";

export interface CensusCount {
  readonly store: string;
  readonly whole: boolean;
  readonly groups: readonly { readonly swapped: boolean; readonly count: number }[];
}

export interface ClosingCount extends CensusCount {
  readonly sweep: number;
  readonly judged: Readonly<Record<string, number>>;
}

/** What the census before and the last one of the end say of a store, in evidence that passes its own check. */
export async function checkedCensus(
  stack: Stack,
  id: string,
  store: string,
): Promise<{ readonly before: readonly CensusCount[]; readonly closing: readonly ClosingCount[] }> {
  await using folder = await tempDir("evidence");
  const file = join(folder.path, "evidence.json");
  expect(await stack.dekhand("campaign", "evidence", id, "--out", file)).toMatchObject({ exitCode: 0 });
  expect(await stack.dekhand("campaign", "evidence", "--check", file)).toMatchObject({ exitCode: 0 });
  const { census, failures, campaign } = JSON.parse(await readFile(file, "utf8"));
  expect(campaign.status).toBe("complete");
  expect(failures.counts).toMatchObject({ open: 0, skipped: 0, unreadable: 0 });
  const ofStore = <T extends CensusCount>(counts: readonly T[]) => counts.filter((count) => count.store === store);
  const closing: readonly ClosingCount[] = ofStore(census.closing);
  const last = Math.max(...closing.map(({ sweep }) => sweep));
  return { before: ofStore(census.before), closing: closing.filter(({ sweep }) => sweep === last) };
}
