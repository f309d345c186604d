/** Kills rewrappers while campaigns run, and carries out a schedule beside that, until the campaigns are over. */

import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@dekhand/testing";
import type { Redis } from "ioredis";
import { region, type Stack } from "../stack/start-stack.ts";
import type { Crew, Member } from "./crew.ts";
import { createFaults } from "./faults.ts";
import type { Incident } from "./schedule.ts";
import type { WorkWatch } from "./watch-work.ts";

export interface ChaosDeps {
  readonly stack: Stack;
  readonly redis: Pick<Redis, "flushall">;
  readonly rewrappers: Crew;
  readonly control: Crew;
  readonly work: WorkWatch;
  readonly random: () => number;
  /** How many wraps the campaigns are to rewrap. */
  readonly wraps: number;
  /**
   * The part of them that is re-encrypted between two kills at least, unless KMS is cut off. On a machine that is busy,
   * every start takes longer than the time between two kills, and there would be nobody to work otherwise.
   */
  readonly workBetweenKills: number;
}

export interface ChaosReport {
  /** Rewrappers killed in that phase of a campaign, while segments were open. */
  readonly kills: { readonly running: number; readonly verifying: number };
  /** Kills of a rewrapper that had segments in hand. */
  readonly killsAtWork: number;
  /** Segments that somebody took from a frozen rewrapper, which went on with them then. */
  readonly takenWhileFrozen: number;
  /** In the order of their beginning. */
  readonly incidents: readonly Incident[];
}

/** Between two kills, in milliseconds. */
const killEveryMs = { least: 700, most: 1_300 };
/** Verification is short, and whoever starts takes the CPU that it needs. */
const killsInVerification = 3;

export async function raiseChaos(schedule: readonly Incident[], deps: ChaosDeps): Promise<ChaosReport> {
  const { stack, redis, rewrappers, control, work, random } = deps;
  const { over } = work;
  const faults = createFaults(stack.aws.control, region);
  const kills = { running: 0, verifying: 0 };
  const incidents: Incident[] = [];
  const frozen = new Set<Member>();
  let killsAtWork = 0;
  let takenWhileFrozen = 0;

  const heldBy = ({ name }: Member) => work.open().filter(({ owner }) => owner?.startsWith(`${name}/`));
  const pick = (crew: Crew): Member | undefined => {
    const members = crew.up().filter((member) => !frozen.has(member));
    return members[Math.floor(random() * members.length)];
  };
  const kill = async (status: keyof typeof kills) => {
    const member = pick(rewrappers);
    if (!member) return;
    kills[status] += 1;
    if (heldBy(member).length > 0) killsAtWork += 1;
    await rewrappers.kill(member);
  };

  const keepKilling = async () => {
    let before = 0;
    while (!over.aborted) {
      await pause(killEveryMs.least + random() * (killEveryMs.most - killEveryMs.least), over);
      if (work.open().length === 0) continue;
      const now = reEncrypted(stack);
      const isDue = now - before >= deps.workBetweenKills * deps.wraps || faults.isCutOff();
      if (work.isAny("running") && isDue) {
        before = now;
        await kill("running");
      } else if (work.isAny("verifying") && !work.isAny("running") && kills.verifying < killsInVerification) {
        await kill("verifying");
      }
    }
  };

  const freeze = async (ms: number) => {
    const wait = { timeoutMs: 60_000, signal: over };
    const member = await eventually(() => rewrappers.up().find((one) => heldBy(one).length > 0) ?? false, wait);
    const held = new Set(heldBy(member).map(({ number }) => number));
    const taken = () =>
      work.open().filter(({ number, owner }) => held.has(number) && !owner?.startsWith(`${member.name}/`)).length;
    frozen.add(member);
    member.process.kill("SIGSTOP");
    try {
      await pause(ms, over);
      takenWhileFrozen += await eventually(() => taken() || false, wait);
    } finally {
      member.process.kill("SIGCONT");
      frozen.delete(member);
    }
  };

  const carryOut = async (incident: Incident): Promise<void> => {
    switch (incident.kind) {
      case "flush-redis":
        return void (await redis.flushall());
      case "kill-control":
        return control.kill(await eventually(() => pick(control) ?? false, { timeoutMs: 60_000, signal: over }));
      case "freeze-rewrapper":
        return freeze(incident.ms);
      case "errors":
        return faults.during(incident.injections, incident.ms);
    }
  };

  const keepToSchedule = async () => {
    const going: Promise<void>[] = [];
    for (const incident of schedule) {
      while (!over.aborted && reEncrypted(stack) < incident.at * deps.wraps) await pause(50, over);
      if (over.aborted) break;
      incidents.push(incident);
      const carriedOut = carryOut(incident).catch((error: unknown) => {
        if (!over.aborted) throw error;
      });
      // Heard below.
      carriedOut.catch(() => undefined);
      going.push(carriedOut);
    }
    await Promise.all(going);
  };

  await Promise.all([keepKilling(), keepToSchedule()]);
  return { kills, killsAtWork, takenWhileFrozen, incidents };
}

/** Blobs that KMS has re-encrypted and answered with, since its counts were reset. No wrap is swapped without one. */
function reEncrypted(stack: Stack): number {
  const { calls = 0, errors = {} } = stack.aws.control.callCounts()[region]?.kms.ReEncrypt ?? {};
  return calls - Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** Not a wait for anything: when what happens is what the seed decides. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
