import { CancelKeyDeletionCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import { dayMs, openDesk, type RetirementDesk, togetherYes } from "./testing/retirement-desk.ts";

let home: CampaignRegion;
let desk: RetirementDesk;
beforeAll(async () => {
  home = await startCampaignRegion();
});
afterAll(() => home[Symbol.asyncDispose]());

describe("a key that its retirement has disabled", () => {
  beforeEach(async () => {
    desk = await openDesk(home);
    await desk.retire();
    desk.aheadMs = 37 * dayMs;
    await desk.retire();
    desk.aheadMs = 0;
  });

  it("is not deleted once it is enabled again", async () => {
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: desk.old }));
    expect(await desk.schedule()).toMatchObject({ outcome: "refused", blockers: [{ kind: "key-state" }] });
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
  });

  it("is not deleted where it was used since, unless an operator says why that does not count", async () => {
    const { state } = desk.stores;
    const { version, ...facts } = (await state.getRetirement(desk.old)) ?? expect.fail("no retirement");
    // KMS's clock cannot be moved: the key was disabled before.
    await state.putRetirement({ ...facts, disabledAt: "2026-01-01T00:00:00.000Z" }, { version });
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: desk.old }));
    await desk.use(desk.old);
    await home.kms.disableKey(desk.old);
    expect(await desk.schedule()).toMatchObject({ outcome: "refused", blockers: [{ kind: "used" }] });
    expect(await desk.stateOf(desk.old)).toBe("Disabled");
    const accepted = await desk.schedule({ acceptUse: "a look into last year's archive" });
    expect(accepted.outcome).toBe("deletion-scheduled");
    expect(accepted.retirement?.notes.map(({ what }) => what).join()).toContain("last year's archive");
  });

  it("keeps its retirement when its deletion is cancelled, and can be deleted later", async () => {
    await desk.schedule();
    await home.clients.kms.send(new CancelKeyDeletionCommand({ KeyId: desk.old }));
    const cancelled = await desk.retire();
    expect(cancelled.outcome).toBe("already-disabled");
    expect(cancelled.retirement).not.toHaveProperty("deletionAt");
    expect(await desk.schedule()).toMatchObject({ outcome: "deletion-scheduled" });
  });

  it("of two operators that ask for its deletion at once, one is told that somebody else did", async () => {
    const confirm = togetherYes(2);
    const ends = await Promise.allSettled([7, 30].map((days) => desk.schedule({ confirm, days })));
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await desk.stateOf(desk.old)).toBe("PendingDeletion");
  });

  it("is deleted once, where the answer to scheduling it was lost", async () => {
    const deps = desk.deps();
    const scheduleKeyDeletion: typeof deps.kms.scheduleKeyDeletion = async (...args) => {
      await deps.kms.scheduleKeyDeletion(...args);
      return deps.kms.scheduleKeyDeletion(...args);
    };
    const scheduled = await desk.schedule({}, { ...deps, kms: { ...deps.kms, scheduleKeyDeletion } });
    const { deletionAt } = await home.kms.describeKey(desk.old);
    expect(scheduled).toMatchObject({ outcome: "deletion-scheduled", retirement: { deletionAt } });
  });
});
