/** What KMS does in the course of time, under a clock that the test moves. */
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { REGION, REPLICA, type StartedForTest, startForTest } from "../testing/local-clients.ts";

const DAY = 86_400_000;

function movableClock() {
  let time = Date.UTC(2026, 0, 1);
  return { now: () => time, pass: (ms: number) => (time += ms) };
}

async function describeKey(local: StartedForTest, KeyId: string, region = REGION) {
  return (await local.kms(region).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
}

describe("scheduled deletion", () => {
  it("ends a key with its aliases when its time has come", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now });
    const arn = await local.createKey();
    await local.kms().send(new CreateAliasCommand({ AliasName: "alias/short", TargetKeyId: arn }));
    await local.kms().send(new ScheduleKeyDeletionCommand({ KeyId: arn, PendingWindowInDays: 7 }));
    clock.pass(7 * DAY - 1);
    expect((await describeKey(local, arn))?.KeyState).toBe("PendingDeletion");
    clock.pass(1);
    expect(await local.errorOf(describeKey(local, arn))).toBe("NotFoundException");
    expect((await local.kms().send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  });

  it("keeps a primary until its last replica is gone, and only then starts its window", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now });
    const arn = await local.createKey({ MultiRegion: true });
    const replica = arn.replace(REGION, REPLICA);
    await local.kms().send(new ReplicateKeyCommand({ KeyId: arn, ReplicaRegion: REPLICA }));
    await local.kms().send(new ScheduleKeyDeletionCommand({ KeyId: arn, PendingWindowInDays: 10 }));
    clock.pass(100 * DAY);
    expect(await describeKey(local, arn)).toMatchObject({
      KeyState: "PendingReplicaDeletion",
      PendingDeletionWindowInDays: 10,
    });
    expect(await local.errorOf(local.dataKey(replica, REPLICA))).toBe("none");
    await local.kms(REPLICA).send(new ScheduleKeyDeletionCommand({ KeyId: replica, PendingWindowInDays: 7 }));
    clock.pass(7 * DAY);
    const waiting = await describeKey(local, arn);
    expect(waiting?.KeyState).toBe("PendingDeletion");
    expect(waiting?.DeletionDate?.getTime()).toBe(clock.now() + 10 * DAY);
    await local.kms().send(new CancelKeyDeletionCommand({ KeyId: arn }));
    expect((await describeKey(local, arn))?.KeyState).toBe("Disabled");
  });
});

describe("scheduled rotation", () => {
  it("comes once a period, while the key is enabled", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now });
    const arn = await local.createKey();
    const blob = await local.dataKey(arn);
    await local.kms().send(new EnableKeyRotationCommand({ KeyId: arn, RotationPeriodInDays: 90 }));
    clock.pass(181 * DAY);
    const { Rotations: rotations = [] } = await local.kms().send(new ListKeyRotationsCommand({ KeyId: arn }));
    expect(rotations.map(({ RotationType }) => RotationType)).toEqual(["AUTOMATIC", "AUTOMATIC"]);
    expect(await local.errorOf(local.kms().send(new DecryptCommand({ CiphertextBlob: blob })))).toBe("none");
    await local.kms().send(new DisableKeyCommand({ KeyId: arn }));
    clock.pass(90 * DAY);
    const later = await local.kms().send(new ListKeyRotationsCommand({ KeyId: arn }));
    expect(later.Rotations).toHaveLength(2);
  });
});

describe("transient states", () => {
  it("hold back a replica until it is there", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now, kms: { settleMs: 2000 } });
    const arn = await local.createKey({ MultiRegion: true });
    const replica = arn.replace(REGION, REPLICA);
    const answer = await local.kms().send(new ReplicateKeyCommand({ KeyId: arn, ReplicaRegion: REPLICA }));
    expect(answer.ReplicaKeyMetadata?.KeyState).toBe("Creating");
    expect(await local.errorOf(local.dataKey(replica, REPLICA))).toBe("KMSInvalidStateException");
    clock.pass(2000);
    expect(await local.errorOf(local.dataKey(replica, REPLICA))).toBe("none");
  });

  it("keep the old material current while a rotation is in progress, and refuse another", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now, kms: { settleMs: 2000 } });
    const arn = await local.createKey();
    const before = (await describeKey(local, arn))?.CurrentKeyMaterialId;
    const rotate = () => local.kms().send(new RotateKeyOnDemandCommand({ KeyId: arn }));
    await rotate();
    const status = await local.kms().send(new GetKeyRotationStatusCommand({ KeyId: arn }));
    expect(status.OnDemandRotationStartDate?.getTime()).toBe(clock.now());
    expect((await describeKey(local, arn))?.CurrentKeyMaterialId).toBe(before);
    expect(await local.errorOf(rotate())).toBe("ConflictException");
    clock.pass(2000);
    expect((await describeKey(local, arn))?.CurrentKeyMaterialId).not.toBe(before);
    expect(await local.errorOf(rotate())).toBe("none");
  });

  it("show a change of primary as Updating, in which keys are used but not managed", async () => {
    const clock = movableClock();
    await using local = await startForTest({ now: clock.now, kms: { settleMs: 2000 } });
    const arn = await local.createKey({ MultiRegion: true });
    await local.kms().send(new ReplicateKeyCommand({ KeyId: arn, ReplicaRegion: REPLICA }));
    clock.pass(2000);
    await local.kms().send(new UpdatePrimaryRegionCommand({ KeyId: arn, PrimaryRegion: REPLICA }));
    expect((await describeKey(local, arn))?.KeyState).toBe("Updating");
    expect(await local.errorOf(local.dataKey(arn))).toBe("none");
    const disable = () => local.kms().send(new DisableKeyCommand({ KeyId: arn }));
    expect(await local.errorOf(disable())).toBe("KMSInvalidStateException");
    clock.pass(2000);
    expect(await local.errorOf(disable())).toBe("none");
  });
});
