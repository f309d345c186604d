import { randomInt } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { requireCovered, requireLosers, requireSame, untilQuiet, winners } from "./chaos/recovery/check-end.ts";
import { comeBack } from "./chaos/recovery/come-back.ts";
import { cutReplica, pause } from "./chaos/recovery/cut-replica.ts";
import { loseHome } from "./chaos/recovery/lose-home.ts";
import { recordsIn } from "./chaos/recovery/records-in.ts";
import { home, type Scene, setScene } from "./chaos/recovery/scene.ts";
import { takeOver } from "./chaos/recovery/take-over.ts";

const seed = Number(process.env.DEKHAND_CHAOS_SEED ?? randomInt(2 ** 31));

describe(`Regions lost while records come in (DEKHAND_CHAOS_SEED=${seed})`, { timeout: 900_000 }, () => {
  let scene: Scene;
  afterEach(() => scene?.[Symbol.asyncDispose]());

  it("loses no acknowledged record, misses no more than was told, and ends with the same in every Region", async () => {
    scene = await setScene(seed);
    const { stack, book, producer, plan, first, second } = scene;
    await pause(3_000);
    const outage = await cutReplica(scene);
    const loss = await loseHome(scene);
    const interim = await takeOver(scene, loss.missing);
    const returned = await comeBack(scene, interim.stored);

    producer.turnTo(first.queue);
    const turnedAt = Date.now();
    await pause(2_000);
    await producer.stop();
    await untilQuiet(scene);
    const { heads } = await recordsIn(stack, home);
    const after = [...producer.taken].flatMap(([id, { at }]) => (at > turnedAt ? [book.get(id)] : []));
    expect(after.length).toBeGreaterThan(0);
    for (const { recordId } of after) expect(heads.get(recordId)?.epoch, recordId).toBe(3);
    await requireCovered(scene);
    const jobs = winners(scene);
    await requireSame(scene, jobs);
    const losers = await requireLosers(scene, [...interim.rivals, ...returned.rivals]);
    expect([...first.services.crashes(), ...second.services.crashes()]).toEqual([]);

    const { acknowledged, submitted, p90Ms } = outage.pace;
    const counts = [
      `replica cut off (${plan.replicaCut.join(", ")}): ${acknowledged} of ${submitted} acknowledged, nine of ten within ${p90Ms} ms`,
      `${outage.lacked} paid within ${outage.paidMs} ms`,
      `home lost (${plan.homeCut}, ${plan.stall}): ${loss.missing.length} missing <= ${loss.owed} owed + ${loss.acknowledgedLater} later, ${loss.opened} opened`,
      `taken over: ${interim.pace.acknowledged} of ${interim.pace.submitted} acknowledged`,
      `back within ${returned.failbackMs} ms, ${returned.late.length} late`,
      `${jobs.length} records of ${book.size} jobs the same in all Regions, ${losers} losers kept`,
    ];
    process.stdout.write(`seed ${seed}: ${counts.join("; ")}\n`);
  });
});
