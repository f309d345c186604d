import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AssembledEncryptor } from "./assemble.ts";
import { away, home, type ReplicaDeployment, startReplicaDeployment } from "./testing/replica-deployment.ts";

/** An encryptor of the replica Region, before and after failovers. */

let deployment: ReplicaDeployment;
let encryptor: AssembledEncryptor | undefined;

beforeAll(async () => {
  deployment = await startReplicaDeployment(["people", "orders", "bills"]);
});
afterEach(async () => {
  await encryptor?.drain({ ms: 2_000 });
  encryptor = undefined;
  deployment.aws.control.clearFaults();
});
afterAll(() => deployment[Symbol.asyncDispose]());

const start = async () => {
  encryptor = deployment.encryptor();
  await encryptor.start();
};

const submit = (profile: string, recordId: string) =>
  deployment.client.submit({ recordId, profile, context: {}, payload: Buffer.from(recordId) });

const stored = (region: string, recordId: string) =>
  eventually(async () => (await deployment.stores(region).records.get(recordId)) ?? false);

const failOver = (profile: string, region: string, epoch: number) =>
  deployment
    .stores(away)
    .state.putHome(
      { profile, region, epoch, since: "2026-11-23T10:00:00.000Z" },
      { epoch: epoch === 1 ? undefined : epoch - 1 },
    );

describe("records of a profile whose home a failover has moved", () => {
  it("are sealed under the higher epoch and a new DEK of the new home, and stored there", async () => {
    await start();
    await submit("people", "before");
    const before = await stored(home, "before");
    expect(before.epoch).toBe(1);

    expect(await failOver("people", away, 2)).toBe("stored");
    let moved = 0;
    const after = await eventually(async () => {
      moved += 1;
      await submit("people", `after-${moved}`);
      const record = await eventually(
        async () =>
          (await deployment.stores(away).records.get(`after-${moved}`)) ??
          (await deployment.stores(home).records.get(`after-${moved}`)) ??
          false,
      );
      return record.epoch === 2 && record;
    });
    expect(await deployment.stores(home).records.get(after.recordId)).toBeUndefined();
    expect(after.dekId).not.toBe(before.dekId);
    expect(await deployment.stores(away).deks.get(after.dekId, away)).toMatchObject({
      dek: { home: away, profile: "people" },
      wrap: { keyArn: deployment.keys[away] },
    });
  });

  it.each([
    { profile: "orders", mode: "reset" },
    { profile: "bills", mode: "hang" },
  ] as const)(
    "wait while the old home is cut off ($mode), and are stored in the new one once there is one",
    async (way) => {
      const { profile, mode } = way;
      deployment.aws.control.cutOff(home, true, { mode });
      await start();
      await submit(profile, `waits ${mode}`);
      await eventually(async () => (await deployment.stores(away).state.getHome(profile)) !== undefined);
      expect(await failOver(profile, away, 2)).toBe("stored");
      const record = await stored(away, `waits ${mode}`);
      expect(record.epoch).toBe(2);
      const { payload } = await deployment.client.read(`waits ${mode}`, {});
      expect(payload.toString()).toBe(`waits ${mode}`);
    },
  );
});

describe("an encryptor", () => {
  it("starts and works while a Region other than its control Region is cut off", async () => {
    deployment.aws.control.cutOff(home, true);
    await start();
    expect(encryptor?.consumers()).toHaveLength(1);
    await submit("people", "while-cut");
    expect((await stored(away, "while-cut")).epoch).toBe(2);
    await eventually(() => encryptor?.ready() ?? false);
  });

  it("does not start without its control Region", async () => {
    deployment.aws.control.cutOff(away, true);
    await expect(deployment.encryptor().start()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
