/** Carries out a schedule while a campaign runs, and kills its rewrappers on top of it, until the campaign is over. */

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
  readonly redis: Redis;
  readonly rewrappers: Crew;
  readonly control: Crew;
  readonly work: WorkWatch;
  readonly random: () => number;
  /** How many wraps the campaign is to rewrap. */
  readonly wraps: number;
}

export interface ChaosReport {
  /** Rewrappers killed in that status of the campaign, while segments of it were open. */
  readonly kills: { readonly running: number; readonly verifying: number };
  /** Kills of a rewrapper that had claimed a segment last which was open. */
  readonly killsAtWork: number;
  /** Segments that somebody took from a frozen rewrapper, which then went on with them. */
  readonly takenWhileFrozen: number;
  /** In the order of their beginning. */
  readonly incidents: readonly Incident[];
}

/** Between two kills, in milliseconds. */
const killEveryMs = { least: 700, most: 1_300 };

export async function raiseChaos(schedule: readonly Incident[], deps: ChaosDeps): Promise<ChaosReport> {
  const { stack, redis, rewrappers, control, work, random } = deps;
  const { over } = work;
  const faults = createFaults(stack.aws.control, region);
  const kills = { running: 0, verifying: 0 };
  const incidents: Incident[] = [];
  const frozen = new Set<Member>();
  let killsAtWork = 0;
  let takenWhileFrozen = 0;

  const pick = (crew: Crew): Member | undefined => {
    const members = crew.up().filter((member) => !frozen.has(member));
    return members[Math.floor(random() * members.length)];
  };
  const heldBy = ({ name }: Member) => work.open().filter(({ owner }) => owner?.startsWith(`${name}/`));

  const keepKilling = async () => {
    while (!over.aborted) {
      await pause(killEveryMs.least + random() * (killEveryMs.most - killEveryMs.least), over);
      const member = pick(rewrappers);
      const { status } = work;
      if (!member || work.open().length === 0 || (status !== "running" && status !== "verifying")) continue;
      kills[status] += 1; console.error(new Date().toISOString(), reEncrypted(stack), "kill", member.name, status, work.open().length, heldBy(member).length, rewrappers.up().length);
      if (heldBy(member).length > 0) killsAtWork += 1;
      await rewrappers.kill(member);
    }
  };

  const freeze = async (ms: number) => {
    const member = await eventually(() => rewrappers.up().find((one) => heldBy(one).length > 0) ?? false, {
      timeoutMs: 60_000,
      signal: over,
    });
    const held = heldBy(member).map(({ number }) => number);
    frozen.add(member);
    member.process.kill("SIGSTOP");
    await pause(ms, over);
    takenWhileFrozen += work
      .open()
      .filter(({ number, owner }) => held.includes(number) && !owner?.startsWith(`${member.name}/`)).length;
    member.process.kill("SIGCONT");
    frozen.delete(member);
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
      incidents.push(incident); console.error(new Date().toISOString(), reEncrypted(stack), JSON.stringify(incident), work.status, rewrappers.up().length);
      going.push(
        carryOut(incident).catch((error: unknown) => {
          if (!over.aborted) throw error;
        }),
      );
    }
    await Promise.all(going);
  };

  await Promise.all([keepKilling(), keepToSchedule()]);
  return { kills, killsAtWork, takenWhileFrozen, incidents };
}

/** Blobs that KMS has re-encrypted and answered with. No wrap is swapped without one. */
function reEncrypted(stack: Stack): number {
  const { calls = 0, errors = {} } = stack.aws.control.callCounts()[region]?.kms.ReEncrypt ?? {};
  return calls - Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** Not a wait for anything: when what happens is what the seed decides. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
