/** In the end every Region has every record, the right one of it, and needs no other Region to open it. */

import { eventually } from "@dekhand/testing";
import { expect } from "vitest";
import { type Job, winnerOf } from "./job-book.ts";
import { openAll } from "./open-all.ts";
import { queueCounts } from "./queue-counts.ts";
import { recordsIn, type SeenRecords } from "./records-in.ts";
import type { Rival } from "./rivals.ts";
import { runProcess } from "./run-process.ts";
import { home, regions, related, type Scene } from "./scene.ts";

/** Until the queues are empty, and no Region owes another one anything. */
export async function untilQuiet({ stack }: Scene): Promise<void> {
  await eventually(
    async () => {
      for (const region of [home, related])
        expect(await queueCounts(stack, region)).toEqual({ left: 0, deadLetters: 0 });
      for (const owing of regions) {
        for (const owed of regions) {
          expect((await stack.storesOf(owing).state.debtStatus(owed)).items, `${owing} to ${owed}`).toBe(0);
        }
      }
    },
    { timeoutMs: 150_000, intervalMs: 250 },
  );
}

/**
 * That replica Regions have all that the home has. Of DEKs that no record lies under nobody knew that they were to be copied:
 * an encryptor has made them in advance, and was killed. A first pass finds them, and then they come.
 */
export async function requireCovered(scene: Scene): Promise<void> {
  const { heads } = await recordsIn(scene.stack, home);
  const used = new Set([...heads.values()].map(({ dekId }) => dekId));
  const first = await reconcile(scene);
  expect(first.flatMap(({ findings }) => findings).filter(({ dekId = "" }) => dekId === "" || used.has(dekId))).toEqual(
    [],
  );
  for (const { region, coverage } of first) {
    for (const { records, recordsArrived } of coverage) expect(recordsArrived, region).toEqual(records);
  }
  const isMending = first.some(({ findings }) => findings.length > 0);
  if (isMending) await untilQuiet(scene);
  for (const { region, coverage, findings } of isMending ? await reconcile(scene) : first) {
    expect(findings, region).toEqual([]);
    expect(coverage).toHaveLength(2);
    for (const { records, recordsArrived, deks, deksArrived } of coverage) {
      expect(records).toBeGreaterThan(0);
      expect([recordsArrived, deksArrived], region).toEqual([records, deks]);
    }
  }
}

interface Pass {
  readonly region: string;
  readonly coverage: readonly Readonly<Record<"records" | "recordsArrived" | "deks" | "deksArrived", number>>[];
  readonly findings: readonly { readonly dekId?: string; readonly recordId?: string }[];
}

async function reconcile({ stack }: Scene): Promise<readonly Pass[]> {
  const command = ["replicas", "reconcile", "--json", "--pages-per-second", "200"];
  const { stdout, stderr, exitCode } = await runProcess(stack.env, ...command);
  expect(exitCode, stderr).toBe(0);
  const passes: readonly { summary: Pass & { home: string }; findings: Pass["findings"] }[] = JSON.parse(stdout);
  expect(passes).toHaveLength(2);
  return passes.map(({ summary: { home: from, region, coverage }, findings }) => {
    expect(from).toBe(home);
    return { region, coverage: Object.values(coverage), findings };
  });
}

/** The jobs whose records are to be there: one of each record. */
export function winners({ book, producer }: Scene): readonly Job[] {
  const epochOf = ({ id }: Job) => (producer.taken.get(id)?.regions.has(related) ? 2 : 1);
  return [...book.byRecord().values()].map((jobs) => winnerOf(jobs, epochOf));
}

/** That each Region has the same records, and opens them with all others cut off. */
export async function requireSame({ stack }: Scene, jobs: readonly Job[]): Promise<void> {
  const [expected, ...others] = await Promise.all(regions.map((region) => recordsIn(stack, region)));
  if (!expected) throw new Error("the home is a Region");
  const held = new Map([...expected.heads].map(([recordId, { jobId }]) => [recordId, jobId]));
  const wrong = jobs.filter(({ recordId, id }) => held.get(recordId) !== id);
  expect(wrong.slice(0, 3).map(({ recordId, id }) => `${recordId} by ${held.get(recordId)}, not ${id}`)).toEqual([]);
  expect(held.size).toBe(jobs.length);
  for (const { heads } of others) {
    const differing = [...heads.values()].filter((head) => head.sealId !== expected.heads.get(head.recordId)?.sealId);
    expect(differing.slice(0, 3)).toEqual([]);
    expect(heads).toEqual(expected.heads);
  }
  const { control } = stack.aws;
  for (const region of regions) {
    for (const other of regions) control.cutOff(other, other !== region);
    expect((await openAll(stack, region, jobs)).slice(0, 3)).toEqual([]);
  }
  control.clearFaults();
}

/** That what lost is listed, and kept where it was written. Answers with how many are. */
export async function requireLosers({ stack, book }: Scene, rivals: readonly Rival[]): Promise<number> {
  const { stdout, exitCode } = await stack.dekhand("failback", "--list-losers", "--json");
  expect(exitCode).toBe(0);
  const listed: readonly { recordId: string; region: string; sealId: string }[] = JSON.parse(stdout);
  const kept = new Map<string, SeenRecords["lost"]>();
  for (const region of regions) kept.set(region, (await recordsIn(stack, region)).lost);
  const jobs = listed.map(({ recordId, region, sealId }) => {
    const lost = kept.get(region)?.get(sealId);
    expect(lost?.recordId, `what ${region} keeps of ${recordId}`).toBe(recordId);
    return book.get(lost?.jobId ?? "");
  });
  const ids = jobs.map(({ id }) => id);
  const losers = rivals.map(({ loser }) => loser.id);
  expect(ids).toEqual(expect.arrayContaining(losers));
  // A lower revision that the later home has replaced may be listed although it was known there.
  const others = jobs.filter(({ id, recordId }) => !losers.includes(id) && !recordId.startsWith("renewed-"));
  expect(others).toEqual([]);
  return new Set(ids).size;
}
