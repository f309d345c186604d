import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { away, home, startTwoRegions, type TwoRegions } from "../plan/testing/two-regions.ts";
import { type CopiesDesk, copiesDesk, people } from "./testing/copies-desk.ts";
import type { PairedDeployment } from "./testing/paired-deployment.ts";

describe("a campaign with copies, under which the home moves,", () => {
  let aws: TwoRegions;
  let desk: CopiesDesk;

  beforeAll(async () => {
    aws = await startTwoRegions();
  });
  beforeEach(async () => {
    desk = await copiesDesk(aws);
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  /** As a failover does it that cannot reach the control Region: the Region that takes over alone knows. */
  const moveHome = (pair: PairedDeployment, region: string, epoch: number) => {
    const moved = { profile: people, region, epoch, since: new Date().toISOString() };
    return pair.stores(away).state.putHome(moved, { epoch: epoch === 2 ? undefined : epoch - 1 });
  };
  /** What a campaign of the Region that took over makes of its wraps. */
  const leaveForOtherKey = async (pair: PairedDeployment) => {
    const { deks } = pair.stores(away);
    for (const { id, blob, context } of await desk.wrapsIn(pair, away)) {
      const keys = { sourceKeyArn: desk.from.there, targetKeyArn: desk.to.there };
      const made = await aws.kms(away).reEncrypt({ blob, ...keys, sourceContext: context, targetContext: context });
      const next = { keyArn: desk.to.there, blob: made.blob, wrappedAt: new Date().toISOString() };
      await deks.swapWrap(id, away, blob, next);
    }
    return desk.wrapsIn(pair, away);
  };
  const resume = async (pair: PairedDeployment, id: string) => {
    const { campaigns } = pair.stores(home);
    const paused = (await campaigns.get(id)) ?? expect.fail("it is there");
    const act = { at: new Date().toISOString(), actor: "a", reason: "b" };
    await applyTrigger(campaigns, paused, { kind: "resume" }, act);
  };

  it("pauses with the reason, writes nothing over, and is refused its end for as long as the home is another one", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    await pair.bear(12, people);
    await aws.rotate(home, desk.from.atHome);
    const { id } = await pair.start(desk.rotation());
    await moveHome(pair, away, 2);
    const there = await leaveForOtherKey(pair);
    const { campaigns } = pair.stores(home);
    const untilPaused = async () => {
      await using crew = await pair.crew();
      expect(await crew.until(id, "paused")).toBe("paused");
      expect((await campaigns.get(id))?.last.reason).toContain("CAMPAIGN_HOME_MOVED");
    };
    await untilPaused();
    await resume(pair, id);
    await untilPaused();
    expect(await desk.wrapsIn(pair, away)).toEqual(there);
  });

  it("goes on where it was once the home is back", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(12, people);
    await aws.rotate(home, desk.from.atHome);
    const { id } = await pair.start(desk.rotation());
    await moveHome(pair, away, 2);
    await using crew = await pair.crew();
    await crew.until(id, "paused");
    await moveHome(pair, home, 3);
    await resume(pair, id);
    expect(await crew.until(id, "paused")).toBe("complete");
    await desk.expectCopied(pair, desk.from, born);
  });
});
